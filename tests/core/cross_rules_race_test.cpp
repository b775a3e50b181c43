// Every rule that spans entities, raced by two writers: the log never shows it broken.
#include "core/crm/catalog.hpp"
#include "core/crm/cross_rules.hpp"
#include "core/es/command_runner.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/core/cross_rule_races.hpp"
#include "tests/support/interposed_store.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <functional>
#include <set>
#include <thread>

namespace factum {
namespace {

using namespace test;

constexpr std::uint64_t kRaces = 1000;

// Two writers meet here: each has decided before either of them is recorded.
class MeetingStore final : public InterposedStore {
 public:
  using InterposedStore::InterposedStore;

  /// The calling thread will meet the other one, at its first append or when it leaves. `first`: it
  /// then goes ahead.
  static void enter(bool meets, bool first) { visit() = {!meets, first}; }
  void leave() {
    meet([] {});
  }
  void append(AppendRequest request, OnAppended on_done) override {
    meet([&] { pass_on(std::move(request), std::move(on_done)); });
  }

 private:
  struct Visit {
    bool has_met = true;
    bool first = false;
  };
  static Visit& visit() {
    thread_local Visit visit;
    return visit;
  }
  void meet(const std::function<void()>& append_now) {
    if (std::exchange(visit().has_met, true)) return append_now();
    barrier_.arrive_and_wait();
    if (visit().first) append_now();
    barrier_.arrive_and_wait();
    if (!visit().first) append_now();
  }

  std::barrier<> barrier_{2};
};

class Arena {
 public:
  explicit Arena(EventStore& store) : store_(store) {}

  void run(const std::vector<Race>& races, std::uint64_t rounds) {
    std::uint64_t next = 1;
    for (const Race& race : races) {
      CAPTURE(race.rule.name);
      prepare(race, next, rounds);
      const auto [guards, others] = run_both(race, next, rounds);
      for (std::uint64_t round = 0; round < rounds; ++round)
        check(race, guards[round], others[round]);
      next += rounds;
    }
  }

 private:
  using Outcomes = std::vector<Result<CommandOutcome>>;

  void prepare(const Race& race, std::uint64_t first, std::uint64_t rounds) {
    AppendRequest request;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (const EventBox& event : race.given(Ids(first + round))) {
        EventOrigin origin;
        origin.event_id = ids_.next();
        origin.actor = "system";
        auto encoded = codec_.encode(event, std::move(origin));
        REQUIRE(encoded);
        request.events.push_back(std::move(*encoded));
      }
    }
    if (!request.events.empty()) REQUIRE(append_and_wait(store_, std::move(request)));
  }

  std::pair<Outcomes, Outcomes> run_both(const Race& race, std::uint64_t first,
                                         std::uint64_t rounds) {
    std::barrier start(2);
    const auto writer = [&](const std::function<Move(const Ids&)>& make, Outcomes& outcomes,
                            std::uint64_t parity) {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        Move move = make(Ids(first + round));
        MeetingStore::enter(race.expected != Expected::opens, round % 2 == parity);
        start.arrive_and_wait();
        outcomes.push_back(run_command(bus_, *move.type, std::move(move.command)));
        store_.leave();
      }
    };
    Outcomes guards;
    Outcomes others;
    std::thread second([&] { writer(race.other, others, 1); });
    writer(race.guard, guards, 0);
    second.join();
    return {std::move(guards), std::move(others)};
  }

  static bool refused_by(const Result<CommandOutcome>& outcome, const Rule& rule) {
    return !outcome && outcome.error().rule == rule.name;
  }

  static void check(const Race& race, const Result<CommandOutcome>& guard,
                    const Result<CommandOutcome>& other) {
    if (!guard && !refused_by(guard, race.rule)) FAIL(guard.error().message);
    if (!other && !refused_by(other, race.rule)) FAIL(other.error().message);
    switch (race.expected) {
      case Expected::one_winner: CHECK(guard.has_value() != other.has_value()); break;
      case Expected::closes:
        REQUIRE(guard);
        if (other) CHECK(other->last < guard->first);
        break;
      case Expected::opens:
        REQUIRE(guard);
        if (other) CHECK(other->first > guard->last);
        break;
    }
  }

  MeetingStore store_;
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  PlainSealer sealer_;
  EventCodec codec_{crm::event_catalog(), sealer_};
  CommandBus bus_{store_, codec_, clock_, ids_};
};

}  // namespace

TEST_CASE("every rule that spans entities has a race") {
  std::set<std::string_view> raced;
  for (const Race& race : all_races()) CHECK(raced.insert(race.rule.name).second);
  std::set<std::string_view> registered;
  for (const crm::CrossRule& rule : crm::cross_rules())
    CHECK(registered.insert(rule.rule.name).second);
  CHECK(raced == registered);
}

TEST_CASE("no rule that spans entities is broken by two writers, in memory") {
  SystemClock clock;
  const auto store = make_memory_event_store(clock);
  Arena(*store).run(all_races(), kRaces / 10);
}

TEST_SUITE("slow") {
  TEST_CASE("no rule that spans entities is broken in a thousand races, in memory") {
    SystemClock clock;
    const auto store = make_memory_event_store(clock);
    Arena(*store).run(all_races(), kRaces);
  }

  TEST_CASE("no rule that spans entities is broken in a thousand races, on disk") {
    const TempDir folder;
    SystemClock clock;
    EventStoreOptions options;
    options.directory = folder.path() / "log";
    options.clock = &clock;
    auto store = open_rocksdb_event_store(std::move(options));
    REQUIRE(store);
    Arena(**store).run(all_races(), kRaces);
  }
}

}  // namespace factum
