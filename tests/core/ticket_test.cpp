// Rules of tickets: given events, when a command, then events or a refusal; and the whole table.
#include "core/crm/ticket.hpp"

#include "tests/support/move_table.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;
using test::TableCommand;
using test::TableState;

const auto kTicket = id_of<TicketId>(1);
const auto kNewTicket = id_of<TicketId>(2);
const auto kFirm = id_of<CustomerId>(3);
const auto kOldFirm = id_of<CustomerId>(4);
const auto kAnna = id_of<ContactId>(5);
const auto kOldAnna = id_of<ContactId>(6);
const auto kAgent = id_of<UserId>(7);
const auto kLeaver = id_of<UserId>(8);
const auto kTeam = id_of<TeamId>(9);
constexpr std::uint64_t kNowhere = 99;

void given_references(Spec& spec) {
  CustomerRegistered customer;
  customer.customer = kFirm;
  customer.name = std::string("Firm");
  spec.given(customer);
  customer.customer = kOldFirm;
  spec.given(customer, CustomerArchived{kOldFirm, {}});
  ContactCreated contact;
  contact.contact = kAnna;
  contact.name = std::string("Anna");
  spec.given(contact);
  contact.contact = kOldAnna;
  spec.given(contact, ContactArchived{kOldAnna, {}});
  UserAdded user;
  user.user = kAgent;
  user.name = std::string("Uma");
  spec.given(user);
  user.user = kLeaver;
  spec.given(user, UserDeactivated{kLeaver}, TeamDefined{kTeam, "Service", {}, {}});
}

TicketOpened ticket_opened() {
  TicketOpened event;
  event.ticket = kTicket;
  event.customer = kFirm;
  event.contact = kAnna;
  event.priority = Priority::normal;
  return event;
}

void given_ticket(Spec& spec) {
  given_references(spec);
  spec.given(ticket_opened());
}

template <class E>
E about_ticket() {
  E event;
  event.ticket = kTicket;
  event.customer = kFirm;
  event.contact = kAnna;
  return event;
}

struct Fixture : Spec {
  Fixture() { given_ticket(*this); }

  Spec& at_day(std::int64_t day) {
    context().occurred_at = Timestamp(context().now.value() + day * kMicrosPerDay);
    return *this;
  }
};

OpenTicket opening() {
  OpenTicket command;
  command.id = kNewTicket;
  return command;
}

template <class... E>
TableState state(std::string name, E... events) {
  return {std::move(name), [=](Spec& spec) {
            given_ticket(spec);
            spec.given(events...);
          }};
}

std::vector<TableState> ticket_states() {
  const auto started = about_ticket<TicketWorkStarted>();
  const auto resolved = about_ticket<TicketResolved>();
  return {{"absent", given_references},
          state("new"),
          state("open", started),
          state("pending", started, about_ticket<TicketPending>()),
          state("on_hold", started, about_ticket<TicketPutOnHold>()),
          state("resumed", started, about_ticket<TicketPending>(), about_ticket<TicketResumed>()),
          state("resolved", started, resolved),
          state("reopened", started, resolved, about_ticket<TicketReopened>()),
          state("closed", started, resolved, about_ticket<TicketClosed>()),
          state("cancelled", about_ticket<TicketCancelled>())};
}

template <class C>
TableCommand attempt(C command) {
  return {std::string(C::kName), [command](Spec& spec) { return spec.when(command); }};
}

std::vector<TableCommand> ticket_commands() {
  return {attempt(AssignTicket{{kTicket}, kTeam, kAgent}),
          attempt(ChangeTicketPriority{{kTicket}, Priority::urgent}),
          attempt(MarkTicketAsComplaint{{kTicket}}),
          attempt(StartTicketWork{{kTicket}}),
          attempt(SetTicketPending{{kTicket}, {}}),
          attempt(PutTicketOnHold{{kTicket}, {}}),
          attempt(ResumeTicket{{kTicket}}),
          attempt(ResolveTicket{{kTicket}, {}, {}}),
          attempt(ReopenTicket{{kTicket}, {}}),
          attempt(CloseTicket{{kTicket}, {}}),
          attempt(CancelTicket{{kTicket}, {}}),
          attempt(SendPublicReply{{kTicket}, {"Hello", {}}, {}}),
          attempt(RecordCustomerReply{{kTicket}, {"Hello", {}}}),
          attempt(AddInternalNote{{kTicket}, {"Hm", {}}})};
}

constexpr std::string_view kMoves = R"(
AssignTicket absent=not_found new=TicketAssigned open=TicketAssigned pending=TicketAssigned on_hold=TicketAssigned resumed=TicketAssigned resolved=TicketAssigned reopened=TicketAssigned closed=ticket.closed cancelled=ticket.closed
ChangeTicketPriority absent=not_found new=TicketPriorityChanged open=TicketPriorityChanged pending=TicketPriorityChanged on_hold=TicketPriorityChanged resumed=TicketPriorityChanged resolved=TicketPriorityChanged reopened=TicketPriorityChanged closed=ticket.closed cancelled=ticket.closed
MarkTicketAsComplaint absent=not_found new=TicketMarkedAsComplaint open=TicketMarkedAsComplaint pending=TicketMarkedAsComplaint on_hold=TicketMarkedAsComplaint resumed=TicketMarkedAsComplaint resolved=TicketMarkedAsComplaint reopened=TicketMarkedAsComplaint closed=ticket.closed cancelled=ticket.closed
StartTicketWork absent=not_found new=TicketWorkStarted open=nothing pending=ticket.move_not_allowed on_hold=ticket.move_not_allowed resumed=nothing resolved=ticket.move_not_allowed reopened=nothing closed=ticket.closed cancelled=ticket.closed
SetTicketPending absent=not_found new=ticket.move_not_allowed open=TicketPending pending=nothing on_hold=ticket.move_not_allowed resumed=TicketPending resolved=ticket.move_not_allowed reopened=TicketPending closed=ticket.closed cancelled=ticket.closed
PutTicketOnHold absent=not_found new=ticket.move_not_allowed open=TicketPutOnHold pending=ticket.move_not_allowed on_hold=nothing resumed=TicketPutOnHold resolved=ticket.move_not_allowed reopened=TicketPutOnHold closed=ticket.closed cancelled=ticket.closed
ResumeTicket absent=not_found new=ticket.move_not_allowed open=nothing pending=TicketResumed on_hold=TicketResumed resumed=nothing resolved=ticket.move_not_allowed reopened=nothing closed=ticket.closed cancelled=ticket.closed
ResolveTicket absent=not_found new=ticket.move_not_allowed open=TicketResolved pending=TicketResolved on_hold=ticket.move_not_allowed resumed=TicketResolved resolved=nothing reopened=TicketResolved closed=ticket.closed cancelled=ticket.closed
ReopenTicket absent=not_found new=ticket.move_not_allowed open=nothing pending=ticket.move_not_allowed on_hold=ticket.move_not_allowed resumed=nothing resolved=TicketReopened reopened=nothing closed=ticket.closed cancelled=ticket.closed
CloseTicket absent=not_found new=ticket.move_not_allowed open=ticket.move_not_allowed pending=ticket.move_not_allowed on_hold=ticket.move_not_allowed resumed=ticket.move_not_allowed resolved=TicketClosed reopened=ticket.move_not_allowed closed=nothing cancelled=ticket.closed
CancelTicket absent=not_found new=TicketCancelled open=TicketCancelled pending=ticket.move_not_allowed on_hold=ticket.move_not_allowed resumed=TicketCancelled resolved=ticket.move_not_allowed reopened=TicketCancelled closed=ticket.closed cancelled=nothing
SendPublicReply absent=not_found new=PublicReplySent open=PublicReplySent pending=PublicReplySent on_hold=PublicReplySent resumed=PublicReplySent resolved=PublicReplySent reopened=PublicReplySent closed=ticket.closed cancelled=ticket.closed
RecordCustomerReply absent=not_found new=CustomerReplied open=CustomerReplied pending=CustomerReplied+TicketResumed on_hold=CustomerReplied resumed=CustomerReplied resolved=CustomerReplied+TicketReopened reopened=CustomerReplied closed=ticket.closed cancelled=ticket.closed
AddInternalNote absent=not_found new=InternalNoteAdded open=InternalNoteAdded pending=InternalNoteAdded on_hold=InternalNoteAdded resumed=InternalNoteAdded resolved=InternalNoteAdded reopened=InternalNoteAdded closed=InternalNoteAdded cancelled=InternalNoteAdded
)";

}  // namespace

TEST_CASE("every state of a ticket answers every command") {
  CHECK(test::move_table(ticket_states(), ticket_commands()) == kMoves);
}

TEST_CASE_FIXTURE(Fixture, "a ticket is opened with all that is known") {
  given(
      OrderPlaced{
          id_of<OrderId>(20), {}, {}, "1", {}, "EUR", {}, {1, "EUR"}, {}, {}, {}, {}, {}, {}},
      ProductCreated{id_of<ProductId>(21), "A1", "Axe", {}, {}, {}});
  OpenTicket command = opening();
  command.kind = TicketKind::complaint;
  command.priority = Priority::high;
  command.channel = Channel::email;
  command.number = "T-1";
  command.category = "delivery";
  command.subcategory = "late";
  command.customer = kFirm;
  command.contact = kAnna;
  command.order = id_of<OrderId>(20);
  command.product = id_of<ProductId>(21);
  command.team = kTeam;
  command.assignee = kAgent;
  command.author = kAgent;
  command.subject = "Where is it?";
  command.text = "I wait";
  when(command).then(TicketOpened{kNewTicket, kFirm, kAnna, TicketKind::complaint, Priority::high,
                                  Channel::email, "T-1", "delivery", "late", id_of<OrderId>(20),
                                  id_of<ProductId>(21), kTeam, kAgent, kAgent,
                                  sealed("Where is it?"), sealed("I wait")});
}

TEST_CASE_FIXTURE(Fixture, "the user that acts is the author, and urgency is normal") {
  context().actor = kAgent.tag();
  TicketOpened event;
  event.ticket = kNewTicket;
  event.priority = Priority::normal;
  event.author = kAgent;
  when(opening()).then(event);
}

TEST_CASE_FIXTURE(Fixture, "a ticket is opened once") {
  OpenTicket command = opening();
  command.id = kTicket;
  when(command).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "a ticket refers to what is there and in use") {
  OpenTicket command = opening();
  const auto refuses = [&](auto& field, auto id, const Rule& rule) {
    field = id;
    when(command).then_refused(rule);
    field.reset();
  };
  refuses(command.customer, id_of<CustomerId>(kNowhere), rules::kTicketUnknownCustomer);
  refuses(command.customer, kOldFirm, rules::kTicketArchivedCustomer);
  refuses(command.contact, id_of<ContactId>(kNowhere), rules::kTicketUnknownContact);
  refuses(command.contact, kOldAnna, rules::kTicketArchivedContact);
  refuses(command.order, id_of<OrderId>(kNowhere), rules::kTicketUnknownOrder);
  refuses(command.product, id_of<ProductId>(kNowhere), rules::kTicketUnknownProduct);
  refuses(command.team, id_of<TeamId>(kNowhere), rules::kTicketUnknownTeam);
  refuses(command.assignee, id_of<UserId>(kNowhere), rules::kTicketUnknownAssignee);
  refuses(command.assignee, kLeaver, rules::kTicketInactiveAssignee);
  when(AssignTicket{{kTicket}, id_of<TeamId>(kNowhere), {}})
      .then_refused(rules::kTicketUnknownTeam);
  when(AssignTicket{{kTicket}, {}, id_of<UserId>(kNowhere)})
      .then_refused(rules::kTicketUnknownAssignee);
  when(AssignTicket{{kTicket}, {}, kLeaver}).then_refused(rules::kTicketInactiveAssignee);
}

TEST_CASE_FIXTURE(Fixture, "texts need somebody to belong to") {
  TicketOpened anonymous;
  anonymous.ticket = kNewTicket;
  given(anonymous);
  const Rule& rule = rules::kTicketTextWithoutPerson;
  OpenTicket command = opening();
  command.id = id_of<TicketId>(50);
  command.text = "Help";
  when(command).then_refused(rule);
  when(SendPublicReply{{kNewTicket}, {"Hello", {}}, {}}).then_refused(rule);
  when(RecordCustomerReply{{kNewTicket}, {"Hello", {}}}).then_refused(rule);
  when(AddInternalNote{{kNewTicket}, {"Hm", {}}}).then_refused(rule);
  when(AddInternalNote{{kNewTicket}, {"Hm", kAgent}})
      .then(InternalNoteAdded{kNewTicket, {}, {}, kAgent, sealed("Hm")});
  importing();
  anonymous.ticket = command.id;
  anonymous.priority = Priority::normal;
  when(command).then(anonymous).breaking({rule});
  when(AddInternalNote{{kNewTicket}, {"Hm", {}}})
      .then(InternalNoteAdded{kNewTicket, {}, {}, {}, {}})
      .breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "changes say whose ticket it is and what was before") {
  when(AssignTicket{{kTicket}, kTeam, {}}).then(TicketAssigned{kTicket, kFirm, kAnna, kTeam, {}});
  when(ChangeTicketPriority{{kTicket}, Priority::low})
      .then(TicketPriorityChanged{kTicket, kFirm, kAnna, Priority::low, Priority::normal});
  when(SendPublicReply{{kTicket}, {"Hello", kAgent}, true})
      .then(PublicReplySent{kTicket, kFirm, kAnna, kAgent, true, sealed("Hello")});
  when(CancelTicket{{kTicket}, "spam"}).then(TicketCancelled{kTicket, kFirm, kAnna, "spam"});
  done(StartTicketWork{{kTicket}});
  when(SetTicketPending{{kTicket}, "photo"}).then(TicketPending{kTicket, kFirm, kAnna, "photo"});
  when(PutTicketOnHold{{kTicket}, "part"}).then(TicketPutOnHold{kTicket, kFirm, kAnna, "part"});
  context().actor = kAgent.tag();
  done(ResolveTicket{{kTicket}, "sent", {}})
      .then(TicketResolved{kTicket, kFirm, kAnna, "sent", kAgent});
  when(CloseTicket{{kTicket}, "done"}).then(TicketClosed{kTicket, kFirm, kAnna, "done"});
}

TEST_CASE_FIXTURE(Fixture, "what is so already changes nothing") {
  when(AssignTicket{{kTicket}, {}, {}}).then();
  when(ChangeTicketPriority{{kTicket}, Priority::normal}).then();
  done(MarkTicketAsComplaint{{kTicket}});
  when(MarkTicketAsComplaint{{kTicket}}).then();
}

TEST_CASE_FIXTURE(Fixture, "a resolved ticket can be reopened for thirty days") {
  done(StartTicketWork{{kTicket}});
  done(ResolveTicket{{kTicket}, {}, {}});
  const TicketReopened reopened{kTicket, kFirm, kAnna, "again"};
  at_day(30).when(ReopenTicket{{kTicket}, "again"}).then(reopened);
  context().occurred_at = Timestamp(context().occurred_at->value() + 1);
  const Rule& rule = rules::kTicketReopenWindowPassed;
  when(ReopenTicket{{kTicket}, "again"}).then_refused(rule);
  when(RecordCustomerReply{{kTicket}, {"Again!", {}}}).then_refused(rule);
  importing().when(ReopenTicket{{kTicket}, "again"}).then(reopened).breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "a reply of the customer ends waiting and reopens what was resolved") {
  const CustomerReplied replied{kTicket, kFirm, kAnna, {}, sealed("Look")};
  const RecordCustomerReply command{{kTicket}, {"Look", {}}};
  when(command).then(replied);
  done(StartTicketWork{{kTicket}});
  done(SetTicketPending{{kTicket}, {}});
  done(command).then(replied, TicketResumed{kTicket, kFirm, kAnna});
  done(ResolveTicket{{kTicket}, {}, {}});
  done(command).then(replied, TicketReopened{kTicket, kFirm, kAnna, "customer_reply"});
  done(ResolveTicket{{kTicket}, {}, {}});
  importing().when(command).then(replied);
}

TEST_CASE_FIXTURE(Fixture, "a ticket cannot be resolved or closed before it was opened") {
  const Rule& rule = rules::kTicketEndedBeforeOpened;
  done(StartTicketWork{{kTicket}});
  at_day(-1).when(ResolveTicket{{kTicket}, {}, {}}).then_refused(rule);
  given(about_ticket<TicketResolved>());
  when(CloseTicket{{kTicket}, {}}).then_refused(rule);
  importing().when(CloseTicket{{kTicket}, {}}).breaking({rule});
  at_day(-2).when(ResolveTicket{{kTicket}, {}, {}}).breaking({rules::kTicketMoveNotAllowed, rule});
}

TEST_CASE_FIXTURE(Fixture, "an import records moves that our rules refuse") {
  importing();
  done(CloseTicket{{kTicket}, {}})
      .then(about_ticket<TicketClosed>())
      .breaking({rules::kTicketMoveNotAllowed});
  when(CloseTicket{{kTicket}, {}}).then();
  when(ReopenTicket{{kTicket}, {}})
      .then(about_ticket<TicketReopened>())
      .breaking({rules::kTicketClosed});
  at_day(1)
      .when(CloseTicket{{kTicket}, {}})
      .then(about_ticket<TicketClosed>())
      .breaking({rules::kTicketClosed});
}

TEST_CASE_FIXTURE(Fixture, "an import that opens a ticket again gives the differences") {
  importing();
  OpenTicket command;
  command.id = kTicket;
  when(command).then();
  command.priority = Priority::urgent;
  const Priority before = fold<Ticket>(kTicket)->state.priority;
  auto changed = about_ticket<TicketPriorityChanged>();
  changed.priority = Priority::urgent;
  changed.previous_priority = before;
  done(command).then(changed);
  command.assignee = kAgent;
  auto assigned = about_ticket<TicketAssigned>();
  assigned.team = fold<Ticket>(kTicket)->state.team;
  assigned.assignee = kAgent;
  done(command).then(assigned);
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "a ticket is shown as it stands, its version that of its last change") {
  done(StartTicketWork{{kTicket}});
  done(ResolveTicket{{kTicket}, "sent", kAgent});
  const auto before = fold<Ticket>(kTicket);
  done(AddInternalNote{{kTicket}, {"Hm", {}}});
  done(SendPublicReply{{kTicket}, {"Hello", {}}, {}});
  const auto after = fold<Ticket>(kTicket);
  REQUIRE(before);
  REQUIRE(after);
  CHECK(before->version == after->version);
  const std::string shown = this->shown<Ticket>(kTicket);
  for (const std::string_view part :
       {R"("status":"resolved")", R"("resolution":"sent")", R"("complaint":false)",
        R"("priority":"normal")", R"("resolved_at":"2023-11-14T22:13:20.000000Z")",
        R"("times_reopened":0)"})
    CHECK(shown.find(part) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "reopening takes the resolution back and is counted") {
  done(StartTicketWork{{kTicket}});
  done(ResolveTicket{{kTicket}, "sent", kAgent});
  done(ReopenTicket{{kTicket}, "broken"});
  const auto ticket = fold<Ticket>(kTicket);
  REQUIRE(ticket);
  CHECK(ticket->state.status == TicketStatus::open);
  CHECK(ticket->state.status_reason == "broken");
  CHECK_FALSE(ticket->state.resolution);
  CHECK_FALSE(ticket->state.resolved_at);
  CHECK(ticket->state.times_reopened == 1);
}

}  // namespace factum::crm
