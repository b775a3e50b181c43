// The memory store and the RocksDB store get the same random commands and must give the same
// answers.
#include "eventstore/memory_event_store.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace factum;
using namespace factum::test;

namespace {

class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  std::vector<std::string> some_tags(std::uint64_t most) {
    std::vector<std::string> tags;
    for (std::uint64_t i = below(most) + 1; i > 0; --i)
      tags.push_back((below(2) == 0 ? "customer:" : "deal:") + std::to_string(below(6)));
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    return tags;
  }

  Query query() {
    Query query;
    for (std::uint64_t i = below(4); i > 0; --i) {
      QueryItem& item = query.items.emplace_back();
      for (std::uint64_t t = below(12); t > 0 && below(2) == 0; --t)
        item.types.push_back("Type" + std::to_string(below(14)));
      if (below(5) != 0) item.tags = some_tags(3);
    }
    return query;
  }

  ReadOptions options(std::uint64_t head) {
    ReadOptions options;
    options.from = Position(below(head + 3));
    if (below(3) != 0) options.to = Position(below(head + 3));
    options.backwards = below(2) == 0;
    options.limit = below(3) == 0 ? below(5) : 1000;
    options.with_slots = below(2) == 0;
    return options;
  }

  AppendRequest append(std::uint64_t head) {
    AppendRequest request;
    for (std::uint64_t i = below(3) + 1; i > 0; --i) {
      NewEvent event = test_event("Type" + std::to_string(below(12)), some_tags(4));
      if (below(3) == 0) add_slot(event, "customer.personal", std::to_string(below(1000)));
      request.events.push_back(std::move(event));
    }
    if (below(2) == 0)
      request.condition =
          AppendCondition{query(), Position(head - below(std::min(head, std::uint64_t{8}) + 1))};
    for (std::uint64_t i = below(3); i > 0; --i) {
      Claim claim{"space",
                  {},
                  static_cast<Claim::Action>(below(3)),
                  "customer:" + std::to_string(below(3)),
                  std::to_string(below(9))};
      claim.key.fill(static_cast<std::uint8_t>(below(8)));
      request.claims.push_back(std::move(claim));
    }
    if (below(4) == 0) {
      request.idempotency = Idempotency{};
      request.idempotency->key.fill(static_cast<std::uint8_t>(below(40)));
      request.idempotency->request.fill(static_cast<std::uint8_t>(below(2)));
      request.idempotency->outcome = std::to_string(below(1000));
    }
    return request;
  }

 private:
  std::mt19937_64 random_;
};

std::string show(const Result<AppendResult>& result) {
  if (!result)
    return std::string(to_string(result.error().code)) + " " +
           std::to_string(result.error().position);
  return std::to_string(result->first.value()) + "-" + std::to_string(result->last.value()) +
         (result->replayed ? " again " : " ") + result->outcome;
}

void check_equal(const std::vector<RecordedEvent>& one, const std::vector<RecordedEvent>& other) {
  REQUIRE(show_positions(one) == show_positions(other));
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].event_hash == other[i].event_hash);
    CHECK(one[i].recorded_at == other[i].recorded_at);
    CHECK(one[i].ciphertexts == other[i].ciphertexts);
  }
}

void run(std::uint64_t seed, int rounds) {
  CAPTURE(seed);
  TempDir directory;
  ManualClock clock;
  EventStoreOptions options;
  options.directory = directory / "log";
  options.clock = &clock;
  auto memory = make_memory_event_store(clock);
  auto disk = open_rocksdb_event_store(options).value();
  RandomCommands commands(seed);
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    clock.advance(static_cast<std::int64_t>(commands.below(5)) - 1);
    const AppendRequest request = commands.append(memory->head().value());
    REQUIRE(show(append_and_wait(*memory, request)) == show(append_and_wait(*disk, request)));
    const Query query = commands.query();
    const ReadOptions range = commands.options(memory->head().value());
    check_equal(memory->read(query, range).value(), disk->read(query, range).value());
    if (commands.below(100) == 0) {
      disk.reset();
      options.flush_on_close = commands.below(2) == 0;
      disk = open_rocksdb_event_store(options).value();
    }
  }
}

}  // namespace

TEST_CASE("random commands have the same outcome in memory and on disk") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) run(seed, 150);
}

TEST_SUITE("slow") {
  TEST_CASE("many more random commands have the same outcome in memory and on disk") {
    for (std::uint64_t seed = 100; seed < 120; ++seed) run(seed, 2000);
  }
}
