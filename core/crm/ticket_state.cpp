// How the events of a ticket make its state.
#include "core/crm/ticket.hpp"

namespace factum::crm {

void Ticket::enter(TicketStatus now, const EventInfo& info, std::optional<std::string> reason) {
  status = now;
  status_since = info.occurred_at;
  status_reason = std::move(reason);
}

void Ticket::evolve(const TicketOpened& e, const EventInfo& info) {
  enter(TicketStatus::fresh, info);
  id = e.ticket;
  kind = e.kind;
  complaint = e.kind == TicketKind::complaint;
  priority = e.priority;
  channel = e.channel;
  number = e.number;
  category = e.category;
  subcategory = e.subcategory;
  customer = e.customer;
  contact = e.contact;
  order = e.order;
  product = e.product;
  team = e.team;
  assignee = e.assignee;
  author = e.author;
  subject = e.subject;
  text = e.text;
  opened_at = info.occurred_at;
}

void Ticket::evolve(const TicketAssigned& e, const EventInfo& /*info*/) {
  team = e.team;
  assignee = e.assignee;
}

void Ticket::evolve(const TicketPriorityChanged& e, const EventInfo& /*info*/) {
  priority = e.priority;
}

void Ticket::evolve(const TicketMarkedAsComplaint& /*e*/, const EventInfo& /*info*/) {
  complaint = true;
}

void Ticket::evolve(const TicketWorkStarted& /*e*/, const EventInfo& info) {
  enter(TicketStatus::open, info);
}

void Ticket::evolve(const TicketPending& e, const EventInfo& info) {
  enter(TicketStatus::pending, info, e.reason);
}

void Ticket::evolve(const TicketPutOnHold& e, const EventInfo& info) {
  enter(TicketStatus::on_hold, info, e.reason);
}

void Ticket::evolve(const TicketResumed& /*e*/, const EventInfo& info) {
  enter(TicketStatus::open, info);
}

void Ticket::evolve(const TicketResolved& e, const EventInfo& info) {
  enter(TicketStatus::resolved, info);
  resolution = e.resolution;
  resolver = e.resolver;
  resolved_at = info.occurred_at;
}

void Ticket::evolve(const TicketReopened& e, const EventInfo& info) {
  enter(TicketStatus::open, info, e.reason);
  resolution.reset();
  resolver.reset();
  resolved_at.reset();
  closed_at.reset();
  ++times_reopened;
}

void Ticket::evolve(const TicketClosed& e, const EventInfo& info) {
  enter(TicketStatus::closed, info);
  if (e.resolution) resolution = e.resolution;
  closed_at = info.occurred_at;
}

void Ticket::evolve(const TicketCancelled& e, const EventInfo& info) {
  enter(TicketStatus::cancelled, info, e.reason);
}

void Ticket::describe(FieldVisitor& v, Ticket& t) {
  const Owner person = by("contact", t.contact, by("customer", t.customer, by("author", t.author)));
  v.shown("id", t.id, "The ticket");
  v.shown("status", t.status, "Where it stands");
  v.shown("status_since", t.status_since, "Since when; absent = undated");
  v.shown("status_reason", t.status_reason, "Why it waits, was reopened or cancelled, a code");
  v.shown("kind", t.kind, "What it was opened as");
  v.shown("complaint", t.complaint, "It is a complaint");
  v.shown("priority", t.priority, "How urgent");
  v.shown("channel", t.channel, "How it came in");
  v.shown("number", t.number, "Number as printed");
  v.shown("category", t.category, "Category, a code");
  v.shown("subcategory", t.subcategory, "Subcategory, a code");
  v.shown("customer", t.customer, "The customer, if known");
  v.shown("contact", t.contact, "The contact, if known");
  v.shown("order", t.order, "The order it is about");
  v.shown("product", t.product, "The product it is about");
  v.shown("team", t.team, "The team it waits at");
  v.shown("assignee", t.assignee, "Who works on it");
  v.shown("author", t.author, "The user who recorded it");
  v.personal("subject", t.subject, person, "Heading");
  v.personal("text", t.text, person, "The request");
  v.shown("resolution", t.resolution, "How it was solved, a code");
  v.shown("resolver", t.resolver, "Who solved it");
  v.shown("opened_at", t.opened_at, "When it was opened; absent = undated");
  v.shown("resolved_at", t.resolved_at, "When it was solved; absent = not yet or undated");
  v.shown("closed_at", t.closed_at, "When it was closed; absent = not yet or undated");
  v.shown("times_reopened", t.times_reopened, "How often it was reopened");
}

}  // namespace factum::crm
