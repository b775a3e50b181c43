// Rules of customers: given events, when a command, then events or a refusal.
#include "core/crm/customer.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kAnna = id_of<CustomerId>(1);
const auto kFirm = id_of<CustomerId>(2);
const auto kOther = id_of<CustomerId>(3);
const auto kUser = id_of<UserId>(10);
const auto kLeaver = id_of<UserId>(11);

CustomerRegistered registered(CustomerId customer, std::string name,
                              CustomerType kind = CustomerType::organisation) {
  CustomerRegistered event;
  event.customer = customer;
  event.kind = kind;
  event.name = std::move(name);
  return event;
}

CustomerContactPointAdded email_added(CustomerId customer, std::string point, std::string email) {
  return {customer, std::move(point), ContactPointKind::email, {}, {std::move(email)}, {}};
}

NewContactPoint email(std::string value) {
  return {ContactPointKind::email, {}, std::move(value), {}};
}

// Anna is a person, the firm an organisation; one user works here and one has left.
struct Fixture : Spec {
  Fixture() {
    given(registered(kAnna, "Anna", CustomerType::person), registered(kFirm, "Firm"));
    UserAdded user;
    user.user = kUser;
    user.name = std::string("Uma");
    given(user);
    user.user = kLeaver;
    given(user, UserDeactivated{kLeaver});
  }
  RegisterCustomer registration(CustomerId id, std::string name) {
    RegisterCustomer command;
    command.id = id;
    command.name = std::move(name);
    return command;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "registering a customer takes its ids and e-mail addresses with it") {
  RegisterCustomer command = registration(kOther, "Otto");
  command.kind = CustomerType::person;
  command.owner = kUser;
  command.parent = kFirm;
  command.facts.sector = "retail";
  command.facts.segment = "";
  command.facts.attributes = {{"size", "small"}, {"none", ""}};
  command.external_ids = {{"erp", " 4711 "}};
  command.contact_points = {email(" Otto@Example.COM ")};

  CustomerRegistered event = registered(kOther, "Otto", CustomerType::person);
  event.owner = kUser;
  event.parent = kFirm;
  event.sector = "retail";
  event.attributes = AttributeMap{{"size", "small"}};
  when(command)
      .then(event, CustomerExternalIdLinked{kOther, "erp", sealed("4711")},
            email_added(kOther, "1", " Otto@Example.COM "))
      .claiming({"take customer.external_id erp\n4711", "take customer.email otto@example.com"});
}

TEST_CASE_FIXTURE(Fixture, "a customer is registered once") {
  when(registration(kAnna, "Anna")).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "a customer needs a name") {
  when(registration(kOther, "")).then_refused(rules::kCustomerNameMissing);
  importing().when(registration(kOther, "")).breaking({rules::kCustomerNameMissing});
}

TEST_CASE_FIXTURE(Fixture, "a customer that is not there refuses every change") {
  when(ChangeCustomerDetails{{kOther}, "Otto", {}}).then_fails(ErrorCode::not_found);
  when(LinkCustomerExternalId{{kOther}, {"erp", "1"}}).then_fails(ErrorCode::not_found);
  when(AddCustomerContactPoint{{kOther}, email("a@b")}).then_fails(ErrorCode::not_found);
  when(ApplyTag{{kOther}, "vip"}).then_fails(ErrorCode::not_found);
  when(RestoreCustomer{{kOther}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "only details that differ are changed") {
  CustomerDetailsChanged event;
  event.customer = kFirm;
  event.sector = "retail";
  event.attributes = AttributeMap{{"size", "big"}};
  ChangeCustomerDetails command{{kFirm}, "Firm", {}};
  command.facts.sector = "retail";
  command.facts.attributes = {{"size", "big"}};
  done(command).then(event);
  when(command).then();

  event = {};
  event.customer = kFirm;
  event.name = std::string("Firm & Co");
  event.sector = "";
  event.attributes = AttributeMap{{"size", ""}};
  command = {{kFirm}, "Firm & Co", {}};
  command.facts.sector = "";
  command.facts.attributes = {{"size", ""}, {"unheard", ""}};
  done(command).then(event);
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "an archived customer refuses changes until it is restored") {
  done(ArchiveCustomer{{kFirm}, "gone"}).then(CustomerArchived{kFirm, "gone"});
  when(ArchiveCustomer{{kFirm}, "gone"}).then();
  const Rule& rule = rules::kCustomerArchived;
  when(ChangeCustomerDetails{{kFirm}, "New", {}}).then_refused(rule);
  when(LinkCustomerExternalId{{kFirm}, {"erp", "1"}}).then_refused(rule);
  when(AddCustomerContactPoint{{kFirm}, email("a@b")}).then_refused(rule);
  when(RemoveCustomerContactPoint{{kFirm}, "1"}).then_refused(rule);
  when(AssignCustomerOwner{{kFirm}, kUser}).then_refused(rule);
  when(ChangeCustomerParent{{kFirm}, kAnna}).then_refused(rule);
  when(ChangeLifecycleStage{{kFirm}, LifecycleStage::customer, {}}).then_refused(rule);
  when(ApplyTag{{kFirm}, "vip"}).then_refused(rule);
  when(RemoveTag{{kFirm}, "vip"}).then_refused(rule);
  done(RestoreCustomer{{kFirm}}).then(CustomerRestored{kFirm});
  when(RestoreCustomer{{kFirm}}).then();
  when(ApplyTag{{kFirm}, "vip"}).then(TagApplied{kFirm, "vip"});
}

TEST_CASE_FIXTURE(Fixture, "an import changes an archived customer and says so") {
  given(CustomerArchived{kFirm, {}}).importing();
  when(ApplyTag{{kFirm}, "vip"})
      .then(TagApplied{kFirm, "vip"})
      .breaking({rules::kCustomerArchived});
}

TEST_CASE_FIXTURE(Fixture, "an external id belongs to one customer") {
  done(LinkCustomerExternalId{{kFirm}, {"erp", "1"}})
      .then(CustomerExternalIdLinked{kFirm, "erp", sealed("1")})
      .claiming({"take customer.external_id erp\n1"});
  when(LinkCustomerExternalId{{kFirm}, {"erp", " 1 "}}).then().claiming({});
  when(LinkCustomerExternalId{{kAnna}, {"erp", "1"}}).then_refused(rules::kCustomerExternalIdTaken);
  when(LinkCustomerExternalId{{kAnna}, {"shop", "1"}})
      .claiming({"take customer.external_id shop\n1"});
  importing()
      .when(LinkCustomerExternalId{{kAnna}, {"erp", "1"}})
      .then(CustomerExternalIdLinked{kAnna, "erp", sealed("1")})
      .breaking({rules::kCustomerExternalIdTaken})
      .claiming({});
}

TEST_CASE_FIXTURE(Fixture, "a new external id of the same system replaces the former") {
  done(LinkCustomerExternalId{{kFirm}, {"erp", "1"}});
  done(LinkCustomerExternalId{{kFirm}, {"erp", "2"}})
      .then(CustomerExternalIdLinked{kFirm, "erp", sealed("2")})
      .claiming({"release customer.external_id erp\n1", "take customer.external_id erp\n2"});
  when(LinkCustomerExternalId{{kAnna}, {"erp", "1"}})
      .then(CustomerExternalIdLinked{kAnna, "erp", sealed("1")});
}

TEST_CASE_FIXTURE(Fixture, "an e-mail address belongs to one person, but to many organisations") {
  done(AddCustomerContactPoint{{kAnna}, email("a@b.de")})
      .then(email_added(kAnna, "1", "a@b.de"))
      .claiming({"take customer.email a@b.de"});
  RegisterCustomer command = registration(kOther, "Otto");
  command.contact_points = {email("A@B.de")};
  when(command).claiming({});
  command.kind = CustomerType::person;
  when(command).then_refused(rules::kCustomerEmailTaken);
  importing().when(command).breaking({rules::kCustomerEmailTaken}).claiming({});
}

TEST_CASE_FIXTURE(Fixture,
                  "an e-mail address is free again when its last contact point is removed") {
  done(AddCustomerContactPoint{{kAnna}, email("a@b.de")});
  when(AddCustomerContactPoint{{kAnna}, email("a@b.de")}).then();
  NewContactPoint work = email("A@b.de");
  work.label = "work";
  done(AddCustomerContactPoint{{kAnna}, work}).claiming({});
  done(RemoveCustomerContactPoint{{kAnna}, "1"})
      .then(CustomerContactPointRemoved{kAnna, "1"})
      .claiming({});
  done(RemoveCustomerContactPoint{{kAnna}, "2"}).claiming({"release customer.email a@b.de"});
  done(AddCustomerContactPoint{{kAnna}, email("c@d.de")}).then(email_added(kAnna, "3", "c@d.de"));
}

TEST_CASE_FIXTURE(Fixture, "a contact point says something that fits its kind") {
  when(AddCustomerContactPoint{{kAnna}, {ContactPointKind::phone, {}, {}, {}}})
      .then_refused(rules::kContactPointEmpty);
  when(AddCustomerContactPoint{{kAnna}, email("nobody")}).then_refused(rules::kContactPointNoEmail);
  importing()
      .when(AddCustomerContactPoint{{kAnna}, email("nobody")})
      .then(email_added(kAnna, "1", "nobody"))
      .breaking({rules::kContactPointNoEmail})
      .claiming({});
}

TEST_CASE_FIXTURE(Fixture, "a contact point that is not there cannot be removed") {
  when(RemoveCustomerContactPoint{{kAnna}, "9"}).then_refused(rules::kCustomerUnknownContactPoint);
  importing()
      .when(RemoveCustomerContactPoint{{kAnna}, "9"})
      .then()
      .breaking({rules::kCustomerUnknownContactPoint});
}

TEST_CASE_FIXTURE(Fixture, "the owner is an active user") {
  done(AssignCustomerOwner{{kFirm}, kUser}).then(CustomerOwnerAssigned{kFirm, kUser, {}});
  when(AssignCustomerOwner{{kFirm}, kUser}).then();
  when(AssignCustomerOwner{{kFirm}, {}}).then(CustomerOwnerAssigned{kFirm, {}, kUser});
  when(AssignCustomerOwner{{kFirm}, kLeaver}).then_refused(rules::kCustomerInactiveOwner);
  when(AssignCustomerOwner{{kFirm}, id_of<UserId>(99)}).then_refused(rules::kCustomerUnknownOwner);
  importing()
      .when(AssignCustomerOwner{{kFirm}, kLeaver})
      .then(CustomerOwnerAssigned{kFirm, kLeaver, kUser})
      .breaking({rules::kCustomerInactiveOwner});
}

TEST_CASE_FIXTURE(Fixture, "a parent exists and is not below its child") {
  done(ChangeCustomerParent{{kAnna}, kFirm}).then(CustomerParentChanged{kAnna, kFirm, {}});
  when(ChangeCustomerParent{{kAnna}, kFirm}).then();
  when(ChangeCustomerParent{{kAnna}, {}}).then(CustomerParentChanged{kAnna, {}, kFirm});
  when(ChangeCustomerParent{{kFirm}, kFirm}).then_refused(rules::kCustomerParentCycle);
  when(ChangeCustomerParent{{kFirm}, kAnna}).then_refused(rules::kCustomerParentCycle);
  when(ChangeCustomerParent{{kFirm}, kOther}).then_refused(rules::kCustomerUnknownParent);
  importing()
      .when(ChangeCustomerParent{{kFirm}, kOther})
      .then(CustomerParentChanged{kFirm, kOther, {}})
      .breaking({rules::kCustomerUnknownParent});
}

TEST_CASE_FIXTURE(Fixture, "customers nest at most 20 levels") {
  for (std::uint64_t level = 100; level < 121; ++level) {
    CustomerRegistered event = registered(id_of<CustomerId>(level), "Level");
    if (level > 100) event.parent = id_of<CustomerId>(level - 1);
    given(event);
  }
  when(ChangeCustomerParent{{kFirm}, id_of<CustomerId>(119)})
      .then(CustomerParentChanged{kFirm, id_of<CustomerId>(119), {}});
  when(ChangeCustomerParent{{kFirm}, id_of<CustomerId>(120)})
      .then_refused(rules::kCustomerParentTooDeep);
}

TEST_CASE_FIXTURE(Fixture, "the lifecycle moves only as it may") {
  using enum LifecycleStage;
  const std::vector<LifecycleStage> all = {prospect, customer, dormant, lost};
  const auto allowed = [](LifecycleStage from, LifecycleStage to) {
    return (from == prospect && to == customer) ||
           (from == customer && (to == dormant || to == lost)) ||
           (from == dormant && (to == customer || to == lost)) || (from == lost && to == customer);
  };
  for (LifecycleStage from : all) {
    given(LifecycleStageChanged{kFirm, from, {}, {}});
    for (LifecycleStage to : all) {
      const auto outcome = when(ChangeLifecycleStage{{kFirm}, to, "why"});
      if (from == to)
        outcome.then();
      else if (allowed(from, to))
        outcome.then(LifecycleStageChanged{kFirm, to, from, "why"});
      else
        outcome.then_refused(rules::kCustomerStageMove);
    }
  }
  importing()
      .when(ChangeLifecycleStage{{kFirm}, prospect, {}})
      .then(LifecycleStageChanged{kFirm, prospect, lost, {}})
      .breaking({rules::kCustomerStageMove});
}

TEST_CASE_FIXTURE(Fixture, "a tag is applied and removed once") {
  done(ApplyTag{{kFirm}, "vip"}).then(TagApplied{kFirm, "vip"});
  when(ApplyTag{{kFirm}, "vip"}).then();
  done(RemoveTag{{kFirm}, "vip"}).then(TagRemoved{kFirm, "vip"});
  when(RemoveTag{{kFirm}, "vip"}).then();
}

TEST_CASE_FIXTURE(Fixture, "a corrected import yields only the differences") {
  importing();
  RegisterCustomer command = registration(kOther, "Otto");
  command.kind = CustomerType::person;
  command.facts.sector = "retail";
  command.external_ids = {{"erp", "1"}};
  command.contact_points = {email("o@x.de"), {ContactPointKind::phone, {}, "030 1", {}}};
  done(command);
  when(command).then().claiming({});

  command.name = "Otto B.";
  command.lifecycle_stage = LifecycleStage::customer;
  command.parent = kFirm;
  command.owner = kUser;
  command.external_ids = {{"erp", "1"}, {"shop", "2"}};
  command.contact_points = {email("otto@x.de"), {ContactPointKind::phone, {}, "030 1", {}}};
  CustomerDetailsChanged details;
  details.customer = kOther;
  details.name = std::string("Otto B.");
  done(command)
      .then(details,
            LifecycleStageChanged{kOther, LifecycleStage::customer, LifecycleStage::prospect, {}},
            CustomerParentChanged{kOther, kFirm, {}}, CustomerOwnerAssigned{kOther, kUser, {}},
            CustomerExternalIdLinked{kOther, "shop", sealed("2")},
            CustomerContactPointRemoved{kOther, "1"}, email_added(kOther, "3", "otto@x.de"))
      .claiming({"take customer.external_id shop\n2", "release customer.email o@x.de",
                 "take customer.email otto@x.de"})
      .breaking({});
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "a customer is shown as its events leave it") {
  done(ApplyTag{{kAnna}, "vip"});
  done(ApplyTag{{kAnna}, "new"});
  done(LinkCustomerExternalId{{kAnna}, {"erp", "1"}});
  done(AddCustomerContactPoint{{kAnna}, email("a@b.de")});
  CHECK(shown<Customer>(kAnna) ==
        R"({"id":")" + kAnna.uuid.to_string() +
            R"(","kind":"person","name":"Anna","lifecycle_stage":"prospect","external_ids":)"
            R"([{"system":"erp","external_id":"1"}],"contact_points":[{"point":"1",)"
            R"("kind":"email","value":"a@b.de"}],"tags":["new","vip"],"archived":false})");
}

TEST_CASE_FIXTURE(Fixture, "an erased customer is shown without its personal values") {
  done(AddCustomerContactPoint{{kAnna}, email("a@b.de")});
  given_erased(kAnna.uuid);
  const std::string shown_now = shown<Customer>(kAnna);
  CHECK(shown_now.find("Anna") == std::string::npos);
  CHECK(shown_now.find("a@b.de") == std::string::npos);
  CHECK(shown_now.find(R"("name":{"erased":true})") != std::string::npos);
}

}  // namespace factum::crm
