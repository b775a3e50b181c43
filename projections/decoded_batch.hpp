// Events of one stretch of the log, decoded once for all the views that fold them.
#pragma once

#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/projection.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace factum::projections {

/// One event, typed. Views that open slots stop at `slot_failure`, all that handle it at `failure`.
struct BatchEvent {
  DecodedEvent event;
  Position position;
  std::optional<Error> failure;
  std::optional<Error> slot_failure;
  bool handled = false;
  const EventType* type = nullptr;
};

struct DecodedBatch {
  std::vector<RecordedEvent> recorded;  ///< what the events point into
  std::vector<BatchEvent> events;
  Position last;  ///< everything up to here has been seen
  std::size_t bytes = 0;
};

/// What some projections want decoded.
class DecodePlan {
 public:
  void add(const Projection& projection, const EventCodec& codec);
  bool handles(const EventType& type) const { return wanted_.contains(&type); }
  bool opens(const EventType& type) const;

 private:
  std::unordered_map<const EventType*, bool> wanted_;
};

/// Reads a subscription in batches; while one is folded the next is read and decoded. One thread.
class BatchReader {
 public:
  /// All arguments outlive the reader. `events_max`: per batch; fewer when events are large.
  BatchReader(Subscription& subscription, const EventCodec& codec, DecodePlan plan,
              std::size_t events_max);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// The next events; waits up to `wait` for the first; empty = none. Errors: those of the log.
  Result<std::shared_ptr<const DecodedBatch>> next(std::chrono::milliseconds wait);

 private:
  using Outcome = Result<std::shared_ptr<const DecodedBatch>>;

  Outcome read(std::size_t limit, std::chrono::milliseconds wait);
  BatchEvent decode(const RecordedEvent& recorded) const;
  void adapt(const DecodedBatch& batch);

  Subscription& subscription_;
  const EventCodec& codec_;
  const DecodePlan plan_;
  const std::size_t events_max_;
  std::size_t limit_;
  std::future<Outcome> ahead_;
};

}  // namespace factum::projections
