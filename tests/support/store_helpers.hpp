// Short words for tests that talk to an event store: making events and waiting for appends.
#pragma once

#include "core/es/event_store.hpp"

#include <string>
#include <vector>

namespace factum::test {

/// A UUIDv7-shaped id that only depends on `number`.
Uuid test_id(std::uint64_t number);

/// A valid event with a fresh id; `tags` are sorted for you.
NewEvent test_event(std::string type, std::vector<std::string> tags, std::string data = "{}");

/// Adds a slot with this ciphertext to an event.
void add_slot(NewEvent& event, std::string name, std::string ciphertext);

/// An append of these events and nothing else.
AppendRequest request_of(std::vector<NewEvent> events);

/// Appends and waits for the answer.
Result<AppendResult> append_and_wait(EventStore& store, AppendRequest request);

/// A query of one item.
Query query_of(std::vector<std::string> types, std::vector<std::string> tags);

/// Positions of events, for short comparisons: "1 2 5".
std::string show_positions(const std::vector<RecordedEvent>& events);
/// The positions a read gives, or the name of its error.
std::string read_positions(const EventStore& store, const Query& query,
                           const ReadOptions& options = {});

/// "ok" or the name of the error code.
template <class T>
std::string outcome_of(const Result<T>& result) {
  return result ? "ok" : std::string(to_string(result.error().code));
}

}  // namespace factum::test
