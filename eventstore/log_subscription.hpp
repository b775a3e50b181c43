// A subscription served by reading the log: past and live events take the same path.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/head_signal.hpp"

#include <memory>

namespace factum {

/// A subscription behind `after`. `visit` is how it reads; it outlives the store and answers
/// `unavailable` after that closed.
std::unique_ptr<Subscription> make_log_subscription(Query query, Position after, VisitEvents visit,
                                                    std::shared_ptr<HeadSignal> signal);

}  // namespace factum
