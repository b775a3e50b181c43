// Rules of interactions: given events, when a command, then events or a refusal.
#include "core/crm/interaction.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kCall = id_of<InteractionId>(30);
const auto kFirm = id_of<CustomerId>(2);
const auto kBea = id_of<ContactId>(20);
const auto kDeal = id_of<DealId>(40);
const auto kTicket = id_of<TicketId>(41);
const auto kUser = id_of<UserId>(10);

struct Fixture : Spec {
  Fixture() {
    CustomerRegistered customer;
    customer.customer = kFirm;
    given(customer, ContactCreated{kBea, sealed("Bea"), {}, {}, {}});
    DealOpened deal;
    deal.deal = kDeal;
    deal.customer = kFirm;
    deal.stage = "new";
    deal.title = sealed("Deal");
    TicketOpened ticket;
    ticket.ticket = kTicket;
    UserAdded user;
    user.user = kUser;
    given(deal, ticket, user);
  }
};

LogInteraction call() {
  LogInteraction command;
  command.id = kCall;
  command.customer = kFirm;
  command.channel = Channel::call;
  command.direction = Direction::outbound;
  return command;
}

InteractionLogged logged() {
  InteractionLogged event;
  event.interaction = kCall;
  event.customer = kFirm;
  event.channel = Channel::call;
  event.direction = Direction::outbound;
  return event;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an interaction is logged with everything it is about") {
  LogInteraction command = call();
  command.contact = kBea;
  command.deal = kDeal;
  command.ticket = kTicket;
  command.user = kUser;
  command.content = {"reached", 60, "Hello", "Long talk"};
  InteractionLogged event = logged();
  event.contact = kBea;
  event.deal = kDeal;
  event.ticket = kTicket;
  event.user = kUser;
  event.outcome = "reached";
  event.duration_s = 60;
  event.subject = sealed("Hello");
  event.text = sealed("Long talk");
  done(command).then(event);
  when(command).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "what an interaction refers to exists") {
  LogInteraction command = call();
  SUBCASE("customer") {
    command.customer = id_of<CustomerId>(99);
    when(command).then_refused(rules::kInteractionUnknownCustomer);
    importing().when(command).breaking({rules::kInteractionUnknownCustomer});
  }
  SUBCASE("contact") {
    command.contact = id_of<ContactId>(99);
    when(command).then_refused(rules::kInteractionUnknownContact);
    importing().when(command).breaking({rules::kInteractionUnknownContact});
  }
  SUBCASE("deal") {
    command.deal = id_of<DealId>(99);
    when(command).then_refused(rules::kInteractionUnknownDeal);
    importing().when(command).breaking({rules::kInteractionUnknownDeal});
  }
  SUBCASE("ticket") {
    command.ticket = id_of<TicketId>(99);
    when(command).then_refused(rules::kInteractionUnknownTicket);
    importing().when(command).breaking({rules::kInteractionUnknownTicket});
  }
  SUBCASE("user") {
    command.user = id_of<UserId>(99);
    when(command).then_refused(rules::kInteractionUnknownUser);
    importing().when(command).breaking({rules::kInteractionUnknownUser});
  }
}

TEST_CASE_FIXTURE(Fixture, "an interaction is about something") {
  LogInteraction command = call();
  command.customer.reset();
  when(command).then_refused(rules::kInteractionAboutNothing);
  importing().when(command).breaking({rules::kInteractionAboutNothing});
}

TEST_CASE_FIXTURE(Fixture, "free text needs somebody it is about; an import goes on without it") {
  LogInteraction command = call();
  command.customer.reset();
  command.deal = kDeal;
  when(command).then([] {
    InteractionLogged event = logged();
    event.customer.reset();
    event.deal = kDeal;
    return event;
  }());
  command.content.text = "Long talk";
  when(command).then_refused(rules::kInteractionTextWithoutPerson);
  InteractionLogged event = logged();
  event.customer.reset();
  event.deal = kDeal;
  importing().done(command).then(event).breaking({rules::kInteractionTextWithoutPerson});
  when(CorrectInteraction{{kCall}, {{}, {}, "Hello", {}}})
      .then()
      .breaking({rules::kInteractionTextWithoutPerson});
}

TEST_CASE_FIXTURE(Fixture, "a correction changes only what differs") {
  LogInteraction command = call();
  command.content = {"reached", 60, "Hello", "Talk"};
  done(command);
  InteractionCorrected event;
  event.interaction = kCall;
  event.customer = kFirm;
  event.outcome = "";
  event.text = sealed("Long talk");
  const CorrectInteraction correction{{kCall}, {"", 60, "Hello", "Long talk"}};
  done(correction).then(event);
  when(correction).then();
  when(CorrectInteraction{{id_of<InteractionId>(99)}, {}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "an interaction imported again yields only the differences") {
  importing();
  LogInteraction command = call();
  command.content = {"reached", 60, "Hello", "Talk"};
  done(command);
  when(command).then();
  command.content.duration_s = 61;
  InteractionCorrected event;
  event.interaction = kCall;
  event.customer = kFirm;
  event.duration_s = 61;
  when(command).then(event);
}

TEST_CASE_FIXTURE(Fixture, "an interaction is shown with the moment it happened") {
  done(call());
  CHECK(shown<Interaction>(kCall) == R"({"id":")" + kCall.uuid.to_string() + R"(","customer":")" +
                                         kFirm.uuid.to_string() +
                                         R"(","channel":"call","direction":"outbound",)"
                                         R"("happened_at":"2023-11-14T22:13:20.000000Z"})");
}

}  // namespace factum::crm
