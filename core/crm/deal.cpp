#include "core/crm/deal.hpp"

#include "core/crm/differences.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

constexpr ReferenceRules kCustomerRules{rules::kDealUnknownCustomer, rules::kDealArchivedCustomer};
constexpr ReferenceRules kOwnerRules{rules::kDealUnknownOwner, rules::kDealInactiveOwner};
constexpr ReferenceRules kProductRules{rules::kDealUnknownProduct, rules::kDealDiscontinuedProduct};

Status check_not_archived(Decision& decision, const Deal& deal, const DecisionContext& context) {
  return decision.require(!deal.archived, rules::kDealArchived, context);
}

// A deal that is closed or archived takes no changes.
Status check_editable(Decision& decision, const Deal& deal, const DecisionContext& context) {
  FACTUM_CHECK(check_not_archived(decision, deal, context));
  return decision.require(deal.is_open(), rules::kDealClosed, context);
}

Status check_amount(Decision& decision, const std::optional<Money>& amount,
                    const DecisionContext& context) {
  return decision.require(!amount || amount->minor >= 0, rules::kDealAmountNegative, context);
}

Status check_text(Decision& decision, const std::optional<std::string>& text,
                  const std::optional<CustomerId>& customer, const DecisionContext& context) {
  return decision.require(!given(text) || customer, rules::kDealTextWithoutCustomer, context);
}

// The text, if there is a customer whose key can seal it.
Sealed<std::string> text_of(const std::optional<CustomerId>& customer,
                            const std::optional<std::string>& text) {
  return customer ? sealed_text(text) : Sealed<std::string>{};
}

bool has_field(const Deal& deal, std::string_view field) {
  if (field == "amount") return deal.amount.has_value();
  if (field == "expected_close") return deal.expected_close.has_value();
  if (field == "owner") return deal.owner.has_value();
  if (field == "customer") return deal.customer.has_value();
  if (field == "lines") return !deal.lines.empty();
  return true;
}

Status check_required(Decision& decision, const StageMove& move, const Deal& deal,
                      const DecisionContext& context) {
  const bool all = std::all_of(move.required.begin(), move.required.end(),
                               [&](const std::string& field) { return has_field(deal, field); });
  return decision.require(all, rules::kDealFieldMissing, context);
}

Status check_open_stage(Decision& decision, const Stage* stage, const DecisionContext& context) {
  FACTUM_CHECK(decision.require(stage != nullptr, rules::kDealUnknownStage, context));
  return decision.require(stage == nullptr || stage->category == StageCategory::open,
                          rules::kDealStageNotOpen, context);
}

// A stage that the pipeline has no longer may be left for any other.
Status check_move(Decision& decision, const Deal& deal, const Pipeline& pipeline,
                  const std::string& to, const DecisionContext& context) {
  FACTUM_CHECK(check_open_stage(decision, pipeline.find(to), context));
  if (pipeline.moves.empty() || pipeline.find(deal.stage) == nullptr) return {};
  const auto move = std::find_if(
      pipeline.moves.begin(), pipeline.moves.end(),
      [&](const StageMove& allowed) { return allowed.from == deal.stage && allowed.to == to; });
  const bool found = move != pipeline.moves.end();
  FACTUM_CHECK(decision.require(found, rules::kDealMoveNotAllowed, context));
  return found ? check_required(decision, *move, deal, context) : Status{};
}

// A pipeline that names moves into won (lost) stages allows winning (losing) along them only.
Status check_closing(Decision& decision, const Deal& deal, const Pipeline& pipeline,
                     StageCategory category, const DecisionContext& context) {
  const StageMove* allowed = nullptr;
  bool any = false;
  for (const StageMove& move : pipeline.moves) {
    const Stage* to = pipeline.find(move.to);
    if (to == nullptr || to->category != category) continue;
    any = true;
    if (allowed == nullptr && move.from == deal.stage) allowed = &move;
  }
  if (!any || pipeline.find(deal.stage) == nullptr) return {};
  FACTUM_CHECK(decision.require(allowed != nullptr, rules::kDealMoveNotAllowed, context));
  return allowed ? check_required(decision, *allowed, deal, context) : Status{};
}

// What winning and losing have in common. `again`: an import corrects how the deal was closed.
Status check_close(Decision& decision, const Deal& deal, const Pipeline& pipeline,
                   StageCategory category, bool again, const DecisionContext& context) {
  if (!again) {
    FACTUM_CHECK(check_editable(decision, deal, context));
    FACTUM_CHECK(check_closing(decision, deal, pipeline, category, context));
  }
  const bool in_order =
      !context.occurred_at || !deal.opened_at || *context.occurred_at >= *deal.opened_at;
  return decision.require(in_order, rules::kDealClosedBeforeOpened, context);
}

// True if an import tells again when a closed deal was closed.
bool is_same_time(const Deal& deal, const DecisionContext& context) {
  return !context.again && (!context.import || deal.closed_at == context.occurred_at);
}

Result<DealInPipeline> load_in_pipeline(ModelReader& reader, const DealId& id) {
  DealInPipeline model;
  FACTUM_TRY(model.self, reader.fold<Deal>(id));
  FACTUM_TRY(model.pipeline, reader.fold<Pipeline>(model.self.state.pipeline));
  return model;
}

}  // namespace

// ---- opening

void OpenDeal::describe(FieldVisitor& v, OpenDeal& c) {
  v.fact("pipeline", c.pipeline, "The pipeline");
  v.fact("customer", c.customer, "The customer, if known");
  v.fact("stage", c.stage, "Key of an open stage; the first one if absent", non_empty(64));
  v.fact("amount", c.amount, "Expected value");
  v.fact("expected_close", c.expected_close, "Expected day of closing");
  v.fact("owner", c.owner, "The user who works on it");
  v.fact("lines", c.lines, "Products");
  v.fact("title", c.title, "Heading; needs a customer", at_most(500));
  v.fact("origin", c.origin, "Where it came from, a code");
}

Result<OpenDeal::Model> OpenDeal::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Deal>(id));
  FACTUM_TRY(model.pipeline, reader.fold<Pipeline>(pipeline));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  FACTUM_TRY(model.owner, reader.fold<KnownUser>(owner));
  FACTUM_TRY(model.products, load_products(reader, products_of(lines)));
  return model;
}

Status OpenDeal::check(Decision& decision, const Model& model,
                       const DecisionContext& context) const {
  FACTUM_CHECK(check_reference(decision, customer, model.customer, kCustomerRules, context));
  FACTUM_CHECK(check_reference(decision, owner, model.owner, kOwnerRules, context));
  FACTUM_CHECK(check_references(decision, model.products, products_of(model.self.state.lines),
                                kProductRules, context));
  return check_amount(decision, amount, context);
}

Result<Decision> OpenDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check(decision, model, context));
  if (model.self.exists()) {
    decide_differences(decision, model.self, context);
    return decision;
  }
  const Pipeline& stages = model.pipeline.state;
  FACTUM_CHECK(decision.require(model.pipeline.exists(), rules::kDealUnknownPipeline, context));
  FACTUM_CHECK(decision.require(!stages.retired, rules::kDealRetiredPipeline, context));
  const Stage* first = stage ? stages.find(*stage) : stages.first_open();
  FACTUM_CHECK(check_open_stage(decision, first, context));
  FACTUM_CHECK(check_text(decision, title, customer, context));
  decision.emit(
      DealOpened{id, pipeline, customer, stage.value_or(first ? first->key : "unknown"), amount,
                 expected_close, owner, lines, given(origin), text_of(customer, title)},
      context);
  return decision;
}

// What a corrected import file changes. Where a deal stands now is not what opening it says.
void OpenDeal::decide_differences(Decision& decision, const Folded<Deal>& self,
                                  const DecisionContext& context) const {
  const Deal& now = self.state;
  const auto whose = customer ? customer : now.customer;
  if (customer && customer != now.customer)
    decision.emit(DealCustomerAssigned{id, *customer, now.customer}, context);
  if (amount && amount != now.amount)
    decision.emit(DealAmountChanged{id, whose, amount, now.amount}, context);
  if (expected_close && expected_close != now.expected_close)
    decision.emit(DealCloseDateChanged{id, whose, expected_close}, context);
  if (owner && owner != now.owner)
    decision.emit(DealOwnerAssigned{id, whose, owner, now.owner}, context);
  if (!lines.empty() && lines != now.lines)
    decision.emit(DealLinesChanged{id, whose, lines}, context);
}

// ---- moving

void MoveDeal::describe(FieldVisitor& v, MoveDeal& c) {
  v.fact("stage", c.stage, "Key of the open stage it moves to", non_empty(64));
}

Result<DealInPipeline> MoveDeal::load(ModelReader& reader) const {
  return load_in_pipeline(reader, id);
}

Result<Decision> MoveDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  if (stage == now.stage) return decision;
  FACTUM_CHECK(check_move(decision, now, model.pipeline.state, stage, context));
  decision.emit(DealStageChanged{id, now.customer, now.pipeline, now.stage, stage}, context);
  return decision;
}

// ---- changing

void ChangeDealAmount::describe(FieldVisitor& v, ChangeDealAmount& c) {
  v.fact("amount", c.amount, "The new value; absent = unknown");
}

Result<Decision> ChangeDealAmount::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  FACTUM_CHECK(check_amount(decision, amount, context));
  if (amount != now.amount)
    decision.emit(DealAmountChanged{id, now.customer, amount, now.amount}, context);
  return decision;
}

void ChangeDealCloseDate::describe(FieldVisitor& v, ChangeDealCloseDate& c) {
  v.fact("expected_close", c.expected_close, "The new day; absent = unknown");
}

Result<Decision> ChangeDealCloseDate::decide(const Model& model,
                                             const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  if (expected_close != now.expected_close)
    decision.emit(DealCloseDateChanged{id, now.customer, expected_close}, context);
  return decision;
}

void AssignDealOwner::describe(FieldVisitor& v, AssignDealOwner& c) {
  v.fact("owner", c.owner, "The new owner; absent = nobody");
}

Result<AssignDealOwner::Model> AssignDealOwner::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Deal>(id));
  FACTUM_TRY(model.owner, reader.fold<KnownUser>(owner));
  return model;
}

Result<Decision> AssignDealOwner::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  FACTUM_CHECK(check_reference(decision, owner, model.owner, kOwnerRules, context));
  if (owner != now.owner)
    decision.emit(DealOwnerAssigned{id, now.customer, owner, now.owner}, context);
  return decision;
}

void ChangeDealLines::describe(FieldVisitor& v, ChangeDealLines& c) {
  v.fact("lines", c.lines, "All products");
}

Result<ChangeDealLines::Model> ChangeDealLines::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Deal>(id));
  FACTUM_TRY(model.products, load_products(reader, products_of(lines)));
  return model;
}

Result<Decision> ChangeDealLines::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  FACTUM_CHECK(
      check_references(decision, model.products, products_of(now.lines), kProductRules, context));
  if (lines != now.lines) decision.emit(DealLinesChanged{id, now.customer, lines}, context);
  return decision;
}

void AssignDealCustomer::describe(FieldVisitor& v, AssignDealCustomer& c) {
  v.fact("customer", c.customer, "The customer");
}

Result<AssignDealCustomer::Model> AssignDealCustomer::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Deal>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  return model;
}

Result<Decision> AssignDealCustomer::decide(const Model& model,
                                            const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_editable(decision, now, context));
  FACTUM_CHECK(
      check_reference(decision, std::optional(customer), model.customer, kCustomerRules, context));
  if (customer != now.customer)
    decision.emit(DealCustomerAssigned{id, customer, now.customer}, context);
  return decision;
}

void AddDealNote::describe(FieldVisitor& v, AddDealNote& c) {
  v.fact("text", c.text, "The note; needs a customer", Limits{.max = kLongText.max, .min = 1});
}

Result<Decision> AddDealNote::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_not_archived(decision, now, context));
  FACTUM_CHECK(check_text(decision, text, now.customer, context));
  decision.emit(DealNoteAdded{id, now.customer, text_of(now.customer, text)}, context);
  return decision;
}

// ---- closing

void WinDeal::describe(FieldVisitor& v, WinDeal& c) {
  v.fact("amount", c.amount, "Final value; the expected one if absent");
}

Result<DealInPipeline> WinDeal::load(ModelReader& reader) const {
  return load_in_pipeline(reader, id);
}

Result<Decision> WinDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  const bool won = now.status == DealStatus::won;
  const auto value = amount ? amount : won ? now.won_amount : now.amount;
  if (won && value == now.won_amount && is_same_time(now, context)) return decision;
  Deal closing = now;
  closing.amount = value;
  FACTUM_CHECK(check_close(decision, closing, model.pipeline.state, StageCategory::won,
                           won && context.import, context));
  FACTUM_CHECK(decision.require(now.customer.has_value(), rules::kDealWonWithoutCustomer, context));
  FACTUM_CHECK(check_amount(decision, value, context));
  decision.emit(DealWon{id, now.customer, now.pipeline, now.stage, value}, context);
  return decision;
}

void LoseDeal::describe(FieldVisitor& v, LoseDeal& c) {
  v.fact("reason", c.reason, "Why, a code; only imports may leave it out", at_most(200));
  v.fact("text", c.text, "Explanation; needs a customer", kLongText);
}

Result<DealInPipeline> LoseDeal::load(ModelReader& reader) const {
  return load_in_pipeline(reader, id);
}

Result<Decision> LoseDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  const bool lost = now.status == DealStatus::lost;
  const std::string why = reason.value_or("");
  if (lost && why == now.lost_reason && is_same_time(now, context)) return decision;
  FACTUM_CHECK(check_close(decision, now, model.pipeline.state, StageCategory::lost,
                           lost && context.import, context));
  FACTUM_CHECK(decision.require(!why.empty(), rules::kDealLostWithoutReason, context));
  FACTUM_CHECK(check_text(decision, text, now.customer, context));
  decision.emit(
      DealLost{id, now.customer, now.pipeline, now.stage, why, text_of(now.customer, text)},
      context);
  return decision;
}

void ReopenDeal::describe(FieldVisitor& v, ReopenDeal& c) {
  v.fact("stage", c.stage, "Key of the open stage it returns to; the last one if absent",
         non_empty(64));
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<DealInPipeline> ReopenDeal::load(ModelReader& reader) const {
  return load_in_pipeline(reader, id);
}

Result<Decision> ReopenDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Deal& now = model.self.state;
  FACTUM_CHECK(check_not_archived(decision, now, context));
  FACTUM_CHECK(decision.require(!now.is_open(), rules::kDealNotClosed, context));
  if (stage) FACTUM_CHECK(check_open_stage(decision, model.pipeline.state.find(*stage), context));
  decision.emit(
      DealReopened{id, now.customer, now.pipeline, stage.value_or(now.stage), given(reason)},
      context);
  return decision;
}

void ArchiveDeal::describe(FieldVisitor& /*v*/, ArchiveDeal& /*c*/) {}

Result<Decision> ArchiveDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (!model.self.state.archived)
    decision.emit(DealArchived{id, model.self.state.customer}, context);
  return decision;
}

void RestoreDeal::describe(FieldVisitor& /*v*/, RestoreDeal& /*c*/) {}

Result<Decision> RestoreDeal::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.state.archived)
    decision.emit(DealRestored{id, model.self.state.customer}, context);
  return decision;
}

}  // namespace factum::crm
