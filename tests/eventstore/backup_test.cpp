// Backups of a log that is written meanwhile: what is in them, what they cost, what is refused.
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_backups.hpp"
#include "eventstore/rocksdb_log_restore.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  TempDir folder;
  ManualClock clock;
  std::unique_ptr<RocksdbLog> log;
  std::unique_ptr<LogBackups> backups;

  Fixture() { open(); }
  void open(const std::string& data = "data") {
    fs::create_directories(folder / data);
    EventStoreOptions options;
    options.directory = folder / (data + "/log");
    options.clock = &clock;
    log = open_rocksdb_event_store(options).value();
    backups = make_log_backups(*log, {folder / "backups", folder / data, &clock});
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      clock.advance(1000);
      REQUIRE(append_and_wait(*log, request_of({test_event("A", {"t:1"})})));
    }
  }
  LogBackup make() {
    const auto made = backups->make({});
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
    return *made;
  }
  Result<RestoredLog> restore(const std::string& to, std::uint32_t id = 0) {
    return restore_log({.from = folder / "backups", .id = id, .to = folder / to, .clock = &clock},
                       {});
  }
  std::unique_ptr<RocksdbLog> open_restored(const std::string& data) {
    EventStoreOptions options;
    options.directory = folder / (data + "/log");
    options.clock = &clock;
    return open_rocksdb_event_store(options).value();
  }
};

std::vector<Digest> hashes_of(const EventStore& store) {
  ReadOptions options;
  options.limit = SIZE_MAX;
  std::vector<Digest> hashes;
  const auto events = store.read({}, options).value();
  for (const RecordedEvent& event : events) hashes.push_back(event.event_hash);
  return hashes;
}

// Turns over one bit in the largest file below a folder.
void damage(const fs::path& folder) {
  fs::path largest;
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.file_size() <= bytes) continue;
    largest = entry.path();
    bytes = entry.file_size();
  }
  std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(bytes / 3));
  const auto byte = static_cast<char>(file.get() ^ 1);
  file.seekp(static_cast<std::streamoff>(bytes / 3));
  file.put(byte);
}

// Half a megabyte on disk: ciphertexts are not compressed.
NewEvent large_event(int number) {
  NewEvent event = test_event("A", {"t:1"});
  std::string random;
  while (random.size() < 500'000)
    random += view(sha256(random.substr(0, 64) + std::to_string(number)));
  add_slot(event, "customer.personal", random);
  return event;
}

// Whether the store waits for its database; nothing can be read then.
bool is_wanted_back(const RocksdbLog& log) { return outcome_of(log.read({}, {})) == "unavailable"; }

// Appends on several threads until told to stop, and writes down what was acknowledged.
class Writers {
 public:
  explicit Writers(EventStore& store) {
    for (int i = 0; i < 3; ++i) threads_.emplace_back([this, &store] { write(store); });
  }
  ~Writers() { stop(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::map<std::uint64_t, Uuid> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  void wait_for(std::size_t count) const {
    eventually("acknowledgements", [&] { return acknowledged().size() >= count; });
  }

 private:
  void write(EventStore& store) {
    while (!stopping_) {
      NewEvent event = test_event("A", {"t:1"}, "{\"text\":\"" + std::string(300, 'x') + "\"}");
      const Uuid id = event.record.event_id;
      const auto result = append_and_wait(store, request_of({std::move(event)}));
      const std::lock_guard lock(mutex_);
      acknowledged_.emplace(result.value().first.value(), id);
    }
  }

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Uuid> acknowledged_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("a backup made under load has everything acknowledged before it, and restores") {
  Fixture fixture;
  Writers writers(*fixture.log);
  writers.wait_for(500);
  const auto before = writers.acknowledged();
  const LogBackup backup = fixture.make();
  writers.stop();
  const auto acknowledged = writers.acknowledged();
  CHECK(backup.head.value() >= before.rbegin()->first);
  CHECK(backup.log_id == fixture.log->log_id());

  const auto restored = fixture.restore("back");
  REQUIRE_MESSAGE(restored.has_value(), (restored ? "" : restored.error().message));
  CHECK(restored->head == backup.head);
  const auto log = fixture.open_restored("back");
  CHECK(log->log_id() == fixture.log->log_id());
  ReadOptions all;
  all.limit = SIZE_MAX;
  const auto events = log->read({}, all).value();
  REQUIRE(events.size() == backup.head.value());
  std::size_t found = 0;
  for (const RecordedEvent& event : events) {
    const auto expected = acknowledged.find(event.position.value());
    if (expected == acknowledged.end()) continue;
    CHECK(expected->second == event.record.event_id);
    ++found;
  }
  CHECK(found >= before.size());
  MESSAGE(before.size() << " acknowledged before, " << backup.head.value() << " in the backup, "
                        << fixture.log->head().value() << " at the end");
  CHECK(append_and_wait(*log, request_of({test_event("A", {"t:1"})}))->first ==
        Position(backup.head.value() + 1));
}

TEST_CASE("a second backup copies only what is new") {
  Fixture fixture;
  for (int i = 0; i < 40; ++i) {
    std::vector<NewEvent> events;
    for (int j = 0; j < 100; ++j) {
      NewEvent event = test_event("A", {"t:1"});
      const std::string id(event.record.event_id.view());
      std::string random;
      for (int k = 0; k < 16; ++k) random += view(sha256(id + std::to_string(k)));
      add_slot(event, "customer.personal", random);
      events.push_back(std::move(event));
    }
    REQUIRE(append_and_wait(*fixture.log, request_of(std::move(events))));
  }
  const LogBackup first = fixture.make();
  fixture.append(10);
  const LogBackup second = fixture.make();
  MESSAGE("first " << first.new_bytes << " bytes, second " << second.new_bytes << " of "
                   << second.bytes);
  CHECK(first.new_bytes > 2'000'000);
  CHECK(second.bytes > first.bytes);
  CHECK(second.new_bytes < 100'000);
  CHECK(second.id == first.id + 1);
  CHECK(second.head == Position(first.head.value() + 10));

  CHECK(fixture.backups->keep(1).value() == 1);
  const auto left = fixture.backups->list().value();
  REQUIRE(left.size() == 1);
  CHECK(left.front().id == second.id);
  const auto restored = fixture.restore("back");
  REQUIRE(restored);
  CHECK(hashes_of(*fixture.open_restored("back")) == hashes_of(*fixture.log));
  CHECK(outcome_of(fixture.restore("other", static_cast<std::uint32_t>(first.id))) == "not_found");
  CHECK(outcome_of(fixture.backups->keep(0)) == "invalid_argument");
}

TEST_CASE("a damaged backup is noticed, by a restore and by the next backup") {
  Fixture fixture;
  fixture.append(200);
  fixture.make();
  damage(fs::path(fixture.folder / "backups") / "log/shared_checksum");
  const auto restored = fixture.restore("back");
  CHECK(outcome_of(restored) == "corrupt");
  CHECK(restored.error().message.find("backup 1") != std::string::npos);
  CHECK_FALSE(fs::exists(fixture.folder / "back/log"));
  fixture.append(1);
  CHECK(outcome_of(fixture.backups->make({})) == "corrupt");
  CHECK(fixture.backups->list()->size() == 1);
}

TEST_CASE("a changed manifest is noticed") {
  Fixture fixture;
  fixture.append(5);
  fixture.make();
  fixture.append(5);
  fixture.make();
  const fs::path manifests = fs::path(fixture.folder / "backups") / "manifests";
  BackupFolder folder(fixture.folder / "backups");
  LogBackup wrong = folder.find(1).value();
  wrong.root = folder.find(2)->root;
  REQUIRE(folder.write_manifest(wrong));
  CHECK(outcome_of(fixture.restore("back", 1)) == "corrupt");
  CHECK_FALSE(fs::exists(fixture.folder / "back/log"));
  std::ofstream(manifests / "000002.json") << "{\"format\":";
  CHECK(outcome_of(fixture.restore("back")) == "corrupt");
}

TEST_CASE("a restore goes into an empty folder only, and never half") {
  Fixture fixture;
  fixture.append(5);
  fixture.make();
  fs::create_directories(fixture.folder / "full");
  std::ofstream(fixture.folder / "full/letter.txt") << "hello";
  CHECK(outcome_of(fixture.restore("full")) == "already_exists");
  CHECK(outcome_of(fixture.restore("data")) == "already_exists");

  WorkWatch impatient;
  impatient.cancelled = [] { return true; };
  CHECK(outcome_of(restore_log({.from = fixture.folder / "backups",
                                .id = 0,
                                .to = fixture.folder / "back",
                                .clock = &fixture.clock},
                               impatient)) == "unavailable");
  CHECK_FALSE(fs::exists(fixture.folder / "back/log"));
  REQUIRE(fixture.restore("back"));
  CHECK(outcome_of(fixture.restore("back")) == "already_exists");
  CHECK(fixture.open_restored("back")->head() == Position(5));
}

TEST_CASE("an interrupted backup is no backup, and the next one cleans up") {
  Fixture fixture;
  fixture.append(50);
  int asked = 0;
  WorkWatch impatient;
  impatient.cancelled = [&] { return ++asked > 0; };
  for (int i = 0; i < 8; ++i) REQUIRE(append_and_wait(*fixture.log, request_of({large_event(i)})));
  CHECK(outcome_of(fixture.backups->make(impatient)) == "unavailable");
  CHECK(fixture.backups->list()->empty());
  CHECK(outcome_of(fixture.restore("back")) == "not_found");
  const LogBackup made = fixture.make();
  CHECK(made.head == Position(58));
  const BackupFolder folder(fixture.folder / "backups");
  CHECK(folder.bytes() < made.bytes + 100'000);
}

namespace {

// Files that hold the copied rows, as many as there are backups with rows of their own.
std::size_t copies_in(const Fixture& fixture) {
  std::size_t copies = 0;
  for (const auto& entry : fs::directory_iterator(fixture.folder / "backups/log/private"))
    if (entry.is_directory()) ++copies;
  return copies;
}

// A backup that ends after its copy: only the verification is cancelled.
void interrupt_verification(Fixture& fixture) {
  bool verifying = false;
  WorkWatch watch;
  watch.on_progress = [&](std::string_view what, std::uint64_t, std::uint64_t) {
    verifying = verifying || what == "verify";
  };
  watch.cancelled = [&] { return verifying; };
  CHECK(outcome_of(fixture.backups->make(watch)) == "unavailable");
}

}  // namespace

TEST_CASE("a verification ends when it is told to, and what it read is no backup") {
  Fixture fixture;
  fixture.append(3);
  interrupt_verification(fixture);
  CHECK(copies_in(fixture) == 0);
  CHECK(fixture.backups->list()->empty());
  CHECK(fixture.make().head == Position(3));
}

TEST_CASE("copies whose manifests are lost are kept, and the next backup says so") {
  Fixture fixture;
  const fs::path manifests = fs::path(fixture.folder / "backups") / "manifests";
  for (int i = 0; i < 3; ++i) {
    fixture.append(1);
    fixture.make();
  }
  fs::rename(manifests / "000002.json", fixture.folder / "second");
  fixture.append(1);
  CHECK(fixture.make().id == 4);
  CHECK(copies_in(fixture) == 4);
  fs::rename(fixture.folder / "second", manifests / "000002.json");
  CHECK(fixture.restore("second", 2)->head == Position(2));

  fs::rename(manifests, fixture.folder / "kept");
  const auto refused = fixture.backups->make({});
  CHECK(outcome_of(refused) == "corrupt");
  CHECK(refused.error().message.find("no manifest") != std::string::npos);
  CHECK(copies_in(fixture) == 4);
  fs::remove_all(manifests);
  fs::rename(fixture.folder / "kept", manifests);
  CHECK(fixture.make().id == 5);
  CHECK(fixture.backups->list(2)->front().id == 4);
}

TEST_CASE("manifests that cannot be read are not taken for none") {
  Fixture fixture;
  fixture.append(1);
  fixture.make();
  const std::string manifests = fixture.folder / "backups/manifests";
  fs::rename(manifests, fixture.folder / "kept");
  std::ofstream(manifests) << "not a folder";
  CHECK(outcome_of(fixture.backups->list()) == "io_error");
  CHECK(outcome_of(fixture.backups->make({})) == "io_error");
  CHECK(outcome_of(fixture.backups->keep(1)) == "io_error");
  CHECK(copies_in(fixture) == 1);
}

TEST_CASE("what interruptions left goes after the next backup, also the first ones") {
  Fixture fixture;
  const BackupFolder folder(fixture.folder / "backups");
  fixture.append(2);
  fixture.make();
  fixture.append(1);
  fixture.make();
  // As a kill leaves it: copied, but without a manifest, and begun when there was none.
  fs::remove(fixture.folder / "backups/manifests/000001.json");
  fs::remove(fixture.folder / "backups/manifests/000002.json");
  REQUIRE(folder.begin(0));
  fixture.append(1);
  const LogBackup made = fixture.make();
  CHECK(made.id == 3);
  CHECK(copies_in(fixture) == 1);
  CHECK_FALSE(folder.begun()->has_value());
  // A backup that was being dropped goes too; it is never listed.
  REQUIRE(folder.withdraw(made.id));
  CHECK(fixture.backups->list()->empty());
  CHECK(fixture.make().id == 4);
  CHECK(copies_in(fixture) == 1);
  CHECK(folder.withdrawn()->empty());
}

TEST_CASE("a folder of backups knows its log before the first backup is finished") {
  Fixture fixture;
  fixture.append(3);
  interrupt_verification(fixture);
  CHECK(BackupFolder(fixture.folder / "backups").log_id().value() == fixture.log->log_id());
  const auto first = std::move(fixture.log);
  fixture.open("other");
  CHECK(outcome_of(fixture.backups->make({})) == "invalid_argument");
}

TEST_CASE("a write that fails while a backup is made ends the backup, not the log") {
  const TempDir folder;
  ManualClock clock;
  std::atomic<bool> fail_next{false};
  fs::create_directories(folder / "data");
  EventStoreOptions options;
  options.directory = folder / "data/log";
  options.clock = &clock;
  options.faults.on_write = [&] {
    return fail_next.exchange(false) ? StorageFault::fail_before_write : StorageFault::none;
  };
  const auto log = open_rocksdb_event_store(options).value();
  for (int i = 0; i < 8; ++i) REQUIRE(append_and_wait(*log, request_of({large_event(i)})));
  const auto backups = make_log_backups(*log, {folder / "backups", folder / "data", &clock});
  std::thread writer;
  WorkWatch watch;
  watch.on_progress = [&](std::string_view, std::uint64_t, std::uint64_t) {
    if (writer.joinable()) return;
    fail_next = true;
    writer = std::thread([&] {
      CHECK(outcome_of(append_and_wait(*log, request_of({test_event("A", {"t:1"})}))) ==
            "outcome_unknown");
    });
    // The store wants the database back before the copy goes on.
    eventually("the store to want its database", [&] { return is_wanted_back(*log); });
  };
  CHECK(outcome_of(backups->make(watch)) == "unavailable");
  writer.join();
  CHECK(append_and_wait(*log, request_of({test_event("A", {"t:1"})}))->first == Position(9));
  CHECK(backups->make({})->head == Position(9));
}

TEST_CASE("one folder holds the backups of one log, and one backup is made at a time") {
  Fixture fixture;
  fixture.append(3);
  fixture.make();
  const auto first = std::move(fixture.log);
  fixture.open("other");
  fixture.append(1);
  const auto foreign = fixture.backups->make({});
  CHECK(outcome_of(foreign) == "invalid_argument");
  CHECK(foreign.error().message.find("another log") != std::string::npos);

  const auto again = make_log_backups(
      *first, {fixture.folder / "backups", fixture.folder / "data", &fixture.clock});
  WorkWatch watch;
  std::string inner;
  watch.on_progress = [&](std::string_view, std::uint64_t, std::uint64_t) {
    if (inner.empty()) inner = outcome_of(again->make({}));
  };
  REQUIRE(again->make(watch));
  CHECK(inner == "locked");
}

TEST_CASE("the definition of own event types comes back with the log") {
  Fixture fixture;
  fixture.append(1);
  std::ofstream(fixture.folder / "data/event_types.json") << "{\"types\":[]}\n";
  fixture.make();
  REQUIRE(fixture.restore("back"));
  CHECK(file_text(fixture.folder / "back/event_types.json") == "{\"types\":[]}\n");
}

TEST_CASE("backups that contradict each other about a shared file are refused, and nothing dies") {
  Fixture fixture;
  fixture.append(20);
  fixture.make();
  fixture.make();
  const std::string meta = fixture.folder / "backups/log/meta/1";
  std::string text = file_text(meta);
  const std::size_t at = text.find(".sst crc32 ") + 11;
  text[at] = text[at] == '1' ? '2' : '1';
  std::ofstream(meta) << text;
  const auto made = fixture.backups->make({});
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == ErrorCode::corrupt);
  CHECK(made.error().message.find("another checksum") != std::string::npos);
  CHECK(fixture.restore("restored").error().code == ErrorCode::corrupt);
}
