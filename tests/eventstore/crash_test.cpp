// kill -9 in the middle of a write load: everything acknowledged is there once, in order,
// unchanged.
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace factum;
using namespace factum::test;

namespace {

struct Acknowledged {
  std::string event_id;
  std::string hash;
};
using AcknowledgedEvents = std::map<std::uint64_t, Acknowledged>;

// Runs the writer until it has acknowledged `lines` events, kills it, and notes every whole line.
void write_and_kill(const std::string& folder, std::uint64_t seed, std::uint64_t lines,
                    AcknowledgedEvents& acknowledged) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(FACTUM_APPEND_WRITER, "append_writer", folder.c_str(), std::to_string(seed).c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::FILE* output = ::fdopen(ends[0], "r");
  char line[256];
  for (std::uint64_t count = 1; std::fgets(line, sizeof line, output) != nullptr; ++count) {
    std::istringstream words(line);
    std::uint64_t position = 0;
    Acknowledged event;
    words >> position >> event.event_id >> event.hash;
    CHECK(acknowledged.emplace(position, event).second);
    if (count == lines) ::kill(child, SIGKILL);
  }
  std::fclose(output);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

void check_log(const std::string& folder, const AcknowledgedEvents& acknowledged) {
  ManualClock clock;
  EventStoreOptions options;
  options.directory = folder;
  options.clock = &clock;
  options.flush_on_close = false;
  const auto store = open_rocksdb_event_store(options);
  REQUIRE(store);
  const std::uint64_t head = (*store)->head().value();
  REQUIRE(acknowledged.rbegin()->first <= head);
  std::set<std::string> ids;
  std::uint64_t position = 0;
  std::size_t found = 0;
  while (position < head) {
    ReadOptions range;
    range.from = Position(position + 1);
    const auto events = (*store)->read({}, range);
    REQUIRE(events);
    REQUIRE_FALSE(events->empty());
    for (const RecordedEvent& event : *events) {
      REQUIRE(event.position == Position(++position));
      REQUIRE(ids.insert(event.record.event_id.to_string()).second);
      const auto expected = acknowledged.find(position);
      if (expected == acknowledged.end()) continue;
      ++found;
      CHECK(expected->second.event_id == event.record.event_id.to_string());
      CHECK(expected->second.hash + "\n" == to_hex(view(event.event_hash)));
      const auto outcome = (*store)->find_outcome(sha256(event.record.event_id.view()));
      CHECK((!outcome.value() || (*outcome)->first == event.position));
    }
  }
  CHECK(found == acknowledged.size());
}

void run_rounds(int rounds, std::uint64_t seed) {
  TempDir directory;
  AcknowledgedEvents acknowledged;
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    write_and_kill(directory / "log", random() % 100'000, random() % 1500 + 1, acknowledged);
    check_log(directory / "log", acknowledged);
  }
  MESSAGE(rounds << " kills, " << acknowledged.size() << " acknowledged events, none lost");
}

}  // namespace

TEST_CASE("after two kills under load every acknowledged event is there") { run_rounds(2, 1); }

TEST_SUITE("slow") {
  TEST_CASE("after fifty kills under load every acknowledged event is there") {
    run_rounds(50, 20261121);
  }
}
