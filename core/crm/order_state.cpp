// How the events of an order and of a return make their states.
#include "core/crm/differences.hpp"
#include "core/crm/order.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

const Owner kCustomer{"customer", {}};

// Orders that were never recorded have an id and a customer all the same.
void take_reference(Order& order, const OrderId& id, const std::optional<CustomerId>& customer) {
  order.id = id;
  if (!order.customer) order.customer = customer;
}

// The sums go from what was recorded to what is right.
void replace(MoneySums& sums, const Money& before, const Money& after) {
  add_to(sums, before, -1);
  add_to(sums, after);
}

void rebook(Bookings& bookings, const Uuid& corrected_by, const Booking& booking) {
  std::erase_if(bookings, [&](const auto& known) { return known.second.event == booking.event; });
  bookings[corrected_by] = booking;
}

// After a correction of the lines of an order that was delivered whole, all of them were.
void keep_fulfilled_lines(Order& order) {
  const auto count = static_cast<std::int64_t>(order.lines.size());
  std::erase_if(order.fulfilled_lines, [&](std::int64_t line) { return line > count; });
  if (!order.is_delivered_whole) return;
  order.fulfilled_lines.clear();
  for (std::int64_t line = 1; line <= count; ++line) order.fulfilled_lines.push_back(line);
}

}  // namespace

void OrderReturn::describe(FieldVisitor& v, OrderReturn& r) {
  v.shown("return", r.return_id, "The return");
  v.shown("lines", r.lines, "What came back");
  v.shown("total", r.total, "Value of what came back");
}

Int128 Order::balance() const {
  MoneySums sums;
  if (status != OrderStatus::cancelled) add_to(sums, total);
  add_all(sums, adjusted);
  add_all(sums, refunded);
  add_all(sums, paid, -1);
  for (const OrderReturn& back : returns) add_to(sums, back.total, -1);
  return sum_in(sums, currency);
}

void Order::evolve(const OrderPlaced& e, const EventInfo& info) {
  id = e.order;
  status = OrderStatus::placed;
  number = e.number;
  origin = e.origin;
  customer = e.customer;
  deal = e.deal;
  owner = e.owner;
  currency = e.currency;
  lines = e.lines;
  total = e.total;
  country = e.country;
  region = e.region;
  ship_mode = e.ship_mode;
  ship_to = e.ship_to;
  note = e.note;
  placed_at = info.occurred_at;
}

void Order::evolve(const OrderCorrected& e, const EventInfo& /*info*/) {
  lines = e.lines;
  total = e.total;
  currency = e.total.currency;
  take_over(country, e.country);
  keep_fulfilled_lines(*this);
}

void Order::evolve(const OrderDetailsCorrected& e, const EventInfo& /*info*/) {
  take_over(placed_at, e.placed_at);
  take_over(region, e.region);
  take_over(ship_mode, e.ship_mode);
  take_over(owner, e.owner);
  take_over(ship_to, e.ship_to);
  take_over(note, e.note);
}

void Order::evolve(const OrderCustomerAssigned& e, const EventInfo& /*info*/) {
  customer = e.customer;
}

void Order::evolve(const OrderConfirmed& /*e*/, const EventInfo& info) {
  status = OrderStatus::confirmed;
  confirmed_at = info.occurred_at;
}

void Order::evolve(const OrderLinesFulfilled& e, const EventInfo& /*info*/) {
  status = OrderStatus::part_fulfilled;
  for (const std::int64_t line : e.lines) {
    const auto place = std::lower_bound(fulfilled_lines.begin(), fulfilled_lines.end(), line);
    if (place == fulfilled_lines.end() || *place != line) fulfilled_lines.insert(place, line);
  }
}

void Order::evolve(const OrderFulfilled& /*e*/, const EventInfo& info) {
  status = OrderStatus::fulfilled;
  fulfilled_at = info.occurred_at;
  is_delivered_whole = true;
  keep_fulfilled_lines(*this);
}

void Order::evolve(const OrderClosed& /*e*/, const EventInfo& info) {
  status = OrderStatus::closed;
  closed_at = info.occurred_at;
}

void Order::evolve(const OrderCancelled& e, const EventInfo& info) {
  status = OrderStatus::cancelled;
  cancelled_at = info.occurred_at;
  cancel_reason = e.reason;
}

void Order::evolve(const PaymentReceived& e, const EventInfo& info) {
  take_reference(*this, e.order, e.customer);
  add_to(paid, e.amount);
  payments[info.event_id] = {e.amount, info.occurred_at, {}, info.event_id};
}

void Order::evolve(const PaymentCorrected& e, const EventInfo& info) {
  replace(paid, e.previous_amount, e.amount);
  rebook(payments, info.event_id, {e.amount, e.received_at, {}, e.payment});
}

void Order::evolve(const ReturnReceived& e, const EventInfo& /*info*/) {
  if (e.order) take_reference(*this, *e.order, e.customer);
  returns.push_back({e.return_id, e.lines, e.total});
}

void Order::evolve(const ReturnCorrected& e, const EventInfo& /*info*/) {
  for (OrderReturn& back : returns) {
    if (back.return_id == e.return_id) back = {e.return_id, e.lines, e.total};
  }
}

void Order::evolve(const RefundIssued& e, const EventInfo& info) {
  take_reference(*this, e.order, e.customer);
  add_to(refunded, e.amount);
  refunds[info.event_id] = {e.amount, info.occurred_at, e.return_id, info.event_id};
}

void Order::evolve(const RefundCorrected& e, const EventInfo& info) {
  replace(refunded, e.previous_amount, e.amount);
  rebook(refunds, info.event_id, {e.amount, e.issued_at, e.return_id, e.refund});
}

void Order::evolve(const AdjustmentRecorded& e, const EventInfo& info) {
  take_reference(*this, e.order, e.customer);
  add_to(adjusted, e.amount);
  add_to(adjustments[e.number][info.occurred_at], e.amount);
}

void Order::describe(FieldVisitor& v, Order& o) {
  v.shown("id", o.id, "The order");
  v.shown("status", o.status, "How far it is; unplaced: only bookings are known");
  v.shown("number", o.number, "Order number as printed");
  v.shown("origin", o.origin, "Shop or system, a code");
  v.shown("customer", o.customer, "The customer, if known");
  v.shown("deal", o.deal, "The deal it came from");
  v.shown("owner", o.owner, "The user who sold it");
  v.shown("currency", o.currency, "ISO 4217 code of its amounts");
  v.shown("lines", o.lines, "What was ordered");
  std::optional<Money> total = o.is_placed() ? std::optional(o.total) : std::nullopt;
  v.shown("total", total, "Sum of the lines");
  v.shown("country", o.country, "Country of delivery");
  v.shown("region", o.region, "Coarse region of delivery");
  v.shown("ship_mode", o.ship_mode, "Way of delivery, a code");
  v.personal("ship_to", o.ship_to, kCustomer, "Address of delivery");
  v.personal("note", o.note, kCustomer, "Note of the customer");
  v.shown("fulfilled_lines", o.fulfilled_lines, "Numbers of the delivered lines, from 1");
  v.shown("paid", o.paid, "Payments, one sum per currency");
  v.shown("refunded", o.refunded, "Money paid back, one sum per currency");
  v.shown("adjusted", o.adjusted, "Bookings without goods, one sum per currency");
  v.shown("returns", o.returns, "What came back");
  std::optional<MoneySum> balance =
      o.is_placed() ? std::optional(MoneySum{o.balance(), o.currency}) : std::nullopt;
  v.shown("balance", balance,
          "What is still to be paid: total and adjustments, less returns and payments, plus "
          "refunds; the total of a cancelled order does not count");
  v.shown("cancel_reason", o.cancel_reason, "Why it was cancelled, a code");
  v.shown("placed_at", o.placed_at, "When it was placed; absent = undated");
  v.shown("confirmed_at", o.confirmed_at, "When it was confirmed");
  v.shown("fulfilled_at", o.fulfilled_at, "When the last part was delivered");
  v.shown("closed_at", o.closed_at, "When it was closed");
  v.shown("cancelled_at", o.cancelled_at, "When it was cancelled");
}

void Return::evolve(const ReturnReceived& e, const EventInfo& info) {
  id = e.return_id;
  order = e.order;
  customer = e.customer;
  number = e.number;
  origin = e.origin;
  lines = e.lines;
  total = e.total;
  country = e.country;
  reason = e.reason;
  received_at = info.occurred_at;
}

void Return::evolve(const ReturnCorrected& e, const EventInfo& /*info*/) {
  lines = e.lines;
  total = e.total;
}

void Return::evolve(const ReturnDetailsCorrected& e, const EventInfo& /*info*/) {
  take_over(received_at, e.received_at);
  take_over(country, e.country);
  take_over(reason, e.reason);
}

void Return::evolve(const ReturnCustomerAssigned& e, const EventInfo& /*info*/) {
  customer = e.customer;
}

void Return::evolve(const RefundIssued& e, const EventInfo& /*info*/) {
  add_to(refunded, e.amount);
}

void Return::evolve(const RefundCorrected& e, const EventInfo& /*info*/) {
  replace(refunded, e.previous_amount, e.amount);
}

void Return::describe(FieldVisitor& v, Return& r) {
  v.shown("id", r.id, "The return");
  v.shown("order", r.order, "The order, if known");
  v.shown("customer", r.customer, "The customer, if known");
  v.shown("number", r.number, "Number as printed");
  v.shown("origin", r.origin, "Shop or system, a code");
  v.shown("lines", r.lines, "What came back");
  v.shown("total", r.total, "Value of what came back");
  v.shown("country", r.country, "Country");
  v.shown("reason", r.reason, "Why, a code");
  v.shown("received_at", r.received_at, "When the goods came; absent = undated");
  v.shown("refunded", r.refunded, "Money paid back for it, one sum per currency");
}

}  // namespace factum::crm
