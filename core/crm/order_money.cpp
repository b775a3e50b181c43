// Payments, returns, refunds and adjustments of orders.
#include "core/crm/differences.hpp"
#include "core/crm/order.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

constexpr ReferenceRules kCustomerRules{rules::kReturnUnknownCustomer,
                                        rules::kReturnArchivedCustomer};
constexpr ReferenceRules kAdjustmentCustomerRules{rules::kAdjustmentUnknownCustomer,
                                                  rules::kAdjustmentArchivedCustomer};

// What makes two lines the same article.
std::string article_of(const OrderLine& line) {
  return line.product ? line.product->tag() : line.sku;
}

using Quantities = std::map<std::string, std::int64_t>;

void add_quantities(Quantities& quantities, const std::vector<OrderLine>& lines) {
  for (const OrderLine& line : lines) quantities[article_of(line)] += line.quantity;
}

// True if what came back before, other than by this return, and now was ordered.
bool was_ordered(const Order& order, const ReturnId& id, const std::vector<OrderLine>& lines) {
  Quantities ordered;
  add_quantities(ordered, order.lines);
  Quantities back;
  add_quantities(back, lines);
  for (const OrderReturn& earlier : order.returns) {
    if (earlier.return_id != id) add_quantities(back, earlier.lines);
  }
  return std::all_of(back.begin(), back.end(), [&](const auto& article) {
    const auto found = ordered.find(article.first);
    return article.second <= (found == ordered.end() ? 0 : found->second);
  });
}

// True if all that came back is worth no more than the order.
bool is_covered(const Order& order, const ReceiveReturn& wanted) {
  MoneySums back;
  add_to(back, wanted.total);
  for (const OrderReturn& earlier : order.returns) {
    if (earlier.return_id != wanted.id) add_to(back, earlier.total);
  }
  return sum_in(back, order.currency) <= order.total.minor;
}

Status check_return_lines(Decision& decision, const std::vector<OrderLine>& lines,
                          const Money& total, const std::string& currency,
                          const DecisionContext& context) {
  FACTUM_CHECK(decision.require(!lines.empty(), rules::kReturnLinesMissing, context));
  const auto in_currency = [&](const OrderLine& line) { return line.amount.currency == currency; };
  const bool one_currency =
      total.currency == currency && std::all_of(lines.begin(), lines.end(), in_currency);
  FACTUM_CHECK(decision.require(one_currency, rules::kReturnCurrenciesMixed, context));
  const auto sum = sum_of(lines);
  FACTUM_CHECK(decision.require(!sum || *sum == total, rules::kReturnTotalWrong, context));
  const auto is_positive = [](const OrderLine& line) { return line.quantity > 0; };
  FACTUM_CHECK(decision.require(std::all_of(lines.begin(), lines.end(), is_positive),
                                rules::kReturnQuantityNotPositive, context));
  const auto is_owed = [](const OrderLine& line) { return line.amount.minor >= 0; };
  return decision.require(total.minor >= 0 && std::all_of(lines.begin(), lines.end(), is_owed),
                          rules::kReturnNegative, context);
}

// What was booked before by the event that an import corrects, if it does. Errors: not_found.
Result<const Booking*> corrected_booking(const Bookings& bookings, const DecisionContext& context) {
  if (!context.corrects) return nullptr;
  const auto found = bookings.find(*context.corrects);
  if (found == bookings.end())
    return fail(ErrorCode::not_found, "the order has no such payment or refund");
  return &found->second;
}

}  // namespace

// ---- payments

void ReceivePayment::describe(FieldVisitor& v, ReceivePayment& c) {
  v.fact("amount", c.amount, "How much, more than zero");
  v.fact("method", c.method, "How, a code", at_most(100));
  v.fact("reference", c.reference, "Reference of the payment, not personal", at_most(200));
}

Result<Decision> ReceivePayment::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  FACTUM_CHECK(decision.require(now.is_placed(), rules::kOrderNotPlaced, context));
  FACTUM_CHECK(
      decision.require(now.status != OrderStatus::cancelled, rules::kOrderCancelled, context));
  FACTUM_CHECK(decision.require(amount.minor > 0, rules::kPaymentNotPositive, context));
  FACTUM_CHECK(decision.require(!now.is_placed() || amount.currency == now.currency,
                                rules::kPaymentOtherCurrency, context));
  FACTUM_TRY(const Booking* const earlier, corrected_booking(now.payments, context));
  if (earlier == nullptr) {
    decision.emit(PaymentReceived{id, now.customer, amount, given(method), reference}, context);
  } else if (earlier->amount != amount || earlier->happened_at != context.occurred_at) {
    decision.emit(PaymentCorrected{id, now.customer, earlier->event, amount, earlier->amount,
                                   context.occurred_at},
                  context);
  }
  return decision;
}

// ---- returns

void ReceiveReturn::describe(FieldVisitor& v, ReceiveReturn& c) {
  v.fact("order", c.order, "The order; only imports may leave it out");
  v.fact("customer", c.customer, "The customer, where the order does not say");
  v.fact("number", c.number, "Number as printed", at_most(100));
  v.fact("origin", c.origin, "Shop or system, a code");
  v.fact("lines", c.lines, "What came back, quantities positive", kManyLines);
  v.fact("total", c.total, "Value of what came back, positive");
  v.fact("country", c.country, "Country");
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<ReceiveReturn::Model> ReceiveReturn::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Return>(id));
  FACTUM_TRY(model.order, reader.fold<Order>(order ? order : model.self.state.order));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  return model;
}

// Said again, a return keeps the lines that it does not say.
const std::vector<OrderLine>& ReceiveReturn::goods_of(const Return& now) const {
  return now.is_received() && lines.empty() ? now.lines : lines;
}

Status ReceiveReturn::check(Decision& decision, const Model& model,
                            const DecisionContext& context) const {
  const Order& from = model.order.state;
  FACTUM_CHECK(check_reference(decision, customer, model.customer, kCustomerRules, context));
  FACTUM_CHECK(decision.require(order.has_value(), rules::kReturnOrderMissing, context));
  FACTUM_CHECK(decision.require(!order || from.is_placed(), rules::kReturnUnknownOrder, context));
  const auto& goods = goods_of(model.self.state);
  FACTUM_CHECK(check_return_lines(decision, goods, total,
                                  from.is_placed() ? from.currency : total.currency, context));
  if (!from.is_placed()) return {};
  FACTUM_CHECK(decision.require(from.status != OrderStatus::cancelled, rules::kReturnOrderCancelled,
                                context));
  const bool in_order =
      !context.occurred_at || !from.placed_at || *context.occurred_at >= *from.placed_at;
  FACTUM_CHECK(decision.require(in_order, rules::kReturnBeforeOrder, context));
  FACTUM_CHECK(decision.require(!customer || !from.customer || customer == from.customer,
                                rules::kReturnOtherCustomer, context));
  FACTUM_CHECK(decision.require(was_ordered(from, id, goods), rules::kReturnExceedsOrder, context));
  return decision.require(is_covered(from, *this), rules::kReturnExceedsTotal, context);
}

Result<Decision> ReceiveReturn::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Return& now = model.self.state;
  FACTUM_CHECK(check(decision, model, context));
  const auto known = model.order.state.customer;
  if (now.is_received()) {
    decide_differences(decision, now, known ? known : now.customer, context);
    return decision;
  }
  decision.emit(ReturnReceived{id, order, known ? known : customer, given(number), given(origin),
                               lines, total, given(country), given(reason)},
                context);
  return decision;
}

// What a corrected import file changes.
void ReceiveReturn::decide_differences(Decision& decision, const Return& now,
                                       const std::optional<CustomerId>& whose,
                                       const DecisionContext& context) const {
  const auto& goods = goods_of(now);
  if (goods != now.lines || total != now.total)
    decision.emit(ReturnCorrected{id, now.order, whose, goods, total, now.total}, context);
  ReturnDetailsCorrected details{id,
                                 now.order,
                                 whose,
                                 changed(context.occurred_at, now.received_at),
                                 changed(country, now.country),
                                 changed(reason, now.reason)};
  if (details.received_at || details.country || details.reason)
    decision.emit(std::move(details), context);
}

// ---- refunds

void IssueRefund::describe(FieldVisitor& v, IssueRefund& c) {
  v.fact("amount", c.amount, "How much, more than zero");
  v.fact("return", c.return_id, "The return it pays for");
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<IssueRefund::Model> IssueRefund::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Order>(id));
  FACTUM_TRY(model.returned, reader.fold<Return>(return_id));
  return model;
}

Result<Decision> IssueRefund::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  FACTUM_CHECK(decision.require(now.is_placed(), rules::kOrderNotPlaced, context));
  FACTUM_CHECK(decision.require(amount.minor > 0, rules::kRefundNotPositive, context));
  FACTUM_CHECK(decision.require(!now.is_placed() || amount.currency == now.currency,
                                rules::kRefundOtherCurrency, context));
  const bool known = !return_id || (model.returned.exists() && model.returned.state.order == id);
  FACTUM_CHECK(decision.require(known, rules::kRefundUnknownReturn, context));
  FACTUM_TRY(const Booking* const earlier, corrected_booking(now.refunds, context));
  Int128 left = sum_in(now.paid, amount.currency) - sum_in(now.refunded, amount.currency);
  if (earlier != nullptr && earlier->amount.currency == amount.currency)
    left += earlier->amount.minor;
  FACTUM_CHECK(decision.require(amount.minor <= left, rules::kRefundExceedsPayments, context));
  if (earlier == nullptr) {
    decision.emit(RefundIssued{id, now.customer, return_id, amount, given(reason)}, context);
  } else if (earlier->amount != amount || earlier->happened_at != context.occurred_at) {
    decision.emit(RefundCorrected{id, now.customer, earlier->return_id, earlier->event, amount,
                                  earlier->amount, context.occurred_at},
                  context);
  }
  return decision;
}

// ---- adjustments

void RecordAdjustment::describe(FieldVisitor& v, RecordAdjustment& c) {
  v.fact("number", c.number, "Number as printed, unique in the order", non_empty(100));
  v.fact("amount", c.amount, "Signed amount; positive = the customer owes more");
  v.fact("reason", c.reason, "Why, a code", non_empty(200));
  v.fact("customer", c.customer, "The customer, where the order does not say");
  v.fact("country", c.country, "Country");
}

Result<RecordAdjustment::Model> RecordAdjustment::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Order>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  return model;
}

Status RecordAdjustment::check(Decision& decision, const Model& model,
                               const DecisionContext& context) const {
  const Order& now = model.self.state;
  FACTUM_CHECK(
      check_reference(decision, customer, model.customer, kAdjustmentCustomerRules, context));
  FACTUM_CHECK(decision.require(!customer || !now.customer || customer == now.customer,
                                rules::kAdjustmentOtherCustomer, context));
  return decision.require(!now.is_placed() || amount.currency == now.currency,
                          rules::kAdjustmentOtherCurrency, context);
}

Result<Decision> RecordAdjustment::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  FACTUM_CHECK(check(decision, model, context));
  const auto earlier = now.adjustments.find(number);
  const bool again = earlier != now.adjustments.end();
  // What is to be booked by the time it counts at: all that was booked before is taken back.
  std::map<std::optional<Timestamp>, MoneySums> bookings;
  if (again && context.import) {
    for (const auto& [at, sums] : earlier->second) add_all(bookings[at], sums, -1);
  } else {
    FACTUM_CHECK(decision.require(!again, rules::kAdjustmentTwice, context));
  }
  add_to(bookings[context.occurred_at], amount);
  bool any = false;
  for (const auto& [at, sums] : bookings) {
    for (const MoneySum& sum : sums) {
      if (sum.minor == 0 && again) continue;
      any = true;
      FACTUM_TRY(Money booking, amount_of(sum));
      decision.emit_at(AdjustmentRecorded{id, now.customer ? now.customer : customer, number,
                                          booking, country, reason},
                       at);
    }
  }
  if (any) FACTUM_CHECK(decision.require(now.is_placed(), rules::kAdjustmentWithoutOrder, context));
  return decision;
}

}  // namespace factum::crm
