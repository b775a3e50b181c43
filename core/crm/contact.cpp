#include "core/crm/contact.hpp"

#include "core/crm/differences.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

constexpr std::string_view kEmailSpace = "contact.email";
constexpr std::size_t kCustomersMax = 30;  // an event has 32 tags; one is the contact

std::optional<std::string> text_of(const std::optional<Date>& date) {
  return date ? std::optional(to_string(*date)) : std::nullopt;
}

Status check_active(Decision& decision, const Folded<Contact>& self,
                    const DecisionContext& context) {
  return decision.require(!self.state.archived, rules::kContactArchived, context);
}

Status check_customer(Decision& decision, const Folded<KnownCustomer>& customer,
                      const DecisionContext& context) {
  FACTUM_CHECK(decision.require(customer.exists(), rules::kContactUnknownCustomer, context));
  return decision.require(!customer.state.archived, rules::kContactArchivedCustomer, context);
}

// The change of details, or nothing if all is as wanted.
std::optional<ContactDetailsChanged> changed_details(const Folded<Contact>& self,
                                                     const ChangeContactDetails& wanted) {
  const Contact& now = self.state;
  ContactDetailsChanged change{self.id,
                               now.customers(),
                               changed(wanted.name, now.name),
                               changed(wanted.job_title, now.job_title),
                               changed(wanted.language, now.language),
                               changed(text_of(wanted.birthday), now.birthday)};
  const bool any = !change.name.is_absent() || !change.job_title.is_absent() || change.language ||
                   !change.birthday.is_absent();
  return any ? std::optional(std::move(change)) : std::nullopt;
}

// Emits what the changes need; e-mail addresses must be free. `customers`: linked at this time.
Status change_contact_points(Decision& decision, const Folded<Contact>& self,
                             const std::vector<CustomerId>& customers,
                             const ContactPointChanges& changes, const EmailHolders& holders,
                             const DecisionContext& context) {
  const ContactPoints& before = self.state.contact_points;
  const auto taken = taken_emails(changes, holders, self.id.tag());
  FACTUM_CHECK(check_contact_points(decision, changes.added, context));
  FACTUM_CHECK(decision.require(taken.empty(), rules::kContactEmailTaken, context));
  claim_emails(decision, kEmailSpace, self.id.tag(), before, changes, taken, context);
  for (const KnownContactPoint& point : changes.removed)
    decision.emit(ContactPointRemoved{self.id, customers, point.point}, context);
  std::int64_t number = before.added;
  for (const NewContactPoint& point : changes.added) {
    decision.emit(ContactPointAdded{self.id, customers, std::to_string(++number), point.kind,
                                    point.label, sealed_text(point.value), point.address},
                  context);
  }
  return {};
}

// Adds a link to a state that the decision goes on with; says whether it is new.
bool add_link(Contact& contact, const ContactLink& link) {
  if (std::find(contact.links.begin(), contact.links.end(), link) != contact.links.end())
    return false;
  contact.links.push_back(link);
  return true;
}

Status link_customer(Decision& decision, Contact& contact, const ContactLink& link,
                     const Folded<KnownCustomer>& customer, const DecisionContext& context) {
  FACTUM_CHECK(check_customer(decision, customer, context));
  if (!add_link(contact, link)) return {};
  // More tags than an event may have could not be recorded, in an import neither.
  if (contact.customers().size() > kCustomersMax)
    return refuse(std::string(rules::kContactTooManyCustomers.name),
                  std::string(rules::kContactTooManyCustomers.message));
  decision.emit(ContactLinkedToCustomer{contact.id, link.customer, link.role, contact.name},
                context);
  return {};
}

}  // namespace

void ContactLink::describe(FieldVisitor& v, ContactLink& l) {
  v.fact("customer", l.customer, "The customer");
  v.fact("role", l.role, "The role there");
}

void CreateContact::describe(FieldVisitor& v, CreateContact& c) {
  v.fact("name", c.name, "Full name as the person writes it", non_empty(500));
  v.fact("job_title", c.job_title, "Position");
  v.fact("language", c.language, "BCP 47 tag", at_most(35));
  v.fact("birthday", c.birthday, "Date of birth");
  v.fact("links", c.links, "Roles at customers", at_most(100));
  v.fact("contact_points", c.contact_points, "Ways to reach the person", at_most(50));
}

Result<CreateContact::Model> CreateContact::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Contact>(id));
  for (const ContactLink& link : links) {
    FACTUM_TRY(auto customer, reader.fold<KnownCustomer>(link.customer));
    model.customers.push_back(std::move(customer));
  }
  FACTUM_TRY(model.email_holders, load_email_holders(reader, kEmailSpace, contact_points));
  return model;
}

Result<Decision> CreateContact::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  Contact contact = model.self.state;
  if (model.self.exists()) {
    FACTUM_CHECK(check_active(decision, model.self, context));
    const ChangeContactDetails wanted{{id}, given(name), job_title, language, birthday};
    if (auto change = changed_details(model.self, wanted)) {
      contact.evolve(*change, {});
      decision.emit(std::move(*change), context);
    }
  } else {
    FACTUM_CHECK(decision.require(!name.empty(), rules::kContactNameMissing, context));
    ContactCreated created{id, sealed_text(name), sealed_text(job_title), given(language),
                           sealed_text(text_of(birthday))};
    contact.evolve(created, {});
    decision.emit(std::move(created), context);
  }
  for (std::size_t i = 0; i < links.size(); ++i)
    FACTUM_CHECK(link_customer(decision, contact, links[i], model.customers[i], context));
  const auto changes = contact_point_changes(model.self.state.contact_points, contact_points);
  FACTUM_CHECK(change_contact_points(decision, model.self, contact.customers(), changes,
                                     model.email_holders, context));
  return decision;
}

void ChangeContactDetails::describe(FieldVisitor& v, ChangeContactDetails& c) {
  v.fact("name", c.name, "The new name", non_empty(500));
  v.fact("job_title", c.job_title, "Position; empty = none");
  v.fact("language", c.language, "BCP 47 tag; empty = unknown", at_most(35));
  v.fact("birthday", c.birthday, "Date of birth");
}

Result<Decision> ChangeContactDetails::decide(const Model& model,
                                              const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  if (auto change = changed_details(model.self, *this)) decision.emit(std::move(*change), context);
  return decision;
}

void AddContactPoint::describe(FieldVisitor& v, AddContactPoint& c) {
  NewContactPoint::describe(v, c.contact_point);
}

Result<AddContactPoint::Model> AddContactPoint::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Contact>(id));
  FACTUM_TRY(model.email_holders, load_email_holders(reader, kEmailSpace, {contact_point}));
  return model;
}

Result<Decision> AddContactPoint::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  FACTUM_TRY(const auto changes,
             contact_point_added(model.self.state.contact_points, contact_point, context));
  FACTUM_CHECK(change_contact_points(decision, model.self, model.self.state.customers(), changes,
                                     model.email_holders, context));
  return decision;
}

void RemoveContactPoint::describe(FieldVisitor& v, RemoveContactPoint& c) {
  v.fact("point", c.point, "Id of the contact point", non_empty(64));
}

Result<Decision> RemoveContactPoint::decide(const Model& model,
                                            const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const KnownContactPoint* known = model.self.state.contact_points.find(point);
  FACTUM_CHECK(decision.require(known != nullptr, rules::kContactUnknownContactPoint, context));
  if (known == nullptr) return decision;
  FACTUM_CHECK(change_contact_points(decision, model.self, model.self.state.customers(),
                                     {.removed = {*known}, .added = {}}, {}, context));
  return decision;
}

void LinkContactToCustomer::describe(FieldVisitor& v, LinkContactToCustomer& c) {
  ContactLink::describe(v, c.link);
}

Result<LinkContactToCustomer::Model> LinkContactToCustomer::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Contact>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(link.customer));
  return model;
}

Result<Decision> LinkContactToCustomer::decide(const Model& model,
                                               const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  Contact contact = model.self.state;
  FACTUM_CHECK(link_customer(decision, contact, link, model.customer, context));
  return decision;
}

void UnlinkContactFromCustomer::describe(FieldVisitor& v, UnlinkContactFromCustomer& c) {
  ContactLink::describe(v, c.link);
}

Result<Decision> UnlinkContactFromCustomer::decide(const Model& model,
                                                   const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_active(decision, model.self, context));
  const auto& links = model.self.state.links;
  if (std::find(links.begin(), links.end(), link) != links.end())
    decision.emit(ContactUnlinkedFromCustomer{id, link.customer, link.role}, context);
  return decision;
}

void ArchiveContact::describe(FieldVisitor& /*v*/, ArchiveContact& /*c*/) {}

Result<Decision> ArchiveContact::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Contact& now = model.self.state;
  if (!now.archived) decision.emit(ContactArchived{id, now.customers()}, context);
  return decision;
}

void RestoreContact::describe(FieldVisitor& /*v*/, RestoreContact& /*c*/) {}

Result<Decision> RestoreContact::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Contact& now = model.self.state;
  if (now.archived) decision.emit(ContactRestored{id, now.customers()}, context);
  return decision;
}

}  // namespace factum::crm
