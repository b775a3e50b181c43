// Events as lines of JSON: the record in the clear, slots as headers only.
#pragma once

#include "core/es/event_store.hpp"

#include <string>
#include <vector>

namespace factum::api {

/// Appends one event as a JSON object without line break. Ciphertexts are left out; their hashes
/// stay, so that the event hash can be recomputed.
void append_event_json(std::string& out, const RecordedEvent& event);

/// Walks a read in bounded pieces, from the first to the last position.
class EventPages {
 public:
  /// `options.limit` is the total number of events. `actor`: only events that this one caused;
  /// empty = of anybody. `store` outlives this.
  EventPages(const EventStore& store, Query query, ReadOptions options, std::string actor = {});
  /// The next events; empty at the end. Errors: those of EventStore::read.
  Result<std::vector<RecordedEvent>> next();

 private:
  Result<std::vector<RecordedEvent>> read();

  const EventStore& store_;
  Query query_;
  ReadOptions options_;
  std::string actor_;
  bool done_ = false;
};

}  // namespace factum::api
