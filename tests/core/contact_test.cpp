// Rules of contacts: given events, when a command, then events or a refusal.
#include "core/crm/contact.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kBea = id_of<ContactId>(20);
const auto kCem = id_of<ContactId>(21);
const auto kFirm = id_of<CustomerId>(2);
const auto kShop = id_of<CustomerId>(3);
const auto kNowhere = id_of<CustomerId>(4);
using enum ContactRole;

ContactPointAdded email_added(std::vector<CustomerId> customers, std::string point,
                              std::string email) {
  return {kBea,
          std::move(customers),
          std::move(point),
          ContactPointKind::email,
          {},
          sealed(std::move(email)),
          {}};
}

NewContactPoint email(std::string value) {
  return {ContactPointKind::email, {}, std::move(value), {}};
}

// Bea is an employee of the firm; the shop has no contacts.
struct Fixture : Spec {
  Fixture() {
    for (const CustomerId& customer : {kFirm, kShop}) {
      CustomerRegistered event;
      event.customer = customer;
      event.name = std::string("Firm");
      given(event);
    }
    given(ContactCreated{kBea, sealed("Bea"), {}, {}, {}},
          ContactLinkedToCustomer{kBea, kFirm, employee, sealed("Bea")});
  }
};

CreateContact creation(std::string name) {
  CreateContact command;
  command.id = kCem;
  command.name = std::move(name);
  return command;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "creating a contact links it before its contact points are added") {
  CreateContact command = creation("Cem");
  command.job_title = "";
  command.language = "tr";
  command.birthday = Date(0);
  command.links = {{kFirm, buyer}, {kFirm, billing}, {kFirm, buyer}};
  command.contact_points = {email("Cem@X.de")};
  ContactPointAdded point = email_added({kFirm}, "1", "Cem@X.de");
  point.contact = kCem;
  when(command)
      .then(ContactCreated{kCem, sealed("Cem"), {}, "tr", sealed("1970-01-01")},
            ContactLinkedToCustomer{kCem, kFirm, buyer, sealed("Cem")},
            ContactLinkedToCustomer{kCem, kFirm, billing, sealed("Cem")}, point)
      .claiming({"take contact.email cem@x.de"});
}

TEST_CASE_FIXTURE(Fixture, "a contact is created once and has a name") {
  CreateContact again = creation("Bea");
  again.id = kBea;
  when(again).then_fails(ErrorCode::already_exists);
  when(creation("")).then_refused(rules::kContactNameMissing);
  importing()
      .when(creation(""))
      .then(ContactCreated{kCem, {}, {}, {}, {}})
      .breaking({rules::kContactNameMissing});
}

TEST_CASE_FIXTURE(Fixture, "a contact that is not there refuses every change") {
  when(ChangeContactDetails{{kCem}, "Cem", {}, {}, {}}).then_fails(ErrorCode::not_found);
  when(AddContactPoint{{kCem}, email("a@b")}).then_fails(ErrorCode::not_found);
  when(LinkContactToCustomer{{kCem}, {kFirm, buyer}}).then_fails(ErrorCode::not_found);
  when(ArchiveContact{{kCem}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "changed details name the customers of the contact") {
  const ChangeContactDetails command{{kBea}, "Bea", "Buyer", "de", Date(1)};
  done(command).then(
      ContactDetailsChanged{kBea, {kFirm}, {}, sealed("Buyer"), "de", sealed("1970-01-02")});
  when(command).then();
  when(ChangeContactDetails{{kBea}, {}, "", {}, {}})
      .then(ContactDetailsChanged{kBea, {kFirm}, {}, sealed(""), {}, {}});
}

TEST_CASE_FIXTURE(Fixture, "an archived contact refuses changes until it is restored") {
  done(ArchiveContact{{kBea}}).then(ContactArchived{kBea, {kFirm}});
  when(ArchiveContact{{kBea}}).then();
  const Rule& rule = rules::kContactArchived;
  when(ChangeContactDetails{{kBea}, "B", {}, {}, {}}).then_refused(rule);
  when(AddContactPoint{{kBea}, email("a@b")}).then_refused(rule);
  when(RemoveContactPoint{{kBea}, "1"}).then_refused(rule);
  when(LinkContactToCustomer{{kBea}, {kShop, buyer}}).then_refused(rule);
  when(UnlinkContactFromCustomer{{kBea}, {kFirm, employee}}).then_refused(rule);
  done(RestoreContact{{kBea}}).then(ContactRestored{kBea, {kFirm}});
  when(RestoreContact{{kBea}}).then();
}

TEST_CASE_FIXTURE(Fixture, "a contact is linked once per customer and role") {
  when(LinkContactToCustomer{{kBea}, {kFirm, employee}}).then();
  done(LinkContactToCustomer{{kBea}, {kFirm, buyer}})
      .then(ContactLinkedToCustomer{kBea, kFirm, buyer, sealed("Bea")});
  when(LinkContactToCustomer{{kBea}, {kNowhere, buyer}})
      .then_refused(rules::kContactUnknownCustomer);
  importing()
      .when(LinkContactToCustomer{{kBea}, {kNowhere, buyer}})
      .then(ContactLinkedToCustomer{kBea, kNowhere, buyer, sealed("Bea")})
      .breaking({rules::kContactUnknownCustomer});
}

TEST_CASE_FIXTURE(Fixture, "a contact is not linked to an archived customer") {
  given(CustomerArchived{kShop, {}});
  when(LinkContactToCustomer{{kBea}, {kShop, buyer}}).then_refused(rules::kContactArchivedCustomer);
  importing()
      .when(LinkContactToCustomer{{kBea}, {kShop, buyer}})
      .breaking({rules::kContactArchivedCustomer});
}

TEST_CASE_FIXTURE(Fixture, "a contact is linked to at most 30 customers, in an import too") {
  for (std::uint64_t number = 100; number < 129; ++number)
    given(ContactLinkedToCustomer{kBea, id_of<CustomerId>(number), user, {}});
  done(LinkContactToCustomer{{kBea}, {kFirm, billing}});
  when(LinkContactToCustomer{{kBea}, {kShop, user}}).then_refused(rules::kContactTooManyCustomers);
  importing()
      .when(LinkContactToCustomer{{kBea}, {kShop, user}})
      .then_refused(rules::kContactTooManyCustomers);
}

TEST_CASE_FIXTURE(Fixture, "an unlinked contact no longer names the customer") {
  when(UnlinkContactFromCustomer{{kBea}, {kShop, employee}}).then();
  done(UnlinkContactFromCustomer{{kBea}, {kFirm, employee}})
      .then(ContactUnlinkedFromCustomer{kBea, kFirm, employee});
  when(ArchiveContact{{kBea}}).then(ContactArchived{kBea, {}});
}

TEST_CASE_FIXTURE(Fixture, "an e-mail address belongs to one contact until it is removed") {
  done(AddContactPoint{{kBea}, email("a@b.de")})
      .then(email_added({kFirm}, "1", "a@b.de"))
      .claiming({"take contact.email a@b.de"});
  when(AddContactPoint{{kBea}, email("a@b.de")}).then();
  CreateContact command = creation("Cem");
  command.contact_points = {email("A@B.DE")};
  when(command).then_refused(rules::kContactEmailTaken);
  done(RemoveContactPoint{{kBea}, "1"})
      .then(ContactPointRemoved{kBea, {kFirm}, "1"})
      .claiming({"release contact.email a@b.de"});
  when(command).claiming({"take contact.email a@b.de"});
}

TEST_CASE_FIXTURE(Fixture, "an import keeps a second contact with the same e-mail address") {
  done(AddContactPoint{{kBea}, email("a@b.de")});
  CreateContact command = creation("Cem");
  command.contact_points = {email("a@b.de")};
  importing().when(command).breaking({rules::kContactEmailTaken}).claiming({});
}

TEST_CASE_FIXTURE(Fixture, "a contact point that is not there cannot be removed") {
  when(RemoveContactPoint{{kBea}, "9"}).then_refused(rules::kContactUnknownContactPoint);
  importing()
      .when(RemoveContactPoint{{kBea}, "9"})
      .then()
      .breaking({rules::kContactUnknownContactPoint});
}

TEST_CASE_FIXTURE(Fixture, "a corrected import of contacts yields only the differences") {
  importing();
  CreateContact command = creation("Cem");
  command.links = {{kFirm, buyer}};
  command.contact_points = {email("c@x.de")};
  done(command);
  when(command).then().claiming({});
  command.name = "Cem K.";
  command.links = {{kShop, buyer}};
  command.contact_points = {email("cem@x.de")};
  ContactPointAdded added = email_added({kFirm, kShop}, "2", "cem@x.de");
  added.contact = kCem;
  done(command)
      .then(ContactDetailsChanged{kCem, {kFirm}, sealed("Cem K."), {}, {}, {}},
            ContactLinkedToCustomer{kCem, kShop, buyer, sealed("Cem K.")},
            ContactPointRemoved{kCem, {kFirm, kShop}, "1"}, added)
      .claiming({"release contact.email c@x.de", "take contact.email cem@x.de"});
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "a contact is shown as its events leave it") {
  CHECK(shown<Contact>(kBea) ==
        R"({"id":")" + kBea.uuid.to_string() + R"(","name":"Bea","links":[{"customer":")" +
            kFirm.uuid.to_string() +
            R"(","role":"employee"}],"contact_points":[],"archived":false})");
}

}  // namespace factum::crm
