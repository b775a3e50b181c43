// Tickets: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/references.hpp"
#include "core/crm/ticket_events.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace factum::crm {

/// How long after it was resolved a ticket can be opened again.
inline constexpr std::int64_t kReopenWindowDays = 30;

/// A ticket as its events leave it. Replies and notes do not change it.
struct Ticket {
  using Id = TicketId;
  using Events =
      TypeList<TicketOpened, TicketAssigned, TicketPriorityChanged, TicketMarkedAsComplaint,
               TicketWorkStarted, TicketPending, TicketPutOnHold, TicketResumed, TicketResolved,
               TicketReopened, TicketClosed, TicketCancelled>;
  using Moves = TypeList<TicketWorkStarted, TicketPending, TicketPutOnHold, TicketResumed,
                         TicketResolved, TicketReopened, TicketClosed, TicketCancelled>;

  TicketId id;
  TicketStatus status = {};
  std::optional<Timestamp> status_since;  ///< absent: undated, as all times here
  TicketKind kind = {};
  bool complaint = false;
  Priority priority = {};
  std::optional<Channel> channel;
  std::optional<std::string> number;
  std::optional<std::string> category;
  std::optional<std::string> subcategory;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<OrderId> order;
  std::optional<ProductId> product;
  std::optional<TeamId> team;
  std::optional<UserId> assignee;
  std::optional<UserId> author;
  Sealed<std::string> subject;
  Sealed<std::string> text;
  std::optional<std::string> status_reason;  ///< why it waits, was reopened or cancelled
  std::optional<std::string> resolution;
  std::optional<UserId> resolver;
  std::optional<Timestamp> opened_at;
  std::optional<Timestamp> resolved_at;
  std::optional<Timestamp> closed_at;
  std::int64_t times_reopened = 0;

  /// Closed and cancelled tickets take no changes but notes.
  bool is_final() const {
    return status == TicketStatus::closed || status == TicketStatus::cancelled;
  }

  void evolve(const TicketOpened& e, const EventInfo& info);
  void evolve(const TicketAssigned& e, const EventInfo& info);
  void evolve(const TicketPriorityChanged& e, const EventInfo& info);
  void evolve(const TicketMarkedAsComplaint& e, const EventInfo& info);
  void evolve(const TicketWorkStarted& e, const EventInfo& info);
  void evolve(const TicketPending& e, const EventInfo& info);
  void evolve(const TicketPutOnHold& e, const EventInfo& info);
  void evolve(const TicketResumed& e, const EventInfo& info);
  void evolve(const TicketResolved& e, const EventInfo& info);
  void evolve(const TicketReopened& e, const EventInfo& info);
  void evolve(const TicketClosed& e, const EventInfo& info);
  void evolve(const TicketCancelled& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Ticket& t);

 private:
  void enter(TicketStatus now, const EventInfo& info, std::optional<std::string> reason = {});
};

struct OpenTicket : CreationOf<Ticket> {
  static constexpr std::string_view kName = "OpenTicket";
  static constexpr std::string_view kDoc =
      "Records that somebody asks for help. An import may say it again: what came later stays";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"priority", "team", "assignee"});

  struct Model {
    Folded<Ticket> self;
    Folded<KnownCustomer> customer;
    Folded<KnownContact> contact;
    Folded<KnownOrder> order;
    Folded<KnownProduct> product;
    Folded<KnownTeam> team;
    Folded<KnownUser> assignee;
  };

  TicketKind kind = {};
  std::optional<Priority> priority;
  std::optional<Channel> channel;
  std::optional<std::string> number;
  std::optional<std::string> category;
  std::optional<std::string> subcategory;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<OrderId> order;
  std::optional<ProductId> product;
  std::optional<TeamId> team;
  std::optional<UserId> assignee;
  std::optional<UserId> author;
  std::optional<std::string> subject;
  std::optional<std::string> text;

  static void describe(FieldVisitor& v, OpenTicket& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  Status check(Decision& decision, const Model& model, const DecisionContext& context) const;
  void decide_differences(Decision& decision, const Ticket& now,
                          const DecisionContext& context) const;
};

struct AssignTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "AssignTicket";
  static constexpr std::string_view kDoc = "Says which team and user the ticket waits at";

  struct Model {
    Folded<Ticket> self;
    Folded<KnownTeam> team;
    Folded<KnownUser> assignee;
  };

  std::optional<TeamId> team;
  std::optional<UserId> assignee;

  static void describe(FieldVisitor& v, AssignTicket& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeTicketPriority : CommandOn<Ticket> {
  static constexpr std::string_view kName = "ChangeTicketPriority";
  static constexpr std::string_view kDoc = "Makes the ticket more or less urgent";

  Priority priority = {};

  static void describe(FieldVisitor& v, ChangeTicketPriority& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct MarkTicketAsComplaint : CommandOn<Ticket> {
  static constexpr std::string_view kName = "MarkTicketAsComplaint";
  static constexpr std::string_view kDoc = "Says that the ticket is a complaint";

  static void describe(FieldVisitor& v, MarkTicketAsComplaint& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct StartTicketWork : CommandOn<Ticket> {
  static constexpr std::string_view kName = "StartTicketWork";
  static constexpr std::string_view kDoc = "Begins work on a new ticket";

  static void describe(FieldVisitor& v, StartTicketWork& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct SetTicketPending : CommandOn<Ticket> {
  static constexpr std::string_view kName = "SetTicketPending";
  static constexpr std::string_view kDoc = "Lets an open ticket wait for the customer";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, SetTicketPending& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct PutTicketOnHold : CommandOn<Ticket> {
  static constexpr std::string_view kName = "PutTicketOnHold";
  static constexpr std::string_view kDoc = "Lets an open ticket wait for somebody else";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, PutTicketOnHold& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ResumeTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "ResumeTicket";
  static constexpr std::string_view kDoc = "Goes on with a ticket that waited";

  static void describe(FieldVisitor& v, ResumeTicket& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ResolveTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "ResolveTicket";
  static constexpr std::string_view kDoc = "Says that the problem is solved";

  std::optional<std::string> resolution;
  std::optional<UserId> resolver;

  static void describe(FieldVisitor& v, ResolveTicket& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReopenTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "ReopenTicket";
  static constexpr std::string_view kDoc =
      "Says, within 30 days, that the problem was not solved after all";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ReopenTicket& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CloseTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "CloseTicket";
  static constexpr std::string_view kDoc = "Closes a resolved ticket for good";

  std::optional<std::string> resolution;

  static void describe(FieldVisitor& v, CloseTicket& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CancelTicket : CommandOn<Ticket> {
  static constexpr std::string_view kName = "CancelTicket";
  static constexpr std::string_view kDoc = "Says that a new or open ticket needs no answer";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, CancelTicket& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

/// What replies and notes have in common.
struct TicketMessage {
  std::string text;
  std::optional<UserId> author;  ///< absent: the user that acts

  static void describe(FieldVisitor& v, TicketMessage& m);
};

struct SendPublicReply : CommandOn<Ticket> {
  static constexpr std::string_view kName = "SendPublicReply";
  static constexpr std::string_view kDoc = "Answers the requester";
  static constexpr bool kAddsUp = true;

  TicketMessage message;
  std::optional<bool> automated;

  static void describe(FieldVisitor& v, SendPublicReply& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RecordCustomerReply : CommandOn<Ticket> {
  static constexpr std::string_view kName = "RecordCustomerReply";
  static constexpr std::string_view kDoc =
      "Records that the requester wrote again. A pending ticket goes on, one that was resolved "
      "within 30 days is reopened; an import records the reply alone";
  static constexpr bool kAddsUp = true;

  TicketMessage message;

  static void describe(FieldVisitor& v, RecordCustomerReply& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AddInternalNote : CommandOn<Ticket> {
  static constexpr std::string_view kName = "AddInternalNote";
  static constexpr std::string_view kDoc = "Adds a note for ourselves, to closed tickets too";
  static constexpr bool kAddsUp = true;

  TicketMessage message;

  static void describe(FieldVisitor& v, AddInternalNote& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kTicketClosed{"ticket.closed",
                                    "the ticket is closed or cancelled; open another one"};
inline constexpr Rule kTicketMoveNotAllowed{
    "ticket.move_not_allowed",
    "tickets go from new to open, between open and pending or on_hold, from open or pending to "
    "resolved and then closed; new and open ones can be cancelled"};
inline constexpr Rule kTicketReopenWindowPassed{
    "ticket.reopen_window_passed", "the ticket was resolved too long ago; open another one"};
inline constexpr Rule kTicketEndedBeforeOpened{
    "ticket.ended_before_opened", "a ticket cannot be resolved or closed before it was opened"};
inline constexpr Rule kTicketUnknownCustomer{"ticket.unknown_customer",
                                             "the customer does not exist"};
inline constexpr Rule kTicketArchivedCustomer{"ticket.archived_customer",
                                              "the customer is archived; restore it first"};
inline constexpr Rule kTicketUnknownContact{"ticket.unknown_contact", "the contact does not exist"};
inline constexpr Rule kTicketArchivedContact{"ticket.archived_contact",
                                             "the contact is archived; restore it first"};
inline constexpr Rule kTicketUnknownOrder{"ticket.unknown_order", "the order does not exist"};
inline constexpr Rule kTicketUnknownProduct{"ticket.unknown_product", "the product does not exist"};
inline constexpr Rule kTicketUnknownTeam{"ticket.unknown_team", "the team does not exist"};
inline constexpr Rule kTicketUnknownAssignee{"ticket.unknown_assignee",
                                             "the assignee is not a known user"};
inline constexpr Rule kTicketInactiveAssignee{"ticket.inactive_assignee",
                                              "the assignee has left; choose an active user"};
/// In an import the fact is recorded without the text: nobody's key could seal it.
inline constexpr Rule kTicketTextWithoutPerson{"ticket.text_without_person",
                                               "texts need a contact, a customer or an author"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using TicketCommands =
    TypeList<OpenTicket, AssignTicket, ChangeTicketPriority, MarkTicketAsComplaint, StartTicketWork,
             SetTicketPending, PutTicketOnHold, ResumeTicket, ResolveTicket, ReopenTicket,
             CloseTicket, CancelTicket, SendPublicReply, RecordCustomerReply, AddInternalNote>;
using TicketEntities = TypeList<Ticket>;

}  // namespace factum::crm
