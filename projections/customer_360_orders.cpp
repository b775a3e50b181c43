// Orders of customer_360: what one order adds is taken away and added anew.
//
// Tables: 'O' order as all its events tell; 'o' customer, order as the events with that customer
// tell; 'w' customer, date, order: when its orders were placed.
//
// Rows of a customer follow from events with its tag, and of orders that it took over; so a view as
// of a position is a short fold.
#include "core/crm/order_events.hpp"
#include "projections/customer_360_shares.hpp"

#include <algorithm>

namespace factum::projections::fold_360 {
namespace {

struct OrderFigures {
  bool placed = false;
  bool cancelled = false;
  std::optional<Timestamp> placed_at;
  std::optional<Money> total;
  std::int64_t returns = 0;
  MoneySums returned;
  MoneySums adjusted;
  MoneySums paid;
  MoneySums refunded;

  static void describe(FieldVisitor& v, OrderFigures& o) {
    v.shown("placed", o.placed, "Whether the order itself is known");
    v.shown("cancelled", o.cancelled, "Called off");
    v.shown("placed_at", o.placed_at, "When it was placed; absent = undated");
    v.shown("total", o.total, "Value");
    v.shown("returns", o.returns, "How many returns");
    v.shown("returned", o.returned, "Value of what came back");
    v.shown("adjusted", o.adjusted, "Amounts booked without goods");
    v.shown("paid", o.paid, "Payments");
    v.shown("refunded", o.refunded, "Money paid back");
  }
};

void count_order(Orders360& orders, const OrderFigures& order, std::int64_t times) {
  orders.returns += order.returns * times;
  add_all(orders.net_revenue, order.returned, -times);
  add_all(orders.net_revenue, order.adjusted, times);
  add_all(orders.paid, order.paid, times);
  add_all(orders.refunded, order.refunded, times);
  if (order.cancelled) orders.cancelled += times;
  if (!order.placed || order.cancelled) return;
  orders.count += times;
  tally(orders.placed, order.total, times);
  if (order.total) add_to(orders.net_revenue, *order.total, times);
}

ViewKey dates_key(const crm::CustomerId& customer) { return ViewKey('w').id(customer); }
ViewKey date_key(const crm::CustomerId& customer, Timestamp placed_at, const crm::OrderId& order) {
  return dates_key(customer).time(placed_at).id(order);
}

std::optional<Timestamp> outermost_date(ViewBatch& rows, const crm::CustomerId& customer,
                                        bool last) {
  const auto key = rows.outermost_key(dates_key(customer), last);
  if (!key) return std::nullopt;
  ViewKeyReader reader(*key);
  reader.id();
  return reader.time();
}

// Only when the first or the last order leaves are the dates of the others looked for.
void change_date(ViewBatch& rows, const crm::CustomerId& customer, const crm::OrderId& order,
                 const std::optional<Timestamp>& before, const std::optional<Timestamp>& after) {
  if (before == after) return;
  if (before) rows.erase(date_key(customer, *before, order));
  if (after) rows.put_bytes(date_key(customer, *after, order), {});
  Orders360& orders = row_of(rows, customer).orders;
  if (before && (before == orders.first_at || before == orders.last_at)) {
    orders.first_at = outermost_date(rows, customer, false);
    orders.last_at = outermost_date(rows, customer, true);
  } else if (after) {
    orders.first_at = std::min(orders.first_at.value_or(*after), *after);
    take_later(orders.last_at, after);
  }
}

void replace(ViewBatch& rows, const crm::CustomerId& customer, const crm::OrderId& order,
             const OrderFigures& before, const OrderFigures& after) {
  Orders360& orders = row_of(rows, customer).orders;
  count_order(orders, before, -1);
  count_order(orders, after, 1);
  orders.average_value.clear();
  for (const CurrencyTally& item : orders.placed)
    orders.average_value.push_back(mean_of(item.sum, item.count));
  change_date(rows, customer, order, before.placed_at, after.placed_at);
}

constexpr Shares<crm::OrderId, OrderFigures> kOrders{'O', 'o', &replace};

// What is about no order counts at the customer alone.
template <class Change>
void change_order(ViewBatch& rows, const std::optional<crm::OrderId>& order,
                  const std::optional<crm::CustomerId>& named, Change change) {
  if (order) return kOrders.tell(rows, *order, named, change);
  if (!named) return;
  OrderFigures alone;
  change(alone);
  count_order(row_of(rows, *named).orders, alone, 1);
}

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    order.placed = true;
    order.placed_at = at.record().occurred_at;
    if (!order.total) order.total = e.total;
  });
}

void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    order.placed = true;
    order.total = e.total;
  });
}

void details_corrected(ViewBatch& rows, const crm::OrderDetailsCorrected& e,
                       const DecodedEvent& /*at*/) {
  if (!e.placed_at) return;
  change_order(rows, e.order, e.customer,
               [&](OrderFigures& order) { order.placed_at = e.placed_at; });
}

void reassigned(ViewBatch& rows, const crm::OrderCustomerAssigned& e, const DecodedEvent& /*at*/) {
  kOrders.hand_over(rows, e.order, e.previous_customer, e.customer);
}

void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [](OrderFigures& order) { order.cancelled = true; });
}

void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    ++order.returns;
    add_to(order.returned, e.total);
  });
}

void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    add_to(order.returned, e.previous_total, -1);
    add_to(order.returned, e.total);
  });
}

void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer,
               [&](OrderFigures& order) { add_to(order.adjusted, e.amount); });
}

void paid(ViewBatch& rows, const crm::PaymentReceived& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer,
               [&](OrderFigures& order) { add_to(order.paid, e.amount); });
}

void payment_corrected(ViewBatch& rows, const crm::PaymentCorrected& e,
                       const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    add_to(order.paid, e.previous_amount, -1);
    add_to(order.paid, e.amount);
  });
}

void refund_corrected(ViewBatch& rows, const crm::RefundCorrected& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer, [&](OrderFigures& order) {
    add_to(order.refunded, e.previous_amount, -1);
    add_to(order.refunded, e.amount);
  });
}

void refunded(ViewBatch& rows, const crm::RefundIssued& e, const DecodedEvent& /*at*/) {
  change_order(rows, e.order, e.customer,
               [&](OrderFigures& order) { add_to(order.refunded, e.amount); });
}

}  // namespace

void register_orders(Projection& projection) {
  projection.on<crm::OrderPlaced>(&placed);
  projection.on<crm::OrderCorrected>(&corrected);
  projection.on<crm::OrderDetailsCorrected>(&details_corrected);
  projection.on<crm::OrderCustomerAssigned>(&reassigned);
  projection.on<crm::OrderCancelled>(&cancelled);
  projection.on<crm::ReturnReceived>(&returned);
  projection.on<crm::ReturnCorrected>(&return_corrected);
  projection.on<crm::AdjustmentRecorded>(&adjusted);
  projection.on<crm::PaymentReceived>(&paid);
  projection.on<crm::PaymentCorrected>(&payment_corrected);
  projection.on<crm::RefundIssued>(&refunded);
  projection.on<crm::RefundCorrected>(&refund_corrected);
}

}  // namespace factum::projections::fold_360
