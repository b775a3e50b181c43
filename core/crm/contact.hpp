// Contacts: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/contact_events.hpp"
#include "core/crm/contact_point.hpp"
#include "core/crm/known.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// A role that a contact plays at a customer.
struct ContactLink {
  CustomerId customer;
  ContactRole role = {};

  static void describe(FieldVisitor& v, ContactLink& l);
  friend bool operator==(const ContactLink&, const ContactLink&) = default;
};

/// A contact as its own events leave it.
struct Contact {
  using Id = ContactId;
  using Events = ContactEvents;
  static constexpr bool kIsSubject = true;
  static constexpr bool kOpensSlots = true;  // changes are found by comparing personal values

  ContactId id;
  Sealed<std::string> name;
  Sealed<std::string> job_title;
  std::optional<std::string> language;
  Sealed<std::string> birthday;
  std::vector<ContactLink> links;
  ContactPoints contact_points;
  bool archived = false;

  /// The linked customers, each once, in the order of the first link.
  std::vector<CustomerId> customers() const;

  void evolve(const ContactCreated& e, const EventInfo& info);
  void evolve(const ContactDetailsChanged& e, const EventInfo& info);
  void evolve(const ContactPointAdded& e, const EventInfo& info);
  void evolve(const ContactPointRemoved& e, const EventInfo& info);
  void evolve(const ContactLinkedToCustomer& e, const EventInfo& info);
  void evolve(const ContactUnlinkedFromCustomer& e, const EventInfo& info);
  void evolve(const ContactArchived& e, const EventInfo& info);
  void evolve(const ContactRestored& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Contact& c);
};

struct CreateContact : CreationOf<Contact> {
  static constexpr std::string_view kName = "CreateContact";
  static constexpr std::string_view kDoc = "Makes a person known";
  static constexpr auto kCorrects = std::to_array<std::string_view>(
      {"name", "job_title", "language", "birthday", "links", "contact_points", "occurred_at"});

  struct Model {
    Folded<Contact> self;
    std::vector<Folded<KnownCustomer>> customers;  ///< in the order of `links`
    EmailHolders email_holders;
  };

  std::string name;
  std::optional<std::string> job_title;
  std::optional<std::string> language;
  std::optional<Date> birthday;
  std::vector<ContactLink> links;
  std::vector<NewContactPoint> contact_points;

  static void describe(FieldVisitor& v, CreateContact& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeContactDetails : CommandOn<Contact> {
  static constexpr std::string_view kName = "ChangeContactDetails";
  static constexpr std::string_view kDoc = "Corrects or completes details; absent fields stay";

  std::optional<std::string> name;
  std::optional<std::string> job_title;
  std::optional<std::string> language;
  std::optional<Date> birthday;

  static void describe(FieldVisitor& v, ChangeContactDetails& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AddContactPoint : CommandOn<Contact> {
  static constexpr std::string_view kName = "AddContactPoint";
  static constexpr std::string_view kDoc = "Adds a way to reach the contact";
  static constexpr bool kAddsUp = true;
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"kind", "label", "value", "address", "occurred_at"});

  struct Model {
    Folded<Contact> self;
    EmailHolders email_holders;
  };

  NewContactPoint contact_point;

  static void describe(FieldVisitor& v, AddContactPoint& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RemoveContactPoint : CommandOn<Contact> {
  static constexpr std::string_view kName = "RemoveContactPoint";
  static constexpr std::string_view kDoc = "Takes a way to reach the contact away";

  std::string point;

  static void describe(FieldVisitor& v, RemoveContactPoint& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct LinkContactToCustomer : CommandOn<Contact> {
  static constexpr std::string_view kName = "LinkContactToCustomer";
  static constexpr std::string_view kDoc = "Gives the contact a role at a customer";
  static constexpr bool kAddsUp = true;

  struct Model {
    Folded<Contact> self;
    Folded<KnownCustomer> customer;
  };

  ContactLink link;

  static void describe(FieldVisitor& v, LinkContactToCustomer& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct UnlinkContactFromCustomer : CommandOn<Contact> {
  static constexpr std::string_view kName = "UnlinkContactFromCustomer";
  static constexpr std::string_view kDoc = "Takes a role at a customer from the contact";

  ContactLink link;

  static void describe(FieldVisitor& v, UnlinkContactFromCustomer& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ArchiveContact : CommandOn<Contact> {
  static constexpr std::string_view kName = "ArchiveContact";
  static constexpr std::string_view kDoc = "Puts the contact away; everything is kept";

  static void describe(FieldVisitor& v, ArchiveContact& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RestoreContact : CommandOn<Contact> {
  static constexpr std::string_view kName = "RestoreContact";
  static constexpr std::string_view kDoc = "Brings an archived contact back";

  static void describe(FieldVisitor& v, RestoreContact& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kContactNameMissing{"contact.name_missing", "a contact needs a name"};
inline constexpr Rule kContactArchived{"contact.archived",
                                       "the contact is archived; restore it first"};
inline constexpr Rule kContactUnknownCustomer{"contact.unknown_customer",
                                              "the customer to link does not exist"};
inline constexpr Rule kContactArchivedCustomer{
    "contact.archived_customer", "the customer to link is archived; restore it first"};
inline constexpr Rule kContactTooManyCustomers{
    "contact.too_many_customers", "a contact is linked to at most 30 customers; unlink one first"};
inline constexpr Rule kContactUnknownContactPoint{"contact.unknown_contact_point",
                                                  "the contact has no such contact point"};
inline constexpr Rule kContactEmailTaken{"contact.email_taken",
                                         "another contact has this e-mail address"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using ContactCommands =
    TypeList<CreateContact, ChangeContactDetails, AddContactPoint, RemoveContactPoint,
             LinkContactToCustomer, UnlinkContactFromCustomer, ArchiveContact, RestoreContact>;
using ContactEntities = TypeList<Contact>;

}  // namespace factum::crm
