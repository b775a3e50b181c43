// The memory store and the RocksDB store get the same random commands and must give the same
// answers: the same events byte for byte, and so the same Merkle root.
#include "eventstore/memory_event_store.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/random_commands.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace factum;
using namespace factum::test;

namespace {

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

Digest root_of(const EventStore& store) {
  const ReadRow read = [&](std::uint8_t row, std::uint64_t first, std::size_t count) {
    return store.tree_row(row, first, count);
  };
  return tree_root(read, store.head().value()).value();
}

std::string show(const Result<std::optional<ClaimRecord>>& found) {
  const auto& claim = found.value();
  if (!claim) return "nobody";
  return claim->holder + ' ' + claim->payload + ' ' + std::to_string(claim->position.value());
}

std::string show(const Result<std::optional<StoredOutcome>>& found) {
  const auto& outcome = found.value();
  if (!outcome) return "none";
  return std::to_string(outcome->first.value()) + '-' + std::to_string(outcome->last.value()) +
         ' ' + outcome->outcome;
}

// All that is kept beside the events, and the one hash over everything.
void check_same_state(const EventStore& one, const EventStore& other) {
  for (std::uint64_t i = 0; i < RandomCommands::kIdempotencyKeys; ++i) {
    const Digest key = RandomCommands::digest_of(i);
    CHECK(show(one.find_claim(RandomCommands::kSpace, key)) ==
          show(other.find_claim(RandomCommands::kSpace, key)));
    CHECK(show(one.find_outcome(key)) == show(other.find_outcome(key)));
  }
  CHECK(root_of(one) == root_of(other));
}

void run(std::uint64_t seed, int rounds) {
  CAPTURE(seed);
  TempDir directory;
  ManualClock clock;
  EventStoreOptions options;
  options.directory = directory / "log";
  options.clock = &clock;
  options.write_buffer_bytes = std::size_t{64} << 10;  // flushes happen within a run
  auto memory = make_memory_event_store(clock);
  auto disk = open_rocksdb_event_store(options).value();
  RandomCommands commands(seed, 200);
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
      check_same_state(*memory, *disk);
    }
  }
  check_same_state(*memory, *disk);
}

}  // namespace

TEST_CASE("random commands have the same outcome in memory and on disk") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) run(seed, 150);
}

TEST_SUITE("slow") {
  TEST_CASE("many more random commands have the same outcome in memory and on disk") {
    for (std::uint64_t seed = 100; seed < 120; ++seed) run(seed, 4000);
  }
}
