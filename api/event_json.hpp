// Events as lines of JSON: the record in the clear, slots as headers only.
#pragma once

#include "core/es/event_store.hpp"

#include <functional>
#include <string>

namespace factum::api {

/// Appends one event as a JSON object without line break. Ciphertexts are left out; their hashes
/// stay, so that the event hash can be recomputed.
void append_event_json(std::string& out, const RecordedEvent& event);

/// Walks a read in bounded pieces, from the first to the last position.
class EventPages {
 public:
  /// `options.limit` is the total number of events. `store` outlives this.
  EventPages(const EventStore& store, Query query, ReadOptions options);
  /// Hands over the next events; false when there are none left. `take` neither blocks nor calls
  /// the store. Errors: those of EventStore::visit.
  Result<bool> next(const std::function<void(const RecordedEvent&)>& take);

 private:
  const EventStore& store_;
  const Query query_;
  ReadOptions options_;
};

}  // namespace factum::api
