// What the RocksDB store does when writes fail, folders are wrong, queues are full, bytes are bad.
#include "eventstore/merkle_tree.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

using namespace factum;
using namespace factum::test;

namespace {

struct LogFixture {
  TempDir directory;
  ManualClock clock;
  std::atomic<int> writes_until_fault{-1};
  std::atomic<StorageFault> fault{StorageFault::none};
  std::atomic<bool> fail_reopen{false};

  std::string folder() const { return directory / "log"; }

  EventStoreOptions options() {
    EventStoreOptions options;
    options.directory = folder();
    options.clock = &clock;
    options.flush_on_close = false;
    options.faults.on_write = [this] {
      return writes_until_fault.fetch_sub(1) == 0 ? fault.load() : StorageFault::none;
    };
    options.faults.fail_reopen = [this] { return fail_reopen.load(); };
    return options;
  }
  std::unique_ptr<EventStore> open() {
    auto store = open_rocksdb_event_store(options());
    REQUIRE(store);
    return std::move(*store);
  }
  void fail_next_write(StorageFault how) {
    fault = how;
    writes_until_fault = 0;
  }
};

AppendRequest keyed_request(std::uint8_t key) {
  AppendRequest request = request_of({test_event("A", {"t:1"})});
  request.idempotency = Idempotency{};
  request.idempotency->key.fill(key);
  request.idempotency->outcome = "answer";
  return request;
}

}  // namespace

TEST_CASE("on a disk with too little room appends are refused and reads go on") {
  LogFixture fixture;
  {
    const auto store = fixture.open();
    REQUIRE(append_and_wait(*store, request_of({test_event("A", {"t:1"})})));
    CHECK(store->health().writable);
  }
  auto options = fixture.options();
  options.disk_reserve_bytes = UINT64_MAX;
  const auto opened = open_rocksdb_event_store(options);
  REQUIRE(opened);
  const auto& store = *opened;
  for (int i = 0; i < 3; ++i) {
    CHECK(outcome_of(append_and_wait(*store, request_of({test_event("A", {"t:1"})}))) ==
          "unavailable");
  }
  CHECK_FALSE(store->health().writable);
  CHECK(store->health().reason.find("MiB left") != std::string::npos);
  CHECK(store->head() == Position{1});
  CHECK(store->read({}, {}).value().size() == 1);
}

TEST_CASE("a write that failed before it began answers outcome_unknown, and a retry appends once") {
  LogFixture fixture;
  const auto store = fixture.open();
  REQUIRE(append_and_wait(*store, keyed_request(1)));
  fixture.fail_next_write(StorageFault::fail_before_write);
  CHECK(outcome_of(append_and_wait(*store, keyed_request(2))) == "outcome_unknown");
  CHECK(store->head() == Position(1));
  CHECK(store->health().writable);
  const auto again = append_and_wait(*store, keyed_request(2));
  REQUIRE(again);
  CHECK_FALSE(again->replayed);
  CHECK(again->first == Position(2));
}

TEST_CASE("a write that failed after it was on disk is found by the retry, not repeated") {
  LogFixture fixture;
  const auto store = fixture.open();
  fixture.fail_next_write(StorageFault::fail_after_write);
  CHECK(outcome_of(append_and_wait(*store, keyed_request(1))) == "outcome_unknown");
  CHECK(store->head() == Position(1));
  const auto again = append_and_wait(*store, keyed_request(1));
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->first == Position(1));
  CHECK(again->outcome == "answer");
  CHECK(read_positions(*store, {}) == "1");
}

TEST_CASE("new event types of a failed write are numbered again without harm") {
  LogFixture fixture;
  const auto store = fixture.open();
  fixture.fail_next_write(StorageFault::fail_before_write);
  const auto add = [&](const char* type) {
    return outcome_of(append_and_wait(*store, request_of({test_event(type, {"t:1"})})));
  };
  CHECK(add("Lost") == "outcome_unknown");
  CHECK(add("Kept") == "ok");
  CHECK(add("Lost") == "ok");
  CHECK(read_positions(*store, query_of({"Kept"}, {"t:1"})) == "1");
  CHECK(read_positions(*store, query_of({"Lost"}, {"t:1"})) == "2");
}

TEST_CASE("under load a failed write loses nothing that was acknowledged") {
  LogFixture fixture;
  auto store = fixture.open();
  for (const StorageFault how : {StorageFault::fail_before_write, StorageFault::fail_after_write}) {
    std::mutex mutex;
    std::vector<Position> acknowledged;
    std::atomic<int> unknown{0};
    fixture.fault = how;
    fixture.writes_until_fault = 5;
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int n = 0; n < 50; ++n) {
          const auto done = append_and_wait(*store, request_of({test_event("A", {"t:1"})}));
          if (outcome_of(done) == "outcome_unknown") ++unknown;
          const std::lock_guard lock(mutex);
          if (done) acknowledged.push_back(done->first);
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    CHECK(unknown >= 1);
    CHECK(acknowledged.size() + static_cast<std::size_t>(unknown) == 200);
    CHECK(store->health().writable);
    store.reset();
    store = fixture.open();
    const auto events = store->read({}, {});
    REQUIRE(events);
    CHECK(Position(events->size()) == store->head());
    for (const Position position : acknowledged) CHECK(position <= store->head());
  }
}

TEST_CASE("when the log cannot be opened again it serves reads only and says why") {
  LogFixture fixture;
  auto store = fixture.open();
  REQUIRE(append_and_wait(*store, keyed_request(1)));
  fixture.fail_reopen = true;
  fixture.fail_next_write(StorageFault::fail_before_write);
  CHECK(outcome_of(append_and_wait(*store, keyed_request(2))) == "outcome_unknown");
  CHECK(outcome_of(append_and_wait(*store, keyed_request(3))) == "unavailable");
  CHECK_FALSE(store->health().writable);
  CHECK(store->health().reason.find("injected at reopening") != std::string::npos);
  CHECK(read_positions(*store, {}) == "1");
  CHECK(read_positions(*store, query_of({}, {"t:1"})) == "1");
  store.reset();
  fixture.fail_reopen = false;
  CHECK(outcome_of(append_and_wait(*fixture.open(), keyed_request(3))) == "ok");
}

TEST_CASE("a log that could not be opened again takes appends once it can") {
  LogFixture fixture;
  auto options = fixture.options();
  options.reopen_interval = std::chrono::milliseconds(1);
  std::atomic<int> failures{3};
  std::promise<void> reopened;
  options.faults.fail_reopen = [&] {
    if (failures.fetch_sub(1) > 0) return true;
    reopened.set_value();
    return false;
  };
  const auto opened = open_rocksdb_event_store(options);
  REQUIRE(opened);
  const auto& store = *opened;
  REQUIRE(append_and_wait(*store, keyed_request(1)));
  fixture.fail_next_write(StorageFault::fail_before_write);
  CHECK(outcome_of(append_and_wait(*store, keyed_request(2))) == "outcome_unknown");
  reopened.get_future().wait();
  while (!store->health().writable) std::this_thread::yield();
  CHECK(outcome_of(append_and_wait(*store, keyed_request(2))) == "ok");
  CHECK(read_positions(*store, {}) == "1 2");
}

TEST_CASE("a full queue answers overloaded at once, and everything accepted is answered") {
  LogFixture fixture;
  EventStoreOptions options = fixture.options();
  options.queue_requests_max = 8;
  std::promise<void> let_go;
  std::shared_future<void> gate = let_go.get_future().share();
  options.faults.on_write = [gate] {
    gate.wait();
    return StorageFault::none;
  };
  auto opened = open_rocksdb_event_store(options);
  REQUIRE(opened);
  std::atomic<int> appended{0};
  std::atomic<int> overloaded{0};
  for (int i = 0; i < 100; ++i) {
    (*opened)->append(request_of({test_event("A", {"t:1"})}),
                      [&](const Result<AppendResult>& result) {
                        if (result) ++appended;
                        if (outcome_of(result) == "overloaded") ++overloaded;
                      });
  }
  CHECK(overloaded == 92);
  let_go.set_value();
  CHECK(outcome_of(append_and_wait(**opened, {})) == "invalid_argument");
  opened->reset();
  CHECK(appended == 8);
}

TEST_CASE("the queue is bounded by bytes too") {
  LogFixture fixture;
  EventStoreOptions options = fixture.options();
  options.queue_bytes_max = 1 << 20;
  std::promise<void> let_go;
  std::shared_future<void> gate = let_go.get_future().share();
  options.faults.on_write = [gate] {
    gate.wait();
    return StorageFault::none;
  };
  auto opened = open_rocksdb_event_store(options);
  REQUIRE(opened);
  std::atomic<int> overloaded{0};
  for (int i = 0; i < 20; ++i) {
    const std::string data(200'000, ' ');
    (*opened)->append(request_of({test_event("A", {"t:1"}, data)}),
                      [&](const Result<AppendResult>& result) {
                        if (outcome_of(result) == "overloaded") ++overloaded;
                      });
  }
  CHECK(overloaded == 14);
  let_go.set_value();
}

TEST_CASE("closing answers everything that was accepted") {
  LogFixture fixture;
  auto store = fixture.open();
  std::atomic<int> answered{0};
  for (int i = 0; i < 500; ++i) {
    store->append(request_of({test_event("A", {"t:1"})}),
                  [&](const Result<AppendResult>& result) { answered += result ? 1 : 0; });
  }
  store.reset();
  CHECK(answered == 500);
  CHECK(fixture.open()->head() == Position(500));
}

TEST_CASE("a subscription that outlives its store says that the log is closing") {
  LogFixture fixture;
  auto store = fixture.open();
  const auto subscription = store->subscribe({}, Position(0));
  REQUIRE(subscription);
  store.reset();
  CHECK(outcome_of((*subscription)->next(1, std::chrono::milliseconds(60'000))) == "unavailable");
}

TEST_CASE("a folder that is open already is refused") {
  LogFixture fixture;
  const auto store = fixture.open();
  const auto second = open_rocksdb_event_store(fixture.options());
  CHECK(outcome_of(second) == "locked");
  CHECK(second.error().message.find("another process has") != std::string::npos);
}

TEST_CASE("wrong options are refused") {
  LogFixture fixture;
  EventStoreOptions options = fixture.options();
  options.clock = nullptr;
  CHECK(outcome_of(open_rocksdb_event_store(options)) == "invalid_argument");
  options = fixture.options();
  options.directory = "";
  CHECK(outcome_of(open_rocksdb_event_store(options)) == "invalid_argument");
  options.directory = fixture.directory / "no/parent";
  CHECK(outcome_of(open_rocksdb_event_store(options)) == "io_error");
}

TEST_CASE("a log of a newer format is refused with a sentence that says so") {
  LogFixture fixture;
  fixture.open().reset();
  SUBCASE("by its version") {
    raw_log_put(fixture.folder(), "meta", "format_version", std::string("\0\0\0\2", 4));
  }
  SUBCASE("by a column family that this version does not know") {
    raw_log_add_family(fixture.folder(), "from_the_future");
  }
  const auto opened = open_rocksdb_event_store(fixture.options());
  CHECK(outcome_of(opened) == "unsupported_format");
  CHECK(opened.error().message.find("newer version") != std::string::npos);
}

TEST_CASE("a damaged identity or type dictionary is refused") {
  LogFixture fixture;
  {
    const auto store = fixture.open();
    REQUIRE(append_and_wait(*store, keyed_request(1)));
  }
  SUBCASE("no format version") { raw_log_delete(fixture.folder(), "meta", "format_version"); }
  SUBCASE("a short format version") {
    raw_log_put(fixture.folder(), "meta", "format_version", "x");
  }
  SUBCASE("no log id") { raw_log_delete(fixture.folder(), "meta", "log_id"); }
  SUBCASE("a gap in the types") {
    raw_log_put(fixture.folder(), "meta", std::string("type/\0\7", 7), "Seventh");
  }
  CHECK(outcome_of(open_rocksdb_event_store(fixture.options())) == "corrupt");
}

TEST_CASE("a damaged or missing event is named by position and never served") {
  LogFixture fixture;
  {
    const auto store = fixture.open();
    for (int i = 0; i < 3; ++i)
      REQUIRE(append_and_wait(*store, request_of({test_event("A", {"t:1"})})));
  }
  const std::string key = std::string(7, '\0') + '\2';
  SUBCASE("a changed byte") {
    std::string value = raw_log_get(fixture.folder(), "records", key);
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    raw_log_put(fixture.folder(), "records", key, value);
  }
  SUBCASE("a short value") { raw_log_put(fixture.folder(), "records", key, "short"); }
  SUBCASE("no value") { raw_log_delete(fixture.folder(), "records", key); }
  const auto store = fixture.open();
  for (const Query& query : {Query{}, query_of({}, {"t:1"}), query_of({"A"}, {})}) {
    const auto events = store->read(query, {});
    CHECK(outcome_of(events) == "corrupt");
    CHECK(events.error().position == 2);
  }
  ReadOptions behind;
  behind.from = Position(3);
  CHECK(read_positions(*store, {}, behind) == "3");
}

TEST_CASE("behind damage at the end of the log nothing is added, and reads go on") {
  LogFixture fixture;
  {
    const auto store = fixture.open();
    for (int i = 0; i < 3; ++i)
      REQUIRE(append_and_wait(*store, request_of({test_event("A", {"t:1"})})));
    CHECK(store->health().writable);
  }
  raw_log_delete(fixture.folder(), "records", std::string(7, '\0') + '\2');
  const auto store = fixture.open();
  CHECK(outcome_of(append_and_wait(*store, request_of({test_event("A", {"t:1"})}))) ==
        "unavailable");
  CHECK_FALSE(store->health().writable);
  CHECK(store->health().reason.find("position 2") != std::string::npos);
  ReadOptions first;
  first.to = Position(1);
  CHECK(read_positions(*store, {}, first) == "1");
}

TEST_CASE("a log from before there was a tree gets it when it is opened") {
  LogFixture fixture;
  const auto root_of = [](const EventStore& store) {
    return tree_root([&](std::uint8_t row, std::uint64_t first,
                         std::size_t count) { return store.tree_row(row, first, count); },
                     store.head().value());
  };
  std::optional<Digest> root;
  {
    const auto store = fixture.open();
    for (int i = 0; i < 3; ++i) {
      std::vector<NewEvent> events;
      for (int j = 0; j < 250; ++j) events.push_back(test_event("A", {"t:1"}));
      REQUIRE(append_and_wait(*store, request_of(std::move(events))));
    }
    root = root_of(*store).value();
  }
  for (const char row : {'\0', '\1'}) {
    for (const char index : {'\0', '\1'})
      raw_log_delete(fixture.folder(), "tiles",
                     std::string(1, row) + std::string(7, '\0') + std::string(1, index));
  }
  const auto store = fixture.open();
  CHECK(root_of(*store) == root);
  REQUIRE(append_and_wait(*store, request_of({test_event("A", {"t:1"})})));
  CHECK(store->tree_row(1, 0, 2));
}

TEST_CASE("damaged claims and outcomes are reported") {
  LogFixture fixture;
  fixture.open().reset();
  const Digest key{};
  const std::string digest(32, '\0');
  raw_log_put(fixture.folder(), "claims", std::string("s\0", 2) + digest, "x");
  raw_log_put(fixture.folder(), "idempotency", digest, "x");
  const auto store = fixture.open();
  CHECK(outcome_of(store->find_claim("s", key)) == "corrupt");
  CHECK(outcome_of(store->find_outcome(key)) == "corrupt");
  AppendRequest request = request_of({test_event("A", {"t:1"})});
  request.claims = {Claim{"s", key, Claim::Action::take, "t:1", ""}};
  CHECK(outcome_of(append_and_wait(*store, request)) == "corrupt");
  CHECK(outcome_of(append_and_wait(*store, keyed_request(0))) == "corrupt");
}

TEST_SUITE("slow") {
  TEST_CASE("the 65,536th event type is refused") {
    LogFixture fixture;
    const auto store = fixture.open();
    for (int first = 0; first < 65'535; first += 4095) {
      std::vector<NewEvent> events;
      for (int i = first; i < std::min(first + 4095, 65'535); ++i)
        events.push_back(test_event("Type" + std::to_string(i), {"t:1"}));
      REQUIRE(append_and_wait(*store, request_of(std::move(events))));
    }
    CHECK(outcome_of(append_and_wait(*store, request_of({test_event("New", {"t:1"})}))) ==
          "limit_exceeded");
    CHECK(outcome_of(append_and_wait(*store, request_of({test_event("Type7", {"t:1"})}))) == "ok");
  }
}
