// Events of customers: organisations and persons that are sold to or served.
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

struct CustomerRegistered {
  static constexpr std::string_view kName = "CustomerRegistered";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A customer is known from now on";

  CustomerId customer;
  CustomerType kind = {};
  Sealed<std::string> name;
  LifecycleStage lifecycle_stage = {};
  std::optional<std::string> sector;
  std::optional<std::string> segment;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> language;
  std::optional<std::string> origin;
  std::optional<CustomerId> parent;
  std::optional<UserId> owner;
  Sealed<AttributeMap> attributes;

  static void describe(FieldVisitor& v, CustomerRegistered& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("kind", e.kind, "Organisation or person");
    v.personal("name", e.name, by("customer", e.customer), "Name as the customer writes it",
               non_empty(500));
    v.fact("lifecycle_stage", e.lifecycle_stage, "Where the relation stands");
    v.fact("sector", e.sector, "Line of business, a code");
    v.fact("segment", e.segment, "Market segment, a code");
    v.fact("country", e.country, "ISO 3166-1 alpha-2, or a name as found in an import");
    v.fact("region", e.region, "Coarse region");
    v.fact("language", e.language, "BCP 47 tag");
    v.fact("origin", e.origin, "Where the customer came from, a code");
    v.fact("parent", e.parent, "The organisation it belongs to");
    v.fact("owner", e.owner, "The user who looks after it");
    v.personal("attributes", e.attributes, by("customer", e.customer),
               "Further attributes by name");
  }
};

struct CustomerDetailsChanged {
  static constexpr std::string_view kName = "CustomerDetailsChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "Details of a customer were corrected or completed; absent fields stay";

  CustomerId customer;
  Sealed<std::string> name;
  std::optional<std::string> sector;
  std::optional<std::string> segment;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> language;
  std::optional<std::string> origin;
  Sealed<AttributeMap> attributes;

  static void describe(FieldVisitor& v, CustomerDetailsChanged& e) {
    v.id("customer", e.customer, "The customer");
    v.personal("name", e.name, by("customer", e.customer), "The new name", non_empty(500));
    v.fact("sector", e.sector, "Line of business");
    v.fact("segment", e.segment, "Market segment");
    v.fact("country", e.country, "Country");
    v.fact("region", e.region, "Coarse region");
    v.fact("language", e.language, "BCP 47 tag");
    v.fact("origin", e.origin, "Where the customer came from");
    v.personal("attributes", e.attributes, by("customer", e.customer),
               "Attributes set; an empty text removes one");
  }
};

struct CustomerExternalIdLinked {
  static constexpr std::string_view kName = "CustomerExternalIdLinked";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Another system's id of the customer";

  CustomerId customer;
  std::string system;
  Sealed<std::string> external_id;

  static void describe(FieldVisitor& v, CustomerExternalIdLinked& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("system", e.system, "The other system, a code", non_empty(100));
    v.personal("external_id", e.external_id, by("customer", e.customer), "The id there",
               non_empty(200));
  }
};

struct CustomerContactPointAdded {
  static constexpr std::string_view kName = "CustomerContactPointAdded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A way to reach the customer";

  CustomerId customer;
  std::string point;
  ContactPointKind kind = {};
  std::optional<std::string> label;
  Sealed<std::string> value;
  Sealed<PostalAddress> address;

  static void describe(FieldVisitor& v, CustomerContactPointAdded& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("point", e.point, "Id of the contact point, unique within the customer", non_empty(64));
    v.fact("kind", e.kind, "What kind it is");
    v.fact("label", e.label, "work, home, billing");
    v.personal("value", e.value, by("customer", e.customer), "E-mail address, number or link",
               at_most(500));
    v.personal("address", e.address, by("customer", e.customer), "Postal address");
  }
};

struct CustomerContactPointRemoved {
  static constexpr std::string_view kName = "CustomerContactPointRemoved";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A way to reach the customer is gone";

  CustomerId customer;
  std::string point;

  static void describe(FieldVisitor& v, CustomerContactPointRemoved& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("point", e.point, "Id of the contact point", non_empty(64));
  }
};

struct CustomerOwnerAssigned {
  static constexpr std::string_view kName = "CustomerOwnerAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Another user looks after the customer; history stays";

  CustomerId customer;
  std::optional<UserId> owner;
  std::optional<UserId> previous_owner;

  static void describe(FieldVisitor& v, CustomerOwnerAssigned& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("owner", e.owner, "The new owner; absent = nobody");
    v.fact("previous_owner", e.previous_owner, "The owner before");
  }
};

struct CustomerParentChanged {
  static constexpr std::string_view kName = "CustomerParentChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The customer belongs to another organisation";

  CustomerId customer;
  std::optional<CustomerId> parent;
  std::optional<CustomerId> previous_parent;

  static void describe(FieldVisitor& v, CustomerParentChanged& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("parent", e.parent, "The new parent; absent = none");
    v.fact("previous_parent", e.previous_parent, "The parent before");
  }
};

struct LifecycleStageChanged {
  static constexpr std::string_view kName = "LifecycleStageChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The relation with the customer moved on";

  CustomerId customer;
  LifecycleStage stage = {};
  LifecycleStage previous_stage = {};
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, LifecycleStageChanged& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("stage", e.stage, "The new stage");
    v.fact("previous_stage", e.previous_stage, "The stage before");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct TagApplied {
  static constexpr std::string_view kName = "TagApplied";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A label was put on the customer";

  CustomerId customer;
  std::string tag;

  static void describe(FieldVisitor& v, TagApplied& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("tag", e.tag, "The label", non_empty(100));
  }
};

struct TagRemoved {
  static constexpr std::string_view kName = "TagRemoved";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A label was taken off the customer";

  CustomerId customer;
  std::string tag;

  static void describe(FieldVisitor& v, TagRemoved& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("tag", e.tag, "The label", non_empty(100));
  }
};

struct CustomerArchived {
  static constexpr std::string_view kName = "CustomerArchived";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The customer is kept but not worked with";

  CustomerId customer;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, CustomerArchived& e) {
    v.id("customer", e.customer, "The customer");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct CustomerRestored {
  static constexpr std::string_view kName = "CustomerRestored";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The customer is worked with again";

  CustomerId customer;

  static void describe(FieldVisitor& v, CustomerRestored& e) {
    v.id("customer", e.customer, "The customer");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using CustomerEvents =
    TypeList<CustomerRegistered, CustomerDetailsChanged, CustomerExternalIdLinked,
             CustomerContactPointAdded, CustomerContactPointRemoved, CustomerOwnerAssigned,
             CustomerParentChanged, LifecycleStageChanged, TagApplied, TagRemoved, CustomerArchived,
             CustomerRestored>;

}  // namespace factum::crm
