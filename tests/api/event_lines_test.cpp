// Lines of events made by several threads: order, filters, limits, damage.
#include "api/event_lines.hpp"

#include "eventstore/memory_event_store.hpp"
#include "tests/support/interposed_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace factum;
using namespace factum::test;

namespace {

constexpr std::uint64_t kEvents = 100;

// Reads end with an error where a position is damaged.
class DamagedStore : public InterposedStore {
 public:
  DamagedStore(EventStore& inner, Position damaged) : InterposedStore(inner), damaged_(damaged) {}

  Status visit(const Query& query, const ReadOptions& options,
               const TakeEvent& take) const override {
    bool met = false;
    FACTUM_CHECK(InterposedStore::visit(query, options, [&](RecordedEvent& event) {
      met = event.position == damaged_;
      return !met && take(event);
    }));
    if (met) return fail(Error{ErrorCode::corrupt, "damaged", {}, {}, damaged_.value()});
    return {};
  }

 private:
  Position damaged_;
};

struct Log {
  Log() {
    for (std::uint64_t i = 1; i <= kEvents; ++i) {
      NewEvent event = test_event(i % 3 == 0 ? "Third" : "Other", {"tag:" + std::to_string(i % 7)});
      event.record.actor = i % 10 == 0 ? "user:tenth" : "system";
      REQUIRE(append_and_wait(*store, request_of({std::move(event)})));
    }
  }

  ManualClock clock;
  std::unique_ptr<EventStore> store = make_memory_event_store(clock);
};

void append_position(std::string& out, const RecordedEvent& event) {
  out += std::to_string(event.position.value()) + ' ';
}

// The positions of all lines, then the name of the error that ended them, if one did.
std::string lines_of(const EventStore& store, const api::EventSelection& selection,
                     api::EventLines::Bounds bounds) {
  api::EventLines lines(store, selection, append_position, bounds);
  std::string all;
  for (;;) {
    const auto more = lines.next();
    if (!more) return all + std::string(to_string(more.error().code));
    if (!*more) return all;
    all += **more;
  }
}

template <class Wanted>
std::string positions(std::uint64_t first, std::uint64_t last, Wanted wanted) {
  std::string text;
  for (std::uint64_t i = first; i <= last; ++i) {
    if (wanted(i)) text += std::to_string(i) + ' ';
  }
  return text;
}

std::string positions(std::uint64_t first, std::uint64_t last) {
  return positions(first, last, [](std::uint64_t /*position*/) { return true; });
}

}  // namespace

TEST_CASE("lines come in the order of the log, however it is cut into stretches and pieces") {
  const Log log;
  for (const std::uint64_t stretch : {1U, 7U, 33U, 100U, 4096U}) {
    for (const std::size_t bytes : {1U, 20U, 1'000'000U}) {
      const api::EventLines::Bounds bounds{.positions_max = stretch, .bytes_max = bytes};
      const auto lines = [&](api::EventSelection selection) {
        return lines_of(*log.store, selection, bounds);
      };
      const Position first(1);
      const Position last(kEvents);
      CHECK(lines({.first = first, .last = last}) == positions(1, kEvents));
      CHECK(lines({.first = Position(20), .last = Position(35)}) == positions(20, 35));
      CHECK(lines({.first = Position(8), .last = Position(7)}).empty());
      CHECK(lines({.first = first, .last = last, .limit = 10}) == positions(1, 10));
      CHECK(lines({.query = query_of({"Third"}, {}), .first = first, .last = last}) ==
            positions(1, kEvents, [](std::uint64_t i) { return i % 3 == 0; }));
      CHECK(lines({.query = query_of({}, {"tag:5"}), .first = first, .last = last}) ==
            positions(1, kEvents, [](std::uint64_t i) { return i % 7 == 5; }));
      CHECK(lines({.actor = "user:tenth", .first = first, .last = last}) ==
            positions(1, kEvents, [](std::uint64_t i) { return i % 10 == 0; }));
      CHECK(lines({.actor = "user:tenth", .first = first, .last = last, .limit = 2}) == "10 20 ");
    }
  }
}

TEST_CASE("damage ends the lines behind what lies before it") {
  const Log log;
  for (const std::uint64_t damaged : {1U, 50U, 100U}) {
    DamagedStore store(*log.store, Position(damaged));
    for (const std::uint64_t stretch : {7U, 4096U}) {
      const api::EventSelection selection{.first = Position(1), .last = Position(kEvents)};
      CHECK(lines_of(store, selection, {.positions_max = stretch, .bytes_max = 20}) ==
            positions(1, damaged - 1) + "corrupt");
    }
  }
}

TEST_CASE("no wait is longer than a stretch, also where there is nothing to find") {
  const Log log;
  const std::vector<api::EventSelection> selections{
      {.query = query_of({"Nothing"}, {}), .first = Position(1), .last = Position(kEvents)},
      {.query = query_of({"Nothing"}, {}),
       .first = Position(1),
       .last = Position(kEvents),
       .limit = 3},
      {.actor = "user:nobody", .first = Position(1), .last = Position(kEvents), .limit = 3},
      {.query = query_of({"Third", "Other"}, {"tag:1"}),
       .actor = "user:nobody",
       .first = Position(1),
       .last = Position(kEvents)}};
  for (const api::EventSelection& selection : selections) {
    api::EventLines lines(*log.store, selection, append_position,
                          {.positions_max = 5, .bytes_max = 1000});
    int pieces = 0;
    for (auto piece = lines.next(); *piece; piece = lines.next(), ++pieces)
      CHECK((*piece)->empty());
    CHECK(pieces >= (selection.query.items.empty() || selection.actor.empty() ? 20 : 3));
  }
}

TEST_CASE("lines that nobody fetches any more end their threads") {
  const Log log;
  api::EventLines lines(*log.store, {.first = Position(1), .last = Position(kEvents)},
                        append_position, {.positions_max = 5, .bytes_max = 1});
  const auto some = lines.next();
  REQUIRE(some);
  CHECK(*some == std::string_view("1 "));
}
