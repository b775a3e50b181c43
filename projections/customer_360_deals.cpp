// Deals and orders of customer_360: what one deal or order adds is taken away and added anew.
//
// Tables: 'D' deal as all its events tell; 'd' customer, deal as the events with that customer
// tell; 'o' customer, order.
#include "core/crm/order_events.hpp"
#include "projections/customer_360_fold.hpp"
#include "projections/deal_state.hpp"

namespace factum::projections::fold_360 {
namespace {

void count_deal(Deals360& deals, const DealState& deal, std::int64_t times) {
  if (deal.is_open()) {
    deals.open += times;
    tally(deals.open_value, deal.amount, times);
  } else if (deal.status == DealStatus::won) {
    deals.won += times;
    tally(deals.won_value, deal.amount, times);
  } else if (deal.status == DealStatus::lost) {
    deals.lost += times;
  }
}

void replace(ViewBatch& rows, const crm::CustomerId& customer, const DealState& before,
             const DealState& after) {
  if (before == after) return;
  Deals360& deals = row_of(rows, customer).deals;
  count_deal(deals, before, -1);
  count_deal(deals, after, 1);
}

ViewKey share_key(const crm::CustomerId& customer, const crm::DealId& deal) {
  return ViewKey('d').id(customer).id(deal);
}

void note(Deals360& /*deals*/, const auto& /*event*/, std::optional<Timestamp> /*at*/) {}
void note(Deals360& deals, const crm::DealWon& /*event*/, std::optional<Timestamp> at) {
  take_later(deals.last_won_at, at);
}
void note(Deals360& deals, const crm::DealLost& event, std::optional<Timestamp> at) {
  if (take_later(deals.last_lost_at, at) || !deals.last_lost_reason)
    deals.last_lost_reason = event.reason;
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  const auto occurred = at.record().occurred_at;
  evolve(rows.edit<DealState>(ViewKey('D').id(e.deal)), e, occurred);
  const auto customer = customer_of(e);
  if (!customer) return;
  DealState& share = rows.edit<DealState>(share_key(*customer, e.deal));
  const DealState before = share;
  evolve(share, e, occurred);
  const DealState after = share;
  replace(rows, *customer, before, after);
  note(row_of(rows, *customer).deals, e, occurred);
}

// The new customer takes the deal over as it is, the former one has it no longer.
void on_reassigned(ViewBatch& rows, const crm::DealCustomerAssigned& e, const DecodedEvent& at) {
  DealState& all = rows.edit<DealState>(ViewKey('D').id(e.deal));
  evolve(all, e, at.record().occurred_at);
  const DealState now = all;
  if (e.previous_customer && *e.previous_customer != e.customer) {
    const ViewKey key = share_key(*e.previous_customer, e.deal);
    if (const DealState* share = rows.find<DealState>(key)) {
      replace(rows, *e.previous_customer, DealState(*share), {});
      rows.erase(key);
    }
  }
  DealState& share = rows.edit<DealState>(share_key(e.customer, e.deal));
  const DealState before = share;
  share = now;
  replace(rows, e.customer, before, now);
}

template <class... E>
void register_each(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&on_deal<E>), ...);
}

// ---- orders -----------------------------------------------------------------------------------

struct OrderShare {
  bool placed = false;
  bool cancelled = false;
  std::optional<Money> total;

  static void describe(FieldVisitor& v, OrderShare& o) {
    v.shown("placed", o.placed, "Whether the order itself is known");
    v.shown("cancelled", o.cancelled, "Called off");
    v.shown("total", o.total, "Value");
  }
};

void count_order(Orders360& orders, const OrderShare& order, std::int64_t times) {
  if (order.cancelled) orders.cancelled += times;
  if (!order.placed || order.cancelled) return;
  orders.count += times;
  tally(orders.placed, order.total, times);
  if (order.total) add_sum(orders.net_revenue, *order.total, times);
}

template <class Change>
void change_order(ViewBatch& rows, const crm::CustomerId& customer, const crm::OrderId& order,
                  Change change) {
  OrderShare& share = rows.edit<OrderShare>(ViewKey('o').id(customer).id(order));
  Orders360& orders = row_of(rows, customer).orders;
  count_order(orders, share, -1);
  change(share);
  count_order(orders, share, 1);
  orders.average_value.clear();
  for (const CurrencyTally& item : orders.placed)
    orders.average_value.push_back(mean_of(item.sum, item.count));
}

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at) {
  if (!e.customer) return;
  change_order(rows, *e.customer, e.order, [&](OrderShare& share) {
    share.placed = true;
    if (!share.total) share.total = e.total;
  });
  const auto occurred = at.record().occurred_at;
  Orders360& orders = row_of(rows, *e.customer).orders;
  take_later(orders.last_at, occurred);
  if (occurred && (!orders.first_at || *occurred < *orders.first_at)) orders.first_at = occurred;
}

void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  change_order(rows, *e.customer, e.order, [&](OrderShare& share) {
    share.placed = true;
    share.total = e.total;
  });
}

// The former customer has the order no longer; its lines follow for the new one.
void reassigned(ViewBatch& rows, const crm::OrderCustomerAssigned& e, const DecodedEvent& /*at*/) {
  if (!e.previous_customer || *e.previous_customer == e.customer) return;
  change_order(rows, *e.previous_customer, e.order, [](OrderShare& share) { share = {}; });
}

void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  change_order(rows, *e.customer, e.order, [](OrderShare& share) { share.cancelled = true; });
}

void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  Orders360& orders = row_of(rows, *e.customer).orders;
  ++orders.returns;
  add_sum(orders.net_revenue, e.total, -1);
}

void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  Orders360& orders = row_of(rows, *e.customer).orders;
  add_sum(orders.net_revenue, e.previous_total);
  add_sum(orders.net_revenue, e.total, -1);
}

void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& /*at*/) {
  if (e.customer) add_sum(row_of(rows, *e.customer).orders.net_revenue, e.amount);
}

void paid(ViewBatch& rows, const crm::PaymentReceived& e, const DecodedEvent& /*at*/) {
  if (e.customer) add_sum(row_of(rows, *e.customer).orders.paid, e.amount);
}

void refunded(ViewBatch& rows, const crm::RefundIssued& e, const DecodedEvent& /*at*/) {
  if (e.customer) add_sum(row_of(rows, *e.customer).orders.refunded, e.amount);
}

}  // namespace

void register_deals(Projection& projection) {
  register_each(projection, DealStateEvents{});
  projection.on<crm::DealCustomerAssigned>(&on_reassigned);
}

void register_orders(Projection& projection) {
  projection.on<crm::OrderPlaced>(&placed);
  projection.on<crm::OrderCorrected>(&corrected);
  projection.on<crm::OrderCustomerAssigned>(&reassigned);
  projection.on<crm::OrderCancelled>(&cancelled);
  projection.on<crm::ReturnReceived>(&returned);
  projection.on<crm::ReturnCorrected>(&return_corrected);
  projection.on<crm::AdjustmentRecorded>(&adjusted);
  projection.on<crm::PaymentReceived>(&paid);
  projection.on<crm::RefundIssued>(&refunded);
}

}  // namespace factum::projections::fold_360
