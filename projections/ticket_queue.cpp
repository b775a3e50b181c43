#include "projections/ticket_queue.hpp"

#include "projections/merged_scan.hpp"
#include "projections/ticket_state.hpp"

#include <algorithm>
#include <map>

namespace factum::projections {
namespace {

// Tables: 't' ticket; 'i' scope, state, priority, opened, ticket: what filters look at; 'n' scope:
// counts. A scope is all tickets, those of a user, or those of a team.
struct TicketRow {
  bool opened = false;
  bool listed = false;
  QueuedTicket ticket;

  static void describe(FieldVisitor& v, TicketRow& t) {
    v.shown("opened", t.opened, "Whether its opening is recorded");
    v.shown("listed", t.listed, "Whether it is in the lists");
    v.shown("ticket", t.ticket, "The ticket");
  }
};

struct IndexEntry {
  crm::TicketKind kind{};
  std::optional<crm::UserId> assignee;
  std::optional<crm::TeamId> team;

  static void describe(FieldVisitor& v, IndexEntry& e) {
    v.shown("kind", e.kind, "What it is");
    v.shown("assignee", e.assignee, "Who works on it");
    v.shown("team", e.team, "The team it waits at");
  }
};

struct CountRow {
  std::map<std::string, std::int64_t> tickets;  ///< by two bytes: state and priority
  std::int64_t reopened = 0;

  static void describe(FieldVisitor& v, CountRow& c) {
    v.shown("tickets", c.tickets, "By state and priority");
    v.shown("reopened", c.reopened, "Reopened at least once");
  }
};

// ---- keys ---------------------------------------------------------------------------------------

constexpr char kAll = 'a';
constexpr char kAssignee = 'u';
constexpr char kTeam = 't';

std::string scope_all() { return ViewKey(kAll).str(); }
std::string scope_of(const crm::UserId& assignee) { return ViewKey(kAssignee).id(assignee).str(); }
std::string scope_of(const crm::TeamId& team) { return ViewKey(kTeam).id(team).str(); }

std::vector<std::string> scopes_of(const QueuedTicket& ticket) {
  std::vector<std::string> scopes{scope_all()};
  if (ticket.assignee) scopes.push_back(scope_of(*ticket.assignee));
  if (ticket.team) scopes.push_back(scope_of(*ticket.team));
  return scopes;
}

// The most urgent first.
std::uint8_t urgency(crm::Priority priority) {
  return static_cast<std::uint8_t>(0xFF - static_cast<std::uint8_t>(priority));
}

std::string state_prefix(const std::string& scope, QueueState state) {
  return ViewKey('i').raw(scope).byte(static_cast<std::uint8_t>(state)).str();
}

// An undated ticket counts as older than all others.
std::string index_key(const std::string& scope, const QueuedTicket& ticket) {
  return ViewKey('i')
      .raw(scope)
      .byte(static_cast<std::uint8_t>(ticket.state))
      .byte(urgency(ticket.priority))
      .time(ticket.opened_at.value_or(Timestamp(INT64_MIN)))
      .id(ticket.ticket)
      .str();
}

// ---- fold ---------------------------------------------------------------------------------------

std::string count_key(const QueuedTicket& ticket) {
  return {static_cast<char>(ticket.state), static_cast<char>(ticket.priority)};
}

void count(ViewBatch& rows, const std::string& scope, const QueuedTicket& ticket,
           std::int64_t times) {
  CountRow& row = rows.edit<CountRow>(ViewKey('n').raw(scope));
  const std::string key = count_key(ticket);
  row.tickets[key] += times;
  if (row.tickets[key] == 0) row.tickets.erase(key);
  if (ticket.reopened > 0) row.reopened += times;
}

void set_listed(ViewBatch& rows, const QueuedTicket& ticket, bool listed) {
  for (const std::string& scope : scopes_of(ticket)) {
    count(rows, scope, ticket, listed ? 1 : -1);
    const std::string key = index_key(scope, ticket);
    if (listed)
      rows.put(key, IndexEntry{ticket.kind, ticket.assignee, ticket.team});
    else
      rows.erase(key);
  }
}

template <class T>
void set_if_absent(std::optional<T>& known, const std::optional<T>& said) {
  if (!known) known = said;
}

void evolve(TicketRow& row, const crm::TicketOpened& e, const DecodedEvent& at) {
  if (row.opened) return;
  row.opened = true;
  QueuedTicket& ticket = row.ticket;
  if (ticket.kind != crm::TicketKind::complaint) ticket.kind = e.kind;
  ticket.priority = e.priority;
  set_if_absent(ticket.customer, e.customer);
  set_if_absent(ticket.contact, e.contact);
  set_if_absent(ticket.team, e.team);
  set_if_absent(ticket.assignee, e.assignee);
  ticket.number = e.number;
  ticket.category = e.category;
  ticket.channel = e.channel;
  ticket.opened_at = at.record().occurred_at;
  if (!e.subject.is_absent()) ticket.subject = at.sealed("subject");
}

void evolve(TicketRow& row, const crm::TicketAssigned& e, const DecodedEvent& /*at*/) {
  row.ticket.team = e.team;
  row.ticket.assignee = e.assignee;
}

void evolve(TicketRow& row, const crm::TicketPriorityChanged& e, const DecodedEvent& /*at*/) {
  row.ticket.priority = e.priority;
}

void evolve(TicketRow& row, const crm::TicketMarkedAsComplaint& /*e*/, const DecodedEvent& /*at*/) {
  row.ticket.kind = crm::TicketKind::complaint;
}

void evolve(TicketRow& row, const crm::PublicReplySent& e, const DecodedEvent& at) {
  ++row.ticket.replies;
  if (!e.automated) set_if_absent(row.ticket.first_reply_at, at.record().occurred_at);
}

void evolve(TicketRow& row, const crm::CustomerReplied& /*e*/, const DecodedEvent& /*at*/) {
  ++row.ticket.replies;
}

template <class E>
void evolve(TicketRow& row, const E& /*e*/, const DecodedEvent& at) {
  constexpr auto kState = state_after<E>();
  static_assert(kState.has_value());
  row.ticket.state = *kState;
  if constexpr (std::is_same_v<E, crm::TicketReopened>) ++row.ticket.reopened;
  if constexpr (*kState == QueueState::resolved) row.ticket.resolved_at = at.record().occurred_at;
}

template <class E>
void on_ticket(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  TicketRow& row = rows.edit<TicketRow>(ViewKey('t').id(e.ticket));
  if (row.listed) set_listed(rows, row.ticket, false);
  row.listed = true;
  row.ticket.ticket = e.ticket;
  set_if_absent(row.ticket.customer, e.customer);
  set_if_absent(row.ticket.contact, e.contact);
  evolve(row, e, at);
  const auto occurred = at.record().occurred_at;
  if (occurred) row.ticket.last_changed_at = occurred;
  set_listed(rows, row.ticket, true);
}

template <class... E>
void register_each(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&on_ticket<E>), ...);
}

// ---- query --------------------------------------------------------------------------------------

template <class T>
bool is_among(const std::vector<T>& wanted, T value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

constexpr std::array kOpenStates{QueueState::fresh, QueueState::open, QueueState::pending,
                                 QueueState::on_hold};
constexpr std::array kPriorities{crm::Priority::low, crm::Priority::normal, crm::Priority::high,
                                 crm::Priority::urgent};

MergedScan scan_of(const TicketQueueQuery& query) {
  MergedScan scan{.prefixes = {}, .from = {}, .to = {}, .page = query.page};
  scan.backwards = query.sort == TicketSort::newest;
  const std::string scope = query.assignee ? scope_of(*query.assignee)
                            : query.team   ? scope_of(*query.team)
                                           : scope_all();
  std::vector<QueueState> states = query.states;
  if (states.empty()) states.assign(kOpenStates.begin(), kOpenStates.end());
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  for (const QueueState state : states) {
    const std::string prefix = state_prefix(scope, state);
    if (query.sort == TicketSort::priority) {
      scan.prefixes.push_back(prefix);
      continue;
    }
    for (const crm::Priority priority : kPriorities) {
      if (is_among(query.priorities, priority))
        scan.prefixes.push_back(prefix + static_cast<char>(urgency(priority)));
    }
  }
  return scan;
}

Result<QueuedTicket> ticket_at(const ViewReader& rows, std::string_view key) {
  constexpr std::size_t kIdBytes = 16;
  ViewKeyReader reader(key.substr(key.size() - kIdBytes - 1));
  FACTUM_TRY(const auto bytes, rows.get(ViewKey('t').id(reader.id()).str()));
  if (!bytes) return fail(ErrorCode::corrupt, "a listed ticket has no row");
  FACTUM_TRY(TicketRow row, decode_row<TicketRow>(*bytes));
  return std::move(row.ticket);
}

}  // namespace

Projection ticket_queue_projection() {
  Projection projection("ticket_queue", 1, "Tickets by state, assignee, team, priority and age");
  register_each(projection,
                TypeList<crm::TicketOpened, crm::TicketAssigned, crm::TicketPriorityChanged,
                         crm::TicketMarkedAsComplaint, crm::TicketWorkStarted, crm::TicketPending,
                         crm::TicketPutOnHold, crm::TicketResumed, crm::TicketResolved,
                         crm::TicketReopened, crm::TicketClosed, crm::TicketCancelled,
                         crm::PublicReplySent, crm::CustomerReplied>{});
  return projection;
}

Result<Page<QueuedTicket>> ticket_queue(const ViewReader& rows, const TicketQueueQuery& query) {
  Page<QueuedTicket> page;
  const auto take = [&](std::string_view key, std::string_view value) -> Result<bool> {
    FACTUM_TRY(const IndexEntry entry, decode_row<IndexEntry>(value));
    if ((query.kind && entry.kind != *query.kind) ||
        (query.assignee && entry.assignee != query.assignee) ||
        (query.team && entry.team != query.team))
      return false;
    FACTUM_TRY(QueuedTicket ticket, ticket_at(rows, key));
    if (!is_among(query.priorities, ticket.priority)) return false;
    page.items.push_back(std::move(ticket));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan_of(query), take));
  return page;
}

Result<QueueCounts> ticket_counts(const ViewReader& rows,
                                  const std::optional<crm::UserId>& assignee,
                                  const std::optional<crm::TeamId>& team) {
  const std::string scope = assignee ? scope_of(*assignee) : team ? scope_of(*team) : scope_all();
  QueueCounts counts;
  FACTUM_TRY(const auto bytes, rows.get(ViewKey('n').raw(scope).str()));
  if (!bytes) return counts;
  FACTUM_TRY(const CountRow row, decode_row<CountRow>(*bytes));
  counts.reopened = row.reopened;
  for (const auto& [key, tickets] : row.tickets) {
    counts.total += tickets;
    counts.by_state_and_priority.push_back(
        {static_cast<QueueState>(key.at(0)), static_cast<crm::Priority>(key.at(1)), tickets});
  }
  return counts;
}

void QueuedTicket::describe(FieldVisitor& v, QueuedTicket& t) {
  v.shown("ticket", t.ticket, "The ticket");
  v.shown("state", t.state, "Its state");
  v.shown("kind", t.kind, "What it is");
  v.shown("priority", t.priority, "How urgent");
  v.shown("customer", t.customer, "The customer");
  v.shown("contact", t.contact, "The contact");
  v.shown("team", t.team, "The team it waits at");
  v.shown("assignee", t.assignee, "Who works on it");
  v.shown("number", t.number, "Number as printed");
  v.shown("category", t.category, "Category, a code");
  v.shown("channel", t.channel, "How it came in");
  v.shown("opened_at", t.opened_at, "When it was opened; absent = undated");
  v.shown("first_reply_at", t.first_reply_at, "When a person answered first");
  v.shown("last_changed_at", t.last_changed_at, "When something happened last");
  v.shown("resolved_at", t.resolved_at, "When it was resolved last");
  v.shown("reopened", t.reopened, "How often it was reopened");
  v.shown("replies", t.replies, "Messages to and from the requester");
  v.shown("subject", t.subject, "Heading");
}

void QueueCount::describe(FieldVisitor& v, QueueCount& c) {
  v.shown("state", c.state, "State");
  v.shown("priority", c.priority, "Priority");
  v.shown("tickets", c.tickets, "How many");
}

void QueueCounts::describe(FieldVisitor& v, QueueCounts& c) {
  v.shown("total", c.total, "All tickets");
  v.shown("reopened", c.reopened, "Tickets that were reopened at least once");
  v.shown("by_state_and_priority", c.by_state_and_priority, "By state and priority");
}

}  // namespace factum::projections
