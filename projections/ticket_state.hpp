// What several views know of one ticket, folded from its events. Total: any order of events is
// fine; the last event that tells a state wins.
#pragma once

#include "core/crm/ticket_events.hpp"
#include "projections/ticket_queue.hpp"

#include <optional>

namespace factum::projections {

/// Whether it still asks for work.
inline bool is_open(QueueState state) { return state <= QueueState::on_hold; }

/// The state a ticket is in after `E`, if `E` tells one. A late opening tells none.
template <class E>
constexpr std::optional<QueueState> state_after() {
  if constexpr (std::is_same_v<E, crm::TicketWorkStarted> ||
                std::is_same_v<E, crm::TicketResumed> || std::is_same_v<E, crm::TicketReopened>)
    return QueueState::open;
  else if constexpr (std::is_same_v<E, crm::TicketPending>)
    return QueueState::pending;
  else if constexpr (std::is_same_v<E, crm::TicketPutOnHold>)
    return QueueState::on_hold;
  else if constexpr (std::is_same_v<E, crm::TicketResolved>)
    return QueueState::resolved;
  else if constexpr (std::is_same_v<E, crm::TicketClosed>)
    return QueueState::closed;
  else if constexpr (std::is_same_v<E, crm::TicketCancelled>)
    return QueueState::cancelled;
  else
    return std::nullopt;
}

}  // namespace factum::projections
