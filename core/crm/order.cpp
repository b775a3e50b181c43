#include "core/crm/order.hpp"

#include "core/crm/contact_point.hpp"
#include "core/crm/differences.hpp"
#include "core/crm/normalise.hpp"

#include <algorithm>
#include <initializer_list>

namespace factum::crm {
namespace {

constexpr std::string_view kNumberSpace = "order.number";
constexpr ReferenceRules kCustomerRules{rules::kOrderUnknownCustomer,
                                        rules::kOrderArchivedCustomer};
constexpr ReferenceRules kOwnerRules{rules::kOrderUnknownOwner, rules::kOrderInactiveOwner};
constexpr ReferenceRules kProductRules{rules::kOrderUnknownProduct,
                                       rules::kOrderDiscontinuedProduct};

std::string number_claim(const PlaceOrder& command) {
  return external_id_claim(command.origin.value_or(""), command.number);
}

Status check_lines(Decision& decision, const std::vector<OrderLine>& lines, const Money& total,
                   const DecisionContext& context) {
  FACTUM_CHECK(decision.require(!lines.empty(), rules::kOrderLinesMissing, context));
  const auto in_currency = [&](const OrderLine& line) {
    return line.amount.currency == total.currency;
  };
  FACTUM_CHECK(decision.require(std::all_of(lines.begin(), lines.end(), in_currency),
                                rules::kOrderCurrenciesMixed, context));
  const auto sum = sum_of(lines);
  FACTUM_CHECK(
      decision.require(lines.empty() || !sum || *sum == total, rules::kOrderTotalWrong, context));
  const auto is_positive = [](const OrderLine& line) { return line.quantity > 0; };
  return decision.require(std::all_of(lines.begin(), lines.end(), is_positive),
                          rules::kOrderQuantityNotPositive, context);
}

// Of an order that was never recorded there is nothing to move, in imports neither.
Status check_status(Decision& decision, const Order& order,
                    std::initializer_list<OrderStatus> allowed, const DecisionContext& context) {
  if (!order.is_placed()) return fail(ErrorCode::not_found, "the order was never recorded");
  const bool in_order =
      !context.occurred_at || !order.placed_at || *context.occurred_at >= *order.placed_at;
  FACTUM_CHECK(decision.require(in_order, rules::kOrderMovedBeforePlaced, context));
  if (context.again) return {};  // it is where this move left it
  const bool found = std::find(allowed.begin(), allowed.end(), order.status) != allowed.end();
  return decision.require(found, rules::kOrderMoveNotAllowed, context);
}

// True if this says again what the order went through last; an import must name the same time.
bool is_repeated(const Order& order, OrderStatus status, const std::optional<Timestamp>& at,
                 const DecisionContext& context) {
  return order.status == status && !context.again && (!context.import || at == context.occurred_at);
}

}  // namespace

// ---- placing

void PlaceOrder::describe(FieldVisitor& v, PlaceOrder& c) {
  v.fact("number", c.number, "Order number as printed; unique per origin", non_empty(100));
  v.fact("origin", c.origin, "Shop or system, a code");
  v.fact("customer", c.customer, "The customer, if known");
  v.fact("deal", c.deal, "The deal it came from");
  v.fact("lines", c.lines, "What is ordered", kManyLines);
  v.fact("total", c.total, "Sum of the lines");
  v.fact("country", c.country, "Country of delivery");
  v.fact("region", c.region, "Coarse region of delivery");
  v.fact("ship_mode", c.ship_mode, "Way of delivery, a code");
  v.fact("owner", c.owner, "The user who sold it");
  v.fact("ship_to", c.ship_to, "Address of delivery; needs a customer");
  v.fact("note", c.note, "Note of the customer; needs a customer", kLongText);
}

Result<PlaceOrder::Model> PlaceOrder::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Order>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  FACTUM_TRY(model.deal, reader.fold<KnownDeal>(deal));
  FACTUM_TRY(model.owner, reader.fold<KnownUser>(owner));
  FACTUM_TRY(model.products, load_products(reader, products_of(lines)));
  FACTUM_TRY(model.number_holder, reader.holder(kNumberSpace, number_claim(*this)));
  return model;
}

Status PlaceOrder::check_references_of(Decision& decision, const Model& model,
                                       const DecisionContext& context) const {
  FACTUM_CHECK(check_reference(decision, customer, model.customer, kCustomerRules, context));
  FACTUM_CHECK(check_reference(decision, owner, model.owner, kOwnerRules, context));
  FACTUM_CHECK(decision.require(is_known(deal, model.deal), rules::kOrderUnknownDeal, context));
  return check_references(decision, model.products, products_of(model.self.state.lines),
                          kProductRules, context);
}

Result<Decision> PlaceOrder::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  FACTUM_CHECK(check_references_of(decision, model, context));
  const bool lines_stay = now.is_placed() && lines.empty();
  FACTUM_CHECK(check_lines(decision, lines_stay ? now.lines : lines, total, context));
  if (now.is_placed()) {
    decide_differences(decision, now, context);
    return decision;
  }
  const bool free = is_free(model.number_holder, id.tag());
  FACTUM_CHECK(decision.require(free, rules::kOrderNumberTaken, context));
  // What was booked before may know whose order it is.
  const auto known = now.customer;
  const auto whose = customer ? customer : known;
  const bool has_texts = ship_to || given(note);
  FACTUM_CHECK(decision.require(!has_texts || whose, rules::kOrderTextWithoutCustomer, context));
  if (free)
    decision.claim(std::string(kNumberSpace), number_claim(*this), Claim::Action::take, id.tag());
  decision.emit(OrderPlaced{id, whose, deal, number, given(origin), total.currency, lines, total,
                            given(country), given(region), given(ship_mode), owner,
                            whose ? ship_to : std::nullopt,
                            whose ? sealed_text(note) : Sealed<std::string>{}},
                context);
  // Bookings for somebody else, or for nobody, follow the order.
  if (model.self.exists() && whose && whose != known)
    decision.emit(OrderCustomerAssigned{id, *whose, known}, context);
  return decision;
}

// What a corrected import file changes.
void PlaceOrder::decide_differences(Decision& decision, const Order& now,
                                    const DecisionContext& context) const {
  const bool reassigned = customer && customer != now.customer;
  if (reassigned) {
    decision.emit(OrderCustomerAssigned{id, *customer, now.customer}, context);
    for (const OrderReturn& back : now.returns)
      decision.emit(ReturnCustomerAssigned{back.return_id, id, *customer}, context);
  }
  const auto whose = customer ? customer : now.customer;
  const auto where = changed(country, now.country);
  const auto& goods = lines.empty() ? now.lines : lines;
  // The history of the new customer tells the whole order only if its lines follow.
  if (reassigned || where || goods != now.lines || total != now.total) {
    decision.emit(OrderCorrected{id, whose, goods, total, now.total, where ? where : now.country},
                  context);
  }
  auto details = changed_details(now, context);
  if (details.placed_at || details.region || details.ship_mode || details.owner ||
      !details.ship_to.is_absent() || !details.note.is_absent())
    decision.emit(std::move(details), context);
}

OrderDetailsCorrected PlaceOrder::changed_details(const Order& now,
                                                  const DecisionContext& context) const {
  OrderDetailsCorrected change;
  change.order = id;
  change.customer = customer ? customer : now.customer;
  change.placed_at = changed(context.occurred_at, now.placed_at);
  change.region = changed(region, now.region);
  change.ship_mode = changed(ship_mode, now.ship_mode);
  change.owner = changed(owner, now.owner);
  // Without a customer there is no key to seal them with.
  if (change.customer && ship_to && ship_to != now.ship_to.open_value()) change.ship_to = ship_to;
  if (change.customer) change.note = changed(note, now.note);
  return change;
}

// ---- moving

void ConfirmOrder::describe(FieldVisitor& /*v*/, ConfirmOrder& /*c*/) {}

Result<Decision> ConfirmOrder::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  if (is_repeated(now, OrderStatus::confirmed, now.confirmed_at, context)) return decision;
  FACTUM_CHECK(check_status(decision, now, {OrderStatus::placed}, context));
  decision.emit(OrderConfirmed{id, now.customer}, context);
  return decision;
}

void FulfilOrderLines::describe(FieldVisitor& v, FulfilOrderLines& c) {
  v.fact("lines", c.lines, "Numbers of the delivered lines, from 1", kManyLines);
}

Result<Decision> FulfilOrderLines::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  if (lines.empty()) return decision;
  FACTUM_CHECK(
      check_status(decision, now, {OrderStatus::confirmed, OrderStatus::part_fulfilled}, context));
  std::vector<std::int64_t> done = now.fulfilled_lines;
  for (const std::int64_t line : lines) {
    const bool known = line >= 1 && line <= static_cast<std::int64_t>(now.lines.size());
    FACTUM_CHECK(decision.require(known, rules::kOrderUnknownLine, context));
    const bool twice = std::find(done.begin(), done.end(), line) != done.end();
    FACTUM_CHECK(decision.require(!twice || context.again, rules::kOrderLineFulfilled, context));
    if (known && !twice) done.push_back(line);
  }
  const bool whole =
      context.again ? now.status == OrderStatus::fulfilled : done.size() == now.lines.size();
  decision.emit(OrderLinesFulfilled{id, now.customer, lines}, context);
  if (whole) decision.emit(OrderFulfilled{id, now.customer}, context);
  return decision;
}

void FulfilOrder::describe(FieldVisitor& /*v*/, FulfilOrder& /*c*/) {}

Result<Decision> FulfilOrder::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  if (is_repeated(now, OrderStatus::fulfilled, now.fulfilled_at, context)) return decision;
  FACTUM_CHECK(
      check_status(decision, now, {OrderStatus::confirmed, OrderStatus::part_fulfilled}, context));
  decision.emit(OrderFulfilled{id, now.customer}, context);
  return decision;
}

void CloseOrder::describe(FieldVisitor& /*v*/, CloseOrder& /*c*/) {}

Result<Decision> CloseOrder::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  if (is_repeated(now, OrderStatus::closed, now.closed_at, context)) return decision;
  FACTUM_CHECK(check_status(decision, now, {OrderStatus::fulfilled}, context));
  decision.emit(OrderClosed{id, now.customer}, context);
  return decision;
}

void CancelOrder::describe(FieldVisitor& v, CancelOrder& c) {
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<Decision> CancelOrder::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Order& now = model.self.state;
  if (is_repeated(now, OrderStatus::cancelled, now.cancelled_at, context)) return decision;
  FACTUM_CHECK(check_status(decision, now, {OrderStatus::placed, OrderStatus::confirmed}, context));
  decision.emit(OrderCancelled{id, now.customer, given(reason), now.total}, context);
  return decision;
}

}  // namespace factum::crm
