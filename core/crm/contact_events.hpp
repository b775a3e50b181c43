// Events of contacts: natural persons, linked to customers in roles.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct ContactCreated {
  static constexpr std::string_view kName = "ContactCreated";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A person is known from now on";

  ContactId contact;
  Sealed<std::string> name;
  Sealed<std::string> job_title;
  std::optional<std::string> language;
  Sealed<std::string> birthday;

  static void describe(FieldVisitor& v, ContactCreated& e) {
    v.id("contact", e.contact, "The contact");
    v.personal("name", e.name, by("contact", e.contact), "Full name as the person writes it",
               non_empty(500));
    v.personal("job_title", e.job_title, by("contact", e.contact), "Position");
    v.fact("language", e.language, "BCP 47 tag");
    v.sensitive("birthday", e.birthday, by("contact", e.contact), "Date of birth, YYYY-MM-DD",
                at_most(10));
  }
};

struct ContactDetailsChanged {
  static constexpr std::string_view kName = "ContactDetailsChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "Details of a contact were corrected or completed; absent fields stay";

  ContactId contact;
  std::vector<CustomerId> customers;
  Sealed<std::string> name;
  Sealed<std::string> job_title;
  std::optional<std::string> language;
  Sealed<std::string> birthday;

  static void describe(FieldVisitor& v, ContactDetailsChanged& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customers", e.customers, "The customers this contact is linked to at this time");
    v.personal("name", e.name, by("contact", e.contact), "The new name", non_empty(500));
    v.personal("job_title", e.job_title, by("contact", e.contact), "Position");
    v.fact("language", e.language, "BCP 47 tag");
    v.sensitive("birthday", e.birthday, by("contact", e.contact), "Date of birth", at_most(10));
  }
};

struct ContactPointAdded {
  static constexpr std::string_view kName = "ContactPointAdded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A way to reach the contact";

  ContactId contact;
  std::vector<CustomerId> customers;
  std::string point;
  ContactPointKind kind = {};
  std::optional<std::string> label;
  Sealed<std::string> value;
  Sealed<PostalAddress> address;

  static void describe(FieldVisitor& v, ContactPointAdded& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customers", e.customers, "The customers this contact is linked to at this time");
    v.fact("point", e.point, "Id of the contact point, unique within the contact", non_empty(64));
    v.fact("kind", e.kind, "What kind it is");
    v.fact("label", e.label, "work, home");
    v.personal("value", e.value, by("contact", e.contact), "E-mail address, number or link",
               at_most(500));
    v.personal("address", e.address, by("contact", e.contact), "Postal address");
  }
};

struct ContactPointRemoved {
  static constexpr std::string_view kName = "ContactPointRemoved";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A way to reach the contact is gone";

  ContactId contact;
  std::vector<CustomerId> customers;
  std::string point;

  static void describe(FieldVisitor& v, ContactPointRemoved& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customers", e.customers, "The customers this contact is linked to at this time");
    v.fact("point", e.point, "Id of the contact point", non_empty(64));
  }
};

struct ContactLinkedToCustomer {
  static constexpr std::string_view kName = "ContactLinkedToCustomer";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The contact plays a role at a customer";

  ContactId contact;
  CustomerId customer;
  ContactRole role = {};
  Sealed<std::string> name;

  static void describe(FieldVisitor& v, ContactLinkedToCustomer& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customer", e.customer, "The customer");
    v.fact("role", e.role, "The role");
    v.personal("name", e.name, by("contact", e.contact),
               "The name at the time, so that the customer's view is whole", at_most(500));
  }
};

struct ContactUnlinkedFromCustomer {
  static constexpr std::string_view kName = "ContactUnlinkedFromCustomer";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The contact no longer plays this role";

  ContactId contact;
  CustomerId customer;
  ContactRole role = {};

  static void describe(FieldVisitor& v, ContactUnlinkedFromCustomer& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customer", e.customer, "The customer");
    v.fact("role", e.role, "The role");
  }
};

struct ContactArchived {
  static constexpr std::string_view kName = "ContactArchived";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The contact is kept but not worked with";

  ContactId contact;
  std::vector<CustomerId> customers;

  static void describe(FieldVisitor& v, ContactArchived& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customers", e.customers, "The customers this contact is linked to at this time");
  }
};

struct ContactRestored {
  static constexpr std::string_view kName = "ContactRestored";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The contact is worked with again";

  ContactId contact;
  std::vector<CustomerId> customers;

  static void describe(FieldVisitor& v, ContactRestored& e) {
    v.id("contact", e.contact, "The contact");
    v.id("customers", e.customers, "The customers this contact is linked to at this time");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using ContactEvents = TypeList<ContactCreated, ContactDetailsChanged, ContactPointAdded,
                               ContactPointRemoved, ContactLinkedToCustomer,
                               ContactUnlinkedFromCustomer, ContactArchived, ContactRestored>;

}  // namespace factum::crm
