// The view ticket_queue: tickets by state, assignee, team, priority and age, with counts.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// The state of a ticket as its events tell. Values are in keys: only append.
enum class QueueState : std::uint8_t { fresh, open, pending, on_hold, resolved, closed, cancelled };

struct QueuedTicket {
  crm::TicketId ticket;
  QueueState state{};
  crm::TicketKind kind{};
  crm::Priority priority{};
  std::optional<crm::CustomerId> customer;
  std::optional<crm::ContactId> contact;
  std::optional<crm::TeamId> team;
  std::optional<crm::UserId> assignee;
  std::optional<std::string> number;
  std::optional<std::string> category;
  std::optional<crm::Channel> channel;
  std::optional<Timestamp> opened_at;
  std::optional<Timestamp> first_reply_at;
  std::optional<Timestamp> last_changed_at;
  std::optional<Timestamp> resolved_at;
  std::int64_t reopened = 0;
  std::int64_t replies = 0;
  SealedField<std::string> subject;

  static void describe(FieldVisitor& v, QueuedTicket& t);
};

enum class TicketSort : std::uint8_t {
  oldest,    ///< opened first; undated ones first of all
  newest,    ///< opened last
  priority,  ///< the most urgent, of these the oldest
};

/// Whose tickets: all, those of a user, or those of a team.
struct TicketQueueQuery {
  std::vector<QueueState> states = {};         ///< empty = fresh, open, pending, on_hold
  std::vector<crm::Priority> priorities = {};  ///< empty = all
  std::optional<crm::UserId> assignee = {};
  std::optional<crm::TeamId> team = {};
  std::optional<crm::TicketKind> kind = {};
  TicketSort sort = TicketSort::priority;
  PageRequest page = {};
};

struct QueueCount {
  QueueState state{};
  crm::Priority priority{};
  std::int64_t tickets = 0;

  static void describe(FieldVisitor& v, QueueCount& c);
};

struct QueueCounts {
  std::int64_t total = 0;
  std::int64_t reopened = 0;
  std::vector<QueueCount> by_state_and_priority;

  static void describe(FieldVisitor& v, QueueCounts& c);
};

Projection ticket_queue_projection();

/// Tickets in the asked order. Cost: the page, a seek per state and priority, and tickets that a
/// second filter skips. Errors: corrupt, io_error.
Result<Page<QueuedTicket>> ticket_queue(const ViewReader& rows, const TicketQueueQuery& query);
/// How many tickets there are in each state, of all, one user or one team; one row read.
/// `reopened` counts tickets that were reopened at least once.
Result<QueueCounts> ticket_counts(const ViewReader& rows,
                                  const std::optional<crm::UserId>& assignee,
                                  const std::optional<crm::TeamId>& team);

}  // namespace factum::projections

template <>
struct factum::Symbols<factum::projections::QueueState> {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"new", "open", "pending", "on_hold", "resolved", "closed", "cancelled"});
};
