// The event store in memory: the same answers as the one on disk, for tests and for as-of folds.
#pragma once

#include "core/es/event_store.hpp"

#include <memory>

namespace factum {

/// An empty log that lives as long as the object. `clock` must outlive it. Appends complete on the
/// calling thread, before `append` returns.
std::unique_ptr<EventStore> make_memory_event_store(Clock& clock, Uuid log_id = Uuid{{1}});

}  // namespace factum
