#include "core/crm/ticket.hpp"

#include "core/crm/differences.hpp"

#include <algorithm>
#include <initializer_list>

namespace factum::crm {
namespace {

constexpr std::int64_t kReopenWindow = kReopenWindowDays * kMicrosPerDay;
constexpr ReferenceRules kCustomerRules{rules::kTicketUnknownCustomer,
                                        rules::kTicketArchivedCustomer};
constexpr ReferenceRules kContactRules{rules::kTicketUnknownContact, rules::kTicketArchivedContact};
constexpr ReferenceRules kAssigneeRules{rules::kTicketUnknownAssignee,
                                        rules::kTicketInactiveAssignee};

Status check_not_final(Decision& decision, const Ticket& ticket, const DecisionContext& context) {
  return decision.require(!ticket.is_final(), rules::kTicketClosed, context);
}

// A move from one of `allowed`; what is closed says so first.
Status check_move(Decision& decision, const Ticket& ticket,
                  std::initializer_list<TicketStatus> allowed, const DecisionContext& context) {
  if (context.again) return {};  // it is where this move left it
  FACTUM_CHECK(check_not_final(decision, ticket, context));
  const bool found = std::find(allowed.begin(), allowed.end(), ticket.status) != allowed.end();
  return decision.require(found || ticket.is_final(), rules::kTicketMoveNotAllowed, context);
}

// True if the ticket is there already; an import must name the same time.
bool is_repeated(const Ticket& ticket, TicketStatus status, const DecisionContext& context) {
  return ticket.status == status && !context.again &&
         (!context.import || ticket.status_since == context.occurred_at);
}

// An undated resolution can always be taken back.
Status check_reopen_window(Decision& decision, const Ticket& ticket,
                           const DecisionContext& context) {
  const Timestamp now = context.occurred_at.value_or(context.now);
  const bool inside =
      !ticket.resolved_at || now.value() - ticket.resolved_at->value() <= kReopenWindow;
  return decision.require(inside, rules::kTicketReopenWindowPassed, context);
}

Status check_end(Decision& decision, const Ticket& ticket, const DecisionContext& context) {
  const bool in_order =
      !context.occurred_at || !ticket.opened_at || *context.occurred_at >= *ticket.opened_at;
  return decision.require(in_order, rules::kTicketEndedBeforeOpened, context);
}

Status check_text(Decision& decision, bool has_person, const DecisionContext& context) {
  return decision.require(has_person, rules::kTicketTextWithoutPerson, context);
}

void describe_reason(FieldVisitor& v, std::optional<std::string>& reason) {
  v.fact("reason", reason, "Why, a code", at_most(200));
}

// A message with its author and, where somebody's key can seal it, its text.
struct Written {
  std::optional<UserId> author;
  Sealed<std::string> text;
};

Result<Written> write_message(Decision& decision, const Ticket& ticket,
                              const TicketMessage& message, const DecisionContext& context) {
  const auto author = message.author ? message.author : user_of(context.actor);
  const bool has_person = ticket.contact || ticket.customer || author;
  FACTUM_CHECK(check_text(decision, has_person, context));
  return Written{author, has_person ? sealed_text(message.text) : Sealed<std::string>{}};
}

}  // namespace

// ---- opening

void OpenTicket::describe(FieldVisitor& v, OpenTicket& c) {
  v.fact("kind", c.kind, "What it is");
  v.fact("priority", c.priority, "How urgent; normal if absent");
  v.fact("channel", c.channel, "How it came in");
  v.fact("number", c.number, "Number as printed", at_most(100));
  v.fact("category", c.category, "Category, a code", at_most(200));
  v.fact("subcategory", c.subcategory, "Subcategory, a code", at_most(200));
  v.fact("customer", c.customer, "The customer, if known");
  v.fact("contact", c.contact, "The contact, if known");
  v.fact("order", c.order, "The order it is about");
  v.fact("product", c.product, "The product it is about");
  v.fact("team", c.team, "The team it waits at");
  v.fact("assignee", c.assignee, "Who works on it");
  v.fact("author", c.author, "The user who recorded it; the user that acts if absent");
  v.fact("subject", c.subject, "Heading", at_most(1000));
  v.fact("text", c.text, "The request", kLongText);
}

Result<OpenTicket::Model> OpenTicket::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Ticket>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  FACTUM_TRY(model.contact, reader.fold<KnownContact>(contact));
  FACTUM_TRY(model.order, reader.fold<KnownOrder>(order));
  FACTUM_TRY(model.product, reader.fold<KnownProduct>(product));
  FACTUM_TRY(model.team, reader.fold<KnownTeam>(team));
  FACTUM_TRY(model.assignee, reader.fold<KnownUser>(assignee));
  return model;
}

Status OpenTicket::check(Decision& decision, const Model& model,
                         const DecisionContext& context) const {
  FACTUM_CHECK(check_reference(decision, customer, model.customer, kCustomerRules, context));
  FACTUM_CHECK(check_reference(decision, contact, model.contact, kContactRules, context));
  FACTUM_CHECK(decision.require(is_known(order, model.order), rules::kTicketUnknownOrder, context));
  FACTUM_CHECK(
      decision.require(is_known(product, model.product), rules::kTicketUnknownProduct, context));
  FACTUM_CHECK(decision.require(is_known(team, model.team), rules::kTicketUnknownTeam, context));
  return check_reference(decision, assignee, model.assignee, kAssigneeRules, context);
}

Result<Decision> OpenTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check(decision, model, context));
  const Ticket& now = model.self.state;
  if (model.self.exists()) {
    decide_differences(decision, now, context);
    return decision;
  }
  const auto writer = author ? author : user_of(context.actor);
  const bool has_person = contact || customer || writer;
  if (given(subject) || given(text)) FACTUM_CHECK(check_text(decision, has_person, context));
  TicketOpened event{id,
                     customer,
                     contact,
                     kind,
                     priority.value_or(Priority::normal),
                     channel,
                     given(number),
                     given(category),
                     given(subcategory),
                     order,
                     product,
                     team,
                     assignee,
                     writer,
                     has_person ? sealed_text(subject) : Sealed<std::string>{},
                     has_person ? sealed_text(text) : Sealed<std::string>{}};
  decision.emit(std::move(event), context);
  return decision;
}

// What a corrected import file changes.
void OpenTicket::decide_differences(Decision& decision, const Ticket& now,
                                    const DecisionContext& context) const {
  if (priority && *priority != now.priority) {
    decision.emit(TicketPriorityChanged{id, now.customer, now.contact, *priority, now.priority},
                  context);
  }
  const bool moved = (team && team != now.team) || (assignee && assignee != now.assignee);
  if (!moved) return;
  decision.emit(TicketAssigned{id, now.customer, now.contact, team ? team : now.team,
                               assignee ? assignee : now.assignee},
                context);
}

// ---- changing

void AssignTicket::describe(FieldVisitor& v, AssignTicket& c) {
  v.fact("team", c.team, "The team; absent = none");
  v.fact("assignee", c.assignee, "The user; absent = nobody yet");
}

Result<AssignTicket::Model> AssignTicket::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Ticket>(id));
  FACTUM_TRY(model.team, reader.fold<KnownTeam>(team));
  FACTUM_TRY(model.assignee, reader.fold<KnownUser>(assignee));
  return model;
}

Result<Decision> AssignTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_CHECK(check_not_final(decision, now, context));
  FACTUM_CHECK(decision.require(is_known(team, model.team), rules::kTicketUnknownTeam, context));
  FACTUM_CHECK(check_reference(decision, assignee, model.assignee, kAssigneeRules, context));
  if (team != now.team || assignee != now.assignee)
    decision.emit(TicketAssigned{id, now.customer, now.contact, team, assignee}, context);
  return decision;
}

void ChangeTicketPriority::describe(FieldVisitor& v, ChangeTicketPriority& c) {
  v.fact("priority", c.priority, "How urgent");
}

Result<Decision> ChangeTicketPriority::decide(const Model& model,
                                              const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_CHECK(check_not_final(decision, now, context));
  if (priority != now.priority) {
    decision.emit(TicketPriorityChanged{id, now.customer, now.contact, priority, now.priority},
                  context);
  }
  return decision;
}

void MarkTicketAsComplaint::describe(FieldVisitor& /*v*/, MarkTicketAsComplaint& /*c*/) {}

Result<Decision> MarkTicketAsComplaint::decide(const Model& model,
                                               const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_CHECK(check_not_final(decision, now, context));
  if (!now.complaint)
    decision.emit(TicketMarkedAsComplaint{id, now.customer, now.contact}, context);
  return decision;
}

// ---- moving

void StartTicketWork::describe(FieldVisitor& /*v*/, StartTicketWork& /*c*/) {}

Result<Decision> StartTicketWork::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::open, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::fresh}, context));
  decision.emit(TicketWorkStarted{id, now.customer, now.contact}, context);
  return decision;
}

void SetTicketPending::describe(FieldVisitor& v, SetTicketPending& c) {
  describe_reason(v, c.reason);
}

Result<Decision> SetTicketPending::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::pending, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::open}, context));
  decision.emit(TicketPending{id, now.customer, now.contact, given(reason)}, context);
  return decision;
}

void PutTicketOnHold::describe(FieldVisitor& v, PutTicketOnHold& c) {
  describe_reason(v, c.reason);
}

Result<Decision> PutTicketOnHold::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::on_hold, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::open}, context));
  decision.emit(TicketPutOnHold{id, now.customer, now.contact, given(reason)}, context);
  return decision;
}

void ResumeTicket::describe(FieldVisitor& /*v*/, ResumeTicket& /*c*/) {}

Result<Decision> ResumeTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::open, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::pending, TicketStatus::on_hold}, context));
  decision.emit(TicketResumed{id, now.customer, now.contact}, context);
  return decision;
}

void ResolveTicket::describe(FieldVisitor& v, ResolveTicket& c) {
  v.fact("resolution", c.resolution, "How, a code", at_most(200));
  v.fact("resolver", c.resolver, "Who solved it; the user that acts if absent");
}

Result<Decision> ResolveTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::resolved, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::open, TicketStatus::pending}, context));
  FACTUM_CHECK(check_end(decision, now, context));
  decision.emit(TicketResolved{id, now.customer, now.contact, given(resolution),
                               resolver ? resolver : user_of(context.actor)},
                context);
  return decision;
}

void ReopenTicket::describe(FieldVisitor& v, ReopenTicket& c) { describe_reason(v, c.reason); }

Result<Decision> ReopenTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::open, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::resolved}, context));
  FACTUM_CHECK(check_reopen_window(decision, now, context));
  decision.emit(TicketReopened{id, now.customer, now.contact, given(reason)}, context);
  return decision;
}

void CloseTicket::describe(FieldVisitor& v, CloseTicket& c) {
  v.fact("resolution", c.resolution, "How it was solved, a code", at_most(200));
}

Result<Decision> CloseTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::closed, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::resolved}, context));
  FACTUM_CHECK(check_end(decision, now, context));
  decision.emit(TicketClosed{id, now.customer, now.contact, given(resolution)}, context);
  return decision;
}

void CancelTicket::describe(FieldVisitor& v, CancelTicket& c) { describe_reason(v, c.reason); }

Result<Decision> CancelTicket::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  if (is_repeated(now, TicketStatus::cancelled, context)) return decision;
  FACTUM_CHECK(check_move(decision, now, {TicketStatus::fresh, TicketStatus::open}, context));
  decision.emit(TicketCancelled{id, now.customer, now.contact, given(reason)}, context);
  return decision;
}

// ---- talking

void TicketMessage::describe(FieldVisitor& v, TicketMessage& m) {
  v.fact("text", m.text, "What is written", Limits{.max = kLongText.max, .min = 1});
  v.fact("author", m.author, "The user who wrote or recorded it; the user that acts if absent");
}

void SendPublicReply::describe(FieldVisitor& v, SendPublicReply& c) {
  TicketMessage::describe(v, c.message);
  v.fact("automated", c.automated, "Sent by a program");
}

Result<Decision> SendPublicReply::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_CHECK(check_not_final(decision, now, context));
  FACTUM_TRY(Written written, write_message(decision, now, message, context));
  decision.emit(PublicReplySent{id, now.customer, now.contact, written.author,
                                automated.value_or(false), std::move(written.text)},
                context);
  return decision;
}

void RecordCustomerReply::describe(FieldVisitor& v, RecordCustomerReply& c) {
  TicketMessage::describe(v, c.message);
}

Result<Decision> RecordCustomerReply::decide(const Model& model,
                                             const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_CHECK(check_not_final(decision, now, context));
  const bool resolved = now.status == TicketStatus::resolved;
  if (resolved) FACTUM_CHECK(check_reopen_window(decision, now, context));
  FACTUM_TRY(Written written, write_message(decision, now, message, context));
  decision.emit(
      CustomerReplied{id, now.customer, now.contact, written.author, std::move(written.text)},
      context);
  if (context.import) return decision;
  if (resolved)
    decision.emit(TicketReopened{id, now.customer, now.contact, "customer_reply"}, context);
  if (now.status == TicketStatus::pending)
    decision.emit(TicketResumed{id, now.customer, now.contact}, context);
  return decision;
}

void AddInternalNote::describe(FieldVisitor& v, AddInternalNote& c) {
  TicketMessage::describe(v, c.message);
}

Result<Decision> AddInternalNote::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Ticket& now = model.self.state;
  FACTUM_TRY(Written written, write_message(decision, now, message, context));
  decision.emit(
      InternalNoteAdded{id, now.customer, now.contact, written.author, std::move(written.text)},
      context);
  return decision;
}

}  // namespace factum::crm
