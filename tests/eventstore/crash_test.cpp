// kill -9 in the middle of a write load: everything acknowledged is there once, in order,
// unchanged.
#include "eventstore/aes_sealer.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace factum;
using namespace factum::test;

namespace {

struct Acknowledged {
  std::string event_id;
  std::string hash;
};
using AcknowledgedEvents = std::map<std::uint64_t, Acknowledged>;

// Runs a program until it has written `lines` lines, kills it, and gives every whole line.
void run_and_kill(std::vector<std::string> command, std::uint64_t lines,
                  const std::function<void(std::istringstream&)>& on_line) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::FILE* output = ::fdopen(ends[0], "r");
  char line[256];
  for (std::uint64_t count = 1; std::fgets(line, sizeof line, output) != nullptr; ++count) {
    std::istringstream words(line);
    on_line(words);
    if (count == lines) ::kill(child, SIGKILL);
  }
  std::fclose(output);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

void write_and_kill(const std::string& folder, std::uint64_t seed, std::uint64_t lines,
                    AcknowledgedEvents& acknowledged) {
  run_and_kill({FACTUM_APPEND_WRITER, folder, std::to_string(seed)}, lines,
               [&](std::istringstream& words) {
                 std::uint64_t position = 0;
                 Acknowledged event;
                 words >> position >> event.event_id >> event.hash;
                 CHECK(acknowledged.emplace(position, event).second);
               });
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

using AcknowledgedIds = std::map<std::uint64_t, std::string>;

// Every event of the log opens, also those that were not acknowledged any more.
void check_keys(const TempDir& directory, const AcknowledgedIds& acknowledged) {
  ManualClock clock;
  EventStoreOptions options;
  options.directory = directory / "log";
  options.clock = &clock;
  const auto store = open_rocksdb_event_store(options);
  REQUIRE(store);
  KeystoreOptions key_options;
  key_options.directory = directory / "keys";
  key_options.seal_id = (*store)->log_id();
  key_options.clock = &clock;
  key_options.create = (*store)->head() == Position{};
  const auto sealer = open_aes_sealer(key_options);
  REQUIRE(sealer);
  ReadOptions range;
  range.limit = SIZE_MAX;
  const auto events = (*store)->read({}, range);
  REQUIRE(events);
  std::size_t found = 0;
  for (const RecordedEvent& event : *events) {
    const EventRecord& record = event.record;
    const std::string id = record.event_id.to_string();
    for (std::size_t i = 0; i < record.slots.size(); ++i) {
      const SealContext context{record.event_id, record.type, record.schema, record.slots[i].name,
                                i == 0 ? DataClass::personal : DataClass::sensitive};
      const auto plain = (*sealer)->open(context, record.slots[i], *event.ciphertexts[i]);
      REQUIRE(plain);
      CHECK(*plain == id);
    }
    const auto expected = acknowledged.find(event.position.value());
    if (expected == acknowledged.end()) continue;
    ++found;
    CHECK(expected->second == id);
  }
  CHECK(found == acknowledged.size());
}

// The first kills fall into the first start, while the keystore itself is made.
void run_key_rounds(int rounds, std::uint64_t seed) {
  TempDir directory;
  AcknowledgedIds acknowledged;
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    run_and_kill({FACTUM_KEY_WRITER, directory / "log", directory / "keys", std::to_string(round)},
                 round < rounds / 2 ? 1 : random() % 60 + 2, [&](std::istringstream& words) {
                   std::uint64_t position = 0;
                   std::string id;
                   words >> position >> id;
                   if (position > 0) CHECK(acknowledged.emplace(position, id).second);
                 });
    check_keys(directory, acknowledged);
  }
  MESSAGE(rounds << " kills, " << acknowledged.size() << " acknowledged events, each with its key");
}

}  // namespace

TEST_CASE("after two kills under load every acknowledged event is there") { run_rounds(2, 1); }

TEST_CASE("after four kills while keys are made every event of the log opens") {
  run_key_rounds(4, 1);
}

TEST_SUITE("slow") {
  TEST_CASE("after forty kills while keys are made every event of the log opens") {
    run_key_rounds(40, 20261121);
  }

  TEST_CASE("after fifty kills under load every acknowledged event is there") {
    run_rounds(50, 20261121);
  }
}
