// What an event shows in the timeline: its kind, its entity and short facts.
#pragma once

#include "projections/timeline.hpp"

namespace factum::projections {

/// Registers a handler for every event type that is tagged with customers; `add` writes the entry
/// of one customer.
void register_timeline(Projection& projection);

/// The row key of an entry.
std::string timeline_key(const crm::CustomerId& customer, TimelineKind kind, Timestamp happened_at,
                         Position position);
/// The entry of an event, without facts.
TimelineEntry timeline_entry(const DecodedEvent& at, TimelineKind kind, std::string entity);

}  // namespace factum::projections
