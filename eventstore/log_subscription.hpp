// A subscription served by reading the log: past and live events take the same path.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/head_signal.hpp"

#include <functional>
#include <memory>

namespace factum {

/// How a subscription reads; outlives the store and answers `unavailable` after it closed.
using LogReader =
    std::function<Result<std::vector<RecordedEvent>>(const Query&, const ReadOptions&)>;

/// A subscription behind `after`.
std::unique_ptr<Subscription> make_log_subscription(Query query, Position after, LogReader reader,
                                                    std::shared_ptr<HeadSignal> signal);

}  // namespace factum
