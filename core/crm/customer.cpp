#include "core/crm/customer.hpp"

#include "core/crm/differences.hpp"
#include "core/crm/normalise.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

constexpr std::string_view kExternalIdSpace = "customer.external_id";
constexpr std::string_view kEmailSpace = "customer.email";
constexpr std::size_t kAncestorsMax = 20;

// The attributes that differ; an empty text removes one.
Sealed<AttributeMap> changed_attributes(const AttributeMap& wanted,
                                        const Sealed<AttributeMap>& now) {
  const AttributeMap known = now.open_value().value_or(AttributeMap{});
  AttributeMap different;
  for (const auto& [key, text] : wanted) {
    const auto found = known.find(key);
    if (text != (found == known.end() ? std::string{} : found->second)) different[key] = text;
  }
  return different.empty() ? Sealed<AttributeMap>{} : Sealed<AttributeMap>(std::move(different));
}

bool is_allowed_move(LifecycleStage from, LifecycleStage to) {
  switch (from) {
    case LifecycleStage::prospect: return to == LifecycleStage::customer;
    case LifecycleStage::customer:
      return to == LifecycleStage::dormant || to == LifecycleStage::lost;
    case LifecycleStage::dormant:
      return to == LifecycleStage::customer || to == LifecycleStage::lost;
    case LifecycleStage::lost: return to == LifecycleStage::customer;
  }
  return false;
}

// The parent, its parent and so on; stops at the top, at `self`, and beyond the limit.
Result<std::vector<Folded<KnownCustomer>>> load_ancestors(ModelReader& reader,
                                                          std::optional<CustomerId> parent,
                                                          const CustomerId& self) {
  std::vector<Folded<KnownCustomer>> ancestors;
  while (parent && ancestors.size() <= kAncestorsMax) {
    FACTUM_TRY(auto folded, reader.fold<KnownCustomer>(*parent));
    parent = folded.id == self ? std::nullopt : folded.state.parent;
    ancestors.push_back(std::move(folded));
  }
  return ancestors;
}

Status check_parent(Decision& decision, const CustomerId& self,
                    const std::vector<Folded<KnownCustomer>>& ancestors,
                    const DecisionContext& context) {
  const auto is_self = [&](const Folded<KnownCustomer>& above) { return above.id == self; };
  const bool cycle = std::any_of(ancestors.begin(), ancestors.end(), is_self);
  FACTUM_CHECK(decision.require(ancestors.empty() || cycle || ancestors.front().exists(),
                                rules::kCustomerUnknownParent, context));
  FACTUM_CHECK(decision.require(!cycle, rules::kCustomerParentCycle, context));
  return decision.require(ancestors.size() <= kAncestorsMax, rules::kCustomerParentTooDeep,
                          context);
}

Status check_owner(Decision& decision, const std::optional<UserId>& owner,
                   const Folded<KnownUser>& folded, const DecisionContext& context) {
  FACTUM_CHECK(decision.require(is_known(owner, folded), rules::kCustomerUnknownOwner, context));
  return decision.require(!owner || folded.state.active, rules::kCustomerInactiveOwner, context);
}

Status check_active(Decision& decision, const Folded<Customer>& self,
                    const DecisionContext& context) {
  return decision.require(!self.state.archived, rules::kCustomerArchived, context);
}

const KnownExternalId* find_external_id(const Customer& customer, std::string_view system) {
  const auto found = std::find_if(customer.external_ids.begin(), customer.external_ids.end(),
                                  [&](const auto& known) { return known.system == system; });
  return found == customer.external_ids.end() ? nullptr : &*found;
}

Status link_external_id(Decision& decision, const Folded<Customer>& self,
                        const NewExternalId& wanted, const std::optional<std::string>& holder,
                        const DecisionContext& context) {
  const KnownExternalId* known = find_external_id(self.state, wanted.system);
  const std::string value = normalise_external_id(wanted.external_id);
  const auto old = known == nullptr ? std::nullopt : known->external_id.open_value();
  if (old == value) return {};
  const std::string tag = self.id.tag();
  const bool free = is_free(holder, tag);
  FACTUM_CHECK(decision.require(free, rules::kCustomerExternalIdTaken, context));
  const std::string space(kExternalIdSpace);
  if (old)
    decision.claim(space, external_id_claim(wanted.system, *old), Claim::Action::release, tag);
  if (free || context.again) {
    decision.claim(space, external_id_claim(wanted.system, value),
                   free ? Claim::Action::take : Claim::Action::move, tag);
  }
  decision.emit(CustomerExternalIdLinked{self.id, wanted.system, value}, context);
  return {};
}

// Emits what the changes need; e-mail addresses of persons must be free.
Status change_contact_points(Decision& decision, const Folded<Customer>& self, CustomerType kind,
                             const ContactPointChanges& changes, const EmailHolders& holders,
                             const DecisionContext& context) {
  const ContactPoints& before = self.state.contact_points;
  FACTUM_CHECK(check_contact_points(decision, changes.added, context));
  if (kind == CustomerType::person) {
    const auto taken = taken_emails(changes, holders, self.id.tag());
    FACTUM_CHECK(decision.require(taken.empty(), rules::kCustomerEmailTaken, context));
    claim_emails(decision, kEmailSpace, self.id.tag(), before, changes, taken, context);
  }
  for (const KnownContactPoint& point : changes.removed)
    decision.emit(CustomerContactPointRemoved{self.id, point.point}, context);
  std::int64_t number = before.added;
  for (const NewContactPoint& point : changes.added) {
    decision.emit(CustomerContactPointAdded{self.id, std::to_string(++number), point.kind,
                                            point.label, sealed_text(point.value), point.address},
                  context);
  }
  return {};
}

// The change of details, or nothing if all is as wanted.
std::optional<CustomerDetailsChanged> changed_details(const Folded<Customer>& self,
                                                      const std::optional<std::string>& name,
                                                      const CustomerFacts& wanted) {
  const Customer& now = self.state;
  CustomerDetailsChanged change{self.id,
                                changed(name, now.name),
                                changed(wanted.sector, now.sector),
                                changed(wanted.segment, now.segment),
                                changed(wanted.country, now.country),
                                changed(wanted.region, now.region),
                                changed(wanted.language, now.language),
                                changed(wanted.origin, now.origin),
                                changed_attributes(wanted.attributes, now.attributes)};
  const bool any = !change.name.is_absent() || change.sector || change.segment || change.country ||
                   change.region || change.language || change.origin ||
                   !change.attributes.is_absent();
  return any ? std::optional(std::move(change)) : std::nullopt;
}

}  // namespace

void CustomerFacts::describe(FieldVisitor& v, CustomerFacts& f) {
  v.fact("sector", f.sector, "Line of business, a code");
  v.fact("segment", f.segment, "Market segment, a code");
  v.fact("country", f.country, "ISO 3166-1 alpha-2");
  v.fact("region", f.region, "Coarse region");
  v.fact("language", f.language, "BCP 47 tag", at_most(35));
  v.fact("origin", f.origin, "Where the customer came from, a code");
  v.fact("attributes", f.attributes, "Further attributes by name; an empty text removes one",
         at_most(100));
}

void RegisterCustomer::describe(FieldVisitor& v, RegisterCustomer& c) {
  v.fact("kind", c.kind, "Organisation or person");
  v.fact("name", c.name, "Name as the customer writes it", non_empty(500));
  v.fact("lifecycle_stage", c.lifecycle_stage, "Where the relation stands; prospect if absent");
  CustomerFacts::describe(v, c.facts);
  v.fact("parent", c.parent, "The organisation it belongs to");
  v.fact("owner", c.owner, "The user who looks after it");
  v.fact("external_ids", c.external_ids, "Ids in other systems, one per system", at_most(50));
  v.fact("contact_points", c.contact_points, "Ways to reach it", at_most(50));
}

Result<RegisterCustomer::Model> RegisterCustomer::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Customer>(id));
  FACTUM_TRY(model.ancestors, load_ancestors(reader, parent, id));
  FACTUM_TRY(model.owner, reader.fold<KnownUser>(owner));
  for (const NewExternalId& wanted : external_ids) {
    FACTUM_TRY(auto holder, reader.holder(kExternalIdSpace,
                                          external_id_claim(wanted.system, wanted.external_id)));
    model.external_id_holders.push_back(std::move(holder));
  }
  FACTUM_TRY(model.email_holders, load_email_holders(reader, kEmailSpace, contact_points));
  return model;
}

Result<Decision> RegisterCustomer::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_parent(decision, id, model.ancestors, context));
  FACTUM_CHECK(check_owner(decision, owner, model.owner, context));
  if (model.self.exists()) {
    FACTUM_CHECK(decide_differences(model, context, decision));
  } else {
    FACTUM_CHECK(decision.require(!name.empty(), rules::kCustomerNameMissing, context));
    decision.emit(
        CustomerRegistered{id, kind, sealed_text(name),
                           lifecycle_stage.value_or(LifecycleStage::prospect), given(facts.sector),
                           given(facts.segment), given(facts.country), given(facts.region),
                           given(facts.language), given(facts.origin), parent, owner,
                           changed_attributes(facts.attributes, {})},
        context);
  }
  for (std::size_t i = 0; i < external_ids.size(); ++i) {
    FACTUM_CHECK(link_external_id(decision, model.self, external_ids[i],
                                  model.external_id_holders[i], context));
  }
  const auto changes = contact_point_changes(model.self.state.contact_points, contact_points);
  const CustomerType type = model.self.exists() ? model.self.state.kind : kind;
  FACTUM_CHECK(
      change_contact_points(decision, model.self, type, changes, model.email_holders, context));
  return decision;
}

// What a corrected import file changes; the kind of a customer never does.
Status RegisterCustomer::decide_differences(const Model& model, const DecisionContext& context,
                                            Decision& decision) const {
  const Customer& now = model.self.state;
  FACTUM_CHECK(check_active(decision, model.self, context));
  if (auto change = changed_details(model.self, given(name), facts))
    decision.emit(std::move(*change), context);
  if (lifecycle_stage && *lifecycle_stage != now.lifecycle_stage) {
    FACTUM_CHECK(decision.require(is_allowed_move(now.lifecycle_stage, *lifecycle_stage),
                                  rules::kCustomerStageMove, context));
    decision.emit(LifecycleStageChanged{id, *lifecycle_stage, now.lifecycle_stage, {}}, context);
  }
  if (parent && parent != now.parent)
    decision.emit(CustomerParentChanged{id, parent, now.parent}, context);
  if (owner && owner != now.owner)
    decision.emit(CustomerOwnerAssigned{id, owner, now.owner}, context);
  return {};
}

void ChangeCustomerDetails::describe(FieldVisitor& v, ChangeCustomerDetails& c) {
  v.fact("name", c.name, "The new name", non_empty(500));
  CustomerFacts::describe(v, c.facts);
}

Result<Decision> ChangeCustomerDetails::decide(const Model& model,
                                               const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  if (auto change = changed_details(model.self, name, facts))
    decision.emit(std::move(*change), context);
  return decision;
}

void LinkCustomerExternalId::describe(FieldVisitor& v, LinkCustomerExternalId& c) {
  NewExternalId::describe(v, c.external_id);
}

Result<LinkCustomerExternalId::Model> LinkCustomerExternalId::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Customer>(id));
  FACTUM_TRY(model.holder,
             reader.holder(kExternalIdSpace,
                           external_id_claim(external_id.system, external_id.external_id)));
  return model;
}

Result<Decision> LinkCustomerExternalId::decide(const Model& model,
                                                const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  FACTUM_CHECK(link_external_id(decision, model.self, external_id, model.holder, context));
  return decision;
}

void AddCustomerContactPoint::describe(FieldVisitor& v, AddCustomerContactPoint& c) {
  NewContactPoint::describe(v, c.contact_point);
}

Result<AddCustomerContactPoint::Model> AddCustomerContactPoint::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Customer>(id));
  FACTUM_TRY(model.email_holders, load_email_holders(reader, kEmailSpace, {contact_point}));
  return model;
}

Result<Decision> AddCustomerContactPoint::decide(const Model& model,
                                                 const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  FACTUM_TRY(const auto changes,
             contact_point_added(model.self.state.contact_points, contact_point, context));
  FACTUM_CHECK(change_contact_points(decision, model.self, model.self.state.kind, changes,
                                     model.email_holders, context));
  return decision;
}

void RemoveCustomerContactPoint::describe(FieldVisitor& v, RemoveCustomerContactPoint& c) {
  v.fact("point", c.point, "Id of the contact point", non_empty(64));
}

Result<Decision> RemoveCustomerContactPoint::decide(const Model& model,
                                                    const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const KnownContactPoint* known = model.self.state.contact_points.find(point);
  FACTUM_CHECK(decision.require(known != nullptr, rules::kCustomerUnknownContactPoint, context));
  if (known == nullptr) return decision;
  FACTUM_CHECK(change_contact_points(decision, model.self, model.self.state.kind,
                                     {.removed = {*known}, .added = {}}, {}, context));
  return decision;
}

void AssignCustomerOwner::describe(FieldVisitor& v, AssignCustomerOwner& c) {
  v.fact("owner", c.owner, "The new owner; absent = nobody");
}

Result<AssignCustomerOwner::Model> AssignCustomerOwner::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Customer>(id));
  FACTUM_TRY(model.owner, reader.fold<KnownUser>(owner));
  return model;
}

Result<Decision> AssignCustomerOwner::decide(const Model& model,
                                             const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  FACTUM_CHECK(check_owner(decision, owner, model.owner, context));
  if (owner != model.self.state.owner)
    decision.emit(CustomerOwnerAssigned{id, owner, model.self.state.owner}, context);
  return decision;
}

void ChangeCustomerParent::describe(FieldVisitor& v, ChangeCustomerParent& c) {
  v.fact("parent", c.parent, "The new parent; absent = none");
}

Result<ChangeCustomerParent::Model> ChangeCustomerParent::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Customer>(id));
  FACTUM_TRY(model.ancestors, load_ancestors(reader, parent, id));
  return model;
}

Result<Decision> ChangeCustomerParent::decide(const Model& model,
                                              const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  FACTUM_CHECK(check_parent(decision, id, model.ancestors, context));
  if (parent != model.self.state.parent)
    decision.emit(CustomerParentChanged{id, parent, model.self.state.parent}, context);
  return decision;
}

void ChangeLifecycleStage::describe(FieldVisitor& v, ChangeLifecycleStage& c) {
  v.fact("stage", c.stage, "The new stage");
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<Decision> ChangeLifecycleStage::decide(const Model& model,
                                              const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const LifecycleStage now = model.self.state.lifecycle_stage;
  if (stage == now) return decision;
  FACTUM_CHECK(decision.require(is_allowed_move(now, stage), rules::kCustomerStageMove, context));
  decision.emit(LifecycleStageChanged{id, stage, now, reason}, context);
  return decision;
}

void ApplyTag::describe(FieldVisitor& v, ApplyTag& c) {
  v.fact("tag", c.tag, "The label", non_empty(100));
}

Result<Decision> ApplyTag::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const auto& tags = model.self.state.tags;
  if (!std::binary_search(tags.begin(), tags.end(), tag))
    decision.emit(TagApplied{id, tag}, context);
  return decision;
}

void RemoveTag::describe(FieldVisitor& v, RemoveTag& c) {
  v.fact("tag", c.tag, "The label", non_empty(100));
}

Result<Decision> RemoveTag::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const auto& tags = model.self.state.tags;
  if (std::binary_search(tags.begin(), tags.end(), tag))
    decision.emit(TagRemoved{id, tag}, context);
  return decision;
}

void ArchiveCustomer::describe(FieldVisitor& v, ArchiveCustomer& c) {
  v.fact("reason", c.reason, "Why, a code", at_most(200));
}

Result<Decision> ArchiveCustomer::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (!model.self.state.archived) decision.emit(CustomerArchived{id, reason}, context);
  return decision;
}

void RestoreCustomer::describe(FieldVisitor& /*v*/, RestoreCustomer& /*c*/) {}

Result<Decision> RestoreCustomer::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.state.archived) decision.emit(CustomerRestored{id}, context);
  return decision;
}

}  // namespace factum::crm
