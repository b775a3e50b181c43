// A log in memory with typed events, folds of it, and random histories.
#pragma once

#include "core/crm/catalog.hpp"
#include "core/crm/deal_events.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/view_store.hpp"
#include "eventstore/memory_event_store.hpp"
#include "projections/registry.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/spec.hpp"
#include "tests/support/store_helpers.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace factum::test {

/// Midday of "2026-01-05", or the instant of a full time.
Timestamp at(std::string_view when);
Date day(std::string_view date);

/// An event whose fields `set` fills.
template <class E, class Set>
E made(Set set) {
  E event{};
  set(event);
  return event;
}

/// A pipeline "Sales": open stages lead, offer and closing, then won and lost.
crm::PipelineDefined sales_pipeline(const crm::PipelineId& id);

/// A log of CRM events that ends with the object.
class TestLog {
 public:
  TestLog();

  /// Records what happened at `occurred`, absent = undated.
  template <class E>
  Position record(const E& event, std::optional<Timestamp> occurred) {
    return record(EventBox::of(event), occurred);
  }
  template <class E>
  Position record(const E& event, std::string_view occurred) {
    return record(EventBox::of(event), at(occurred));
  }
  Position record(const EventBox& event, std::optional<Timestamp> occurred);
  /// Many at once, all at `occurred`.
  void record_all(const std::vector<EventBox>& events, std::optional<Timestamp> occurred);

  EventStore& store() { return *store_; }
  const EventCodec& codec() const { return codec_; }
  PlainSealer& sealer() { return sealer_; }
  ManualClock& clock() { return clock_; }

 private:
  NewEvent encode(const EventBox& event, std::optional<Timestamp> occurred);

  ManualClock clock_;
  PlainSealer sealer_;
  EventCodec codec_;
  std::unique_ptr<EventStore> store_;
  std::uint64_t events_ = 0;
};

/// The registered view of that name, which must exist.
projections::View view_named(std::string_view name);

/// Folds the whole log into memory, `batch` events per commit.
std::unique_ptr<ViewKeyspace> fold_log(TestLog& log, const Projection& projection,
                                       std::size_t batch = 1000);
/// A view of the whole log, to be asked.
std::unique_ptr<ViewReader> view_of(TestLog& log, std::string_view name);

using RowList = std::vector<std::pair<std::string, std::string>>;
/// Every row.
RowList rows_of(const ViewReader& rows);

/// Appends `count` random events of all types to the log; about a few entities, breaking every
/// rule.
void record_random(TestLog& log, std::mt19937_64& random, std::size_t count);

}  // namespace factum::test
