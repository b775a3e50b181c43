// Customers: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/contact_point.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/known.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// A customer as its own events leave it.
struct Customer {
  using Id = CustomerId;
  using Events = CustomerEvents;
  static constexpr bool kIsSubject = true;
  static constexpr bool kOpensSlots = true;  // changes are found by comparing personal values

  CustomerId id;
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
  std::vector<KnownExternalId> external_ids;
  ContactPoints contact_points;
  std::vector<std::string> tags;  ///< sorted
  bool archived = false;

  void evolve(const CustomerRegistered& e, const EventInfo& info);
  void evolve(const CustomerDetailsChanged& e, const EventInfo& info);
  void evolve(const CustomerExternalIdLinked& e, const EventInfo& info);
  void evolve(const CustomerContactPointAdded& e, const EventInfo& info);
  void evolve(const CustomerContactPointRemoved& e, const EventInfo& info);
  void evolve(const CustomerOwnerAssigned& e, const EventInfo& info);
  void evolve(const CustomerParentChanged& e, const EventInfo& info);
  void evolve(const LifecycleStageChanged& e, const EventInfo& info);
  void evolve(const TagApplied& e, const EventInfo& info);
  void evolve(const TagRemoved& e, const EventInfo& info);
  void evolve(const CustomerArchived& e, const EventInfo& info);
  void evolve(const CustomerRestored& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Customer& c);
};

/// The plain details that registering and changing have in common. An empty text takes a detail
/// away.
struct CustomerFacts {
  std::optional<std::string> sector;
  std::optional<std::string> segment;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> language;
  std::optional<std::string> origin;
  AttributeMap attributes;

  static void describe(FieldVisitor& v, CustomerFacts& f);
};

struct RegisterCustomer : CreationOf<Customer> {
  static constexpr std::string_view kName = "RegisterCustomer";
  static constexpr std::string_view kDoc = "Makes a customer known";
  static constexpr auto kCorrects = std::to_array<std::string_view>(
      {"name", "lifecycle_stage", "sector", "segment", "country", "region", "language", "origin",
       "attributes", "parent", "owner", "external_ids", "contact_points", "occurred_at"});

  struct Model {
    Folded<Customer> self;
    std::vector<Folded<KnownCustomer>> ancestors;  ///< the parent first
    Folded<KnownUser> owner;
    std::vector<std::optional<std::string>> external_id_holders;
    EmailHolders email_holders;
  };

  CustomerType kind = {};
  std::string name;
  std::optional<LifecycleStage> lifecycle_stage;
  CustomerFacts facts;
  std::optional<CustomerId> parent;
  std::optional<UserId> owner;
  std::vector<NewExternalId> external_ids;
  std::vector<NewContactPoint> contact_points;

  static void describe(FieldVisitor& v, RegisterCustomer& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  Status decide_differences(const Model& model, const DecisionContext& context,
                            Decision& decision) const;
};

struct ChangeCustomerDetails : CommandOn<Customer> {
  static constexpr std::string_view kName = "ChangeCustomerDetails";
  static constexpr std::string_view kDoc = "Corrects or completes details; absent fields stay";

  std::optional<std::string> name;
  CustomerFacts facts;

  static void describe(FieldVisitor& v, ChangeCustomerDetails& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct LinkCustomerExternalId : CommandOn<Customer> {
  static constexpr std::string_view kName = "LinkCustomerExternalId";
  static constexpr std::string_view kDoc =
      "Sets the customer's id in another system; replaces a former one of the same system";

  struct Model {
    Folded<Customer> self;
    std::optional<std::string> holder;
  };

  NewExternalId external_id;

  static void describe(FieldVisitor& v, LinkCustomerExternalId& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AddCustomerContactPoint : CommandOn<Customer> {
  static constexpr std::string_view kName = "AddCustomerContactPoint";
  static constexpr std::string_view kDoc = "Adds a way to reach the customer";
  static constexpr bool kAddsUp = true;
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"kind", "label", "value", "address", "occurred_at"});

  struct Model {
    Folded<Customer> self;
    EmailHolders email_holders;
  };

  NewContactPoint contact_point;

  static void describe(FieldVisitor& v, AddCustomerContactPoint& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RemoveCustomerContactPoint : CommandOn<Customer> {
  static constexpr std::string_view kName = "RemoveCustomerContactPoint";
  static constexpr std::string_view kDoc = "Takes a way to reach the customer away";

  std::string point;

  static void describe(FieldVisitor& v, RemoveCustomerContactPoint& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AssignCustomerOwner : CommandOn<Customer> {
  static constexpr std::string_view kName = "AssignCustomerOwner";
  static constexpr std::string_view kDoc = "Names the user who looks after the customer";

  struct Model {
    Folded<Customer> self;
    Folded<KnownUser> owner;
  };

  std::optional<UserId> owner;

  static void describe(FieldVisitor& v, AssignCustomerOwner& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeCustomerParent : CommandOn<Customer> {
  static constexpr std::string_view kName = "ChangeCustomerParent";
  static constexpr std::string_view kDoc = "Puts the customer under another organisation, or none";

  struct Model {
    Folded<Customer> self;
    std::vector<Folded<KnownCustomer>> ancestors;  ///< the new parent first
  };

  std::optional<CustomerId> parent;

  static void describe(FieldVisitor& v, ChangeCustomerParent& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeLifecycleStage : CommandOn<Customer> {
  static constexpr std::string_view kName = "ChangeLifecycleStage";
  static constexpr std::string_view kDoc = "Moves the relation on, or back";

  LifecycleStage stage = {};
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ChangeLifecycleStage& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ApplyTag : CommandOn<Customer> {
  static constexpr std::string_view kName = "ApplyTag";
  static constexpr std::string_view kDoc = "Puts a label on the customer";
  static constexpr bool kAddsUp = true;

  std::string tag;

  static void describe(FieldVisitor& v, ApplyTag& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RemoveTag : CommandOn<Customer> {
  static constexpr std::string_view kName = "RemoveTag";
  static constexpr std::string_view kDoc = "Takes a label off the customer";

  std::string tag;

  static void describe(FieldVisitor& v, RemoveTag& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ArchiveCustomer : CommandOn<Customer> {
  static constexpr std::string_view kName = "ArchiveCustomer";
  static constexpr std::string_view kDoc = "Puts the customer away; everything is kept";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ArchiveCustomer& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RestoreCustomer : CommandOn<Customer> {
  static constexpr std::string_view kName = "RestoreCustomer";
  static constexpr std::string_view kDoc = "Brings an archived customer back";

  static void describe(FieldVisitor& v, RestoreCustomer& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kCustomerNameMissing{"customer.name_missing", "a customer needs a name"};
inline constexpr Rule kCustomerArchived{"customer.archived",
                                        "the customer is archived; restore it first"};
inline constexpr Rule kCustomerUnknownParent{"customer.unknown_parent",
                                             "the parent customer does not exist"};
inline constexpr Rule kCustomerParentCycle{"customer.parent_cycle",
                                           "a customer cannot stand above or beside itself"};
inline constexpr Rule kCustomerParentTooDeep{"customer.parent_too_deep",
                                             "customers nest at most 20 levels"};
inline constexpr Rule kCustomerUnknownOwner{"customer.unknown_owner",
                                            "the owner is not a known user"};
inline constexpr Rule kCustomerInactiveOwner{"customer.inactive_owner",
                                             "the owner has left; choose an active user"};
inline constexpr Rule kCustomerStageMove{
    "customer.stage_move",
    "allowed are prospect to customer, customer to dormant or lost, dormant to customer or lost, "
    "and lost to customer"};
inline constexpr Rule kCustomerUnknownContactPoint{"customer.unknown_contact_point",
                                                   "the customer has no such contact point"};
inline constexpr Rule kCustomerExternalIdTaken{"customer.external_id_taken",
                                               "another customer has this id of the other system"};
inline constexpr Rule kCustomerEmailTaken{"customer.email_taken",
                                          "another person has this e-mail address"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using CustomerCommands = TypeList<RegisterCustomer, ChangeCustomerDetails, LinkCustomerExternalId,
                                  AddCustomerContactPoint, RemoveCustomerContactPoint,
                                  AssignCustomerOwner, ChangeCustomerParent, ChangeLifecycleStage,
                                  ApplyTag, RemoveTag, ArchiveCustomer, RestoreCustomer>;
using CustomerEntities = TypeList<Customer>;

}  // namespace factum::crm
