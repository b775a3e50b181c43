// The verifier on a data folder: whatever is changed in it below the signed size is found and
// named.
#include "eventstore/log_verifier.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_source.hpp"
#include "eventstore/signed_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kEvents = 600;
const std::string kRootKey(64, '5');
const std::string kErasure = test_id(500).to_string();

// A data folder with keys beside it.
class SignedFolder {
 public:
  SignedFolder() {
    fs::create_directory(data());
    fs::create_directory(folder_ / "keys");
    fs::permissions(folder_ / "keys", fs::perms::owner_all);
    open();
  }

  std::string data() const { return folder_ / "data"; }
  std::string log() const { return data() + "/log"; }

  void open() {
    EventStoreOptions options;
    options.directory = log();
    options.clock = &clock_;
    store_ = open_rocksdb_event_store(options).value();
    SignedLogOptions signing;
    signing.signer = {folder_ / "keys", kRootKey, store_->log_id()};
    signing.checkpoint_file = data() + "/checkpoint";
    signing.vkey_file = data() + "/vkey";
    signing.interval = std::chrono::milliseconds(1);
    audit_ = make_signed_log(*store_, std::move(signing));
  }
  void close() {
    audit_.reset();
    store_.reset();
  }

  void append(std::uint64_t count) {
    std::vector<NewEvent> events;
    for (std::uint64_t i = 0; i < count; ++i) {
      NewEvent event = test_event(i % 3 == 0 ? "DealWon" : "CallLogged", {"deal:1"});
      if (i % 2 == 0) add_slot(event, "customer.personal", "ciphertext " + std::to_string(i));
      events.push_back(std::move(event));
    }
    clock_.advance(1000);
    REQUIRE(append_and_wait(*store_, request_of(std::move(events))));
  }

  void append_note(const char* type, const std::string& data) {
    REQUIRE(append_and_wait(*store_, request_of({test_event(type, {"erasure:1"}, data)})));
  }
  /// All ciphertexts are sealed under the same key.
  void start_erasure(const std::string& more = "") {
    append_note("ErasureStarted", R"({"erasure":")" + kErasure + R"(","keys":[")" +
                                      test_id(7).to_string() + "\"]" + more + "}");
  }
  void end_erasure() { append_note("SubjectKeyDestroyed", R"({"erasure":")" + kErasure + "\"}"); }

 private:
  TempDir folder_;
  ManualClock clock_;
  std::unique_ptr<EventStore> store_;
  std::unique_ptr<AuditLog> audit_;
};

Result<LogVerdict> verdict_on(const std::string& data, const VerifyOptions& options = {}) {
  auto source = open_folder_source(data);
  if (!source) return fail(source.error());
  return verify_log(**source, options);
}

// "good", or the position and what is wrong.
std::string said(const std::string& data, const VerifyOptions& options = {}) {
  const auto verdict = verdict_on(data, options);
  if (!verdict) return "unreadable: " + verdict.error().message;
  if (verdict->good()) return "good";
  return std::to_string(verdict->fault->position) + " " + verdict->fault->message;
}

std::string key_of(std::uint64_t position) { return position_key(Position(position)); }
std::string tile_key(char row, std::uint64_t index) { return row + key_of(index); }

struct Damage {
  const char* what;
  std::function<void(const std::string& log)> apply;
  const char* expected;  // how the verdict begins
};

void change(const std::string& log, const char* family, const std::string& key, std::size_t at) {
  std::string value = raw_log_get(log, family, key);
  value[at] = static_cast<char>(value[at] ^ 1);
  raw_log_put(log, family, key, value);
}

const std::vector<Damage>& damages() {
  static const std::vector<Damage> kAll{
      {"nothing", [](const std::string&) {}, "good"},
      {"a record is gone", [](auto& log) { raw_log_delete(log, "records", key_of(300)); },
       "300 the record is missing"},
      {"the first record is gone", [](auto& log) { raw_log_delete(log, "records", key_of(1)); },
       "1 the record is missing"},
      {"the last record is gone", [](auto& log) { raw_log_delete(log, "records", key_of(600)); },
       "600 the log has fewer events"},
      {"a byte of a record", [](auto& log) { change(log, "records", key_of(257), 90); }, "257 "},
      {"a hash of a record", [](auto& log) { change(log, "records", key_of(512), 20); },
       "512 the SHA-256 of the record"},
      {"a time goes back", [](auto& log) { change(log, "records", key_of(599), 0); },
       "600 the event was recorded before"},
      {"a record stands twice",
       [](auto& log) {
         raw_log_put(log, "records", key_of(6), raw_log_get(log, "records", key_of(5)));
       },
       "6 the hash in the tile"},
      {"a record that is too short",
       [](auto& log) { raw_log_put(log, "records", key_of(44), "short"); },
       "44 the stored event is too short"},
      {"a key between records",
       [](auto& log) { raw_log_put(log, "records", key_of(256) + "x", "value"); },
       "256 something that is no record"},
      {"a key before all records", [](auto& log) { raw_log_put(log, "records", "", "value"); },
       "1 the record is missing"},
      {"a byte of a ciphertext",
       [](auto& log) { change(log, "slots", slot_key(Position(303), 0), 3); },
       "303 the SHA-256 of a ciphertext"},
      {"a ciphertext that no record names",
       [](auto& log) { raw_log_put(log, "slots", slot_key(Position(302), 0), "x"); },
       "302 a ciphertext is stored"},
      {"a tile is gone", [](auto& log) { raw_log_delete(log, "tiles", tile_key(0, 1)); },
       "257 the Merkle tree"},
      {"a leaf hash", [](auto& log) { change(log, "tiles", tile_key(0, 1), 32 * 10); },
       "267 the hash in the tile"},
      {"a hash of row 1", [](auto& log) { change(log, "tiles", tile_key(1, 1), 0); },
       "257 tile/1/000.p/2: hash 1"},
      {"a tile too many",
       [](auto& log) { raw_log_put(log, "tiles", tile_key(1, 2), std::string(32, 'x')); },
       "0 something that is no tile"},
      {"a key of no tile", [](auto& log) { raw_log_put(log, "tiles", "x", "y"); },
       "0 something that is no tile"},
  };
  return kAll;
}

}  // namespace

TEST_CASE("every damage to a data folder is found and its first position named") {
  SignedFolder sound;
  sound.append(kEvents);
  sound.close();
  const TempDir folder;
  for (const Damage& damage : damages()) {
    CAPTURE(damage.what);
    fs::remove_all(folder / "data");
    fs::copy(sound.data(), folder / "data", fs::copy_options::recursive);
    damage.apply(folder / "data/log");
    const std::string verdict = said(folder / "data");
    CHECK_MESSAGE(verdict.starts_with(damage.expected), verdict);
    VerifyOptions threads;
    threads.threads = 3;
    CHECK(said(folder / "data", threads) == verdict);
  }
}

TEST_CASE("destroyed ciphertexts are counted and listed, and events behind the checkpoint told") {
  SignedFolder folder;
  folder.append(kEvents);
  folder.close();
  const std::string note = file_text(folder.data() + "/checkpoint");
  raw_log_delete(folder.log(), "slots", slot_key(Position(1), 0));
  raw_log_delete(folder.log(), "slots", slot_key(Position(599), 0));
  folder.open();
  folder.start_erasure();
  folder.end_erasure();
  folder.close();
  VerifyOptions options;
  options.list_destroyed = true;
  options.held = note;
  auto verdict = verdict_on(folder.data(), options);
  REQUIRE(verdict);
  CHECK(verdict->good());
  CHECK(verdict->held_found);
  CHECK(verdict->key_is_claim);
  CHECK(verdict->events == kEvents + 2);
  CHECK(verdict->unsigned_events == 0);
  CHECK(verdict->slots == 300);
  CHECK(verdict->present == 298);
  CHECK(verdict->destroyed == 2);
  CHECK(verdict->destroyed_positions == std::vector<std::uint64_t>{1, 599});
  // As if the program had been killed before it signed the last two: what they say counts.
  std::ofstream(folder.data() + "/checkpoint") << note;
  verdict = verdict_on(folder.data(), options);
  REQUIRE(verdict);
  CHECK(verdict->good());
  CHECK(verdict->checkpoint->size == kEvents);
  CHECK(verdict->unsigned_events == 2);
  raw_log_delete(folder.log(), "records", key_of(601));
  CHECK(said(folder.data()) == "601 the record is missing");
}

TEST_CASE("a ciphertext is missing rightly only if an erasure of the log covers it") {
  const std::string uncovered = "5 a ciphertext is absent and no erasure covers it";
  SignedFolder folder;
  folder.append(300);
  SUBCASE("nothing says so") {}
  SUBCASE("an erasure that destroyed nothing yet") { folder.start_erasure(); }
  SUBCASE("the other way round") {
    folder.end_erasure();
    folder.start_erasure();
  }
  SUBCASE("of another key") {
    folder.append_note("ErasureStarted", R"({"erasure":")" + kErasure + R"(","keys":[")" +
                                             test_id(8).to_string() + "\"]}");
    folder.end_erasure();
  }
  SUBCASE("without keys") {
    folder.append_note("ErasureStarted", R"({"erasure":")" + kErasure + "\"}");
    folder.end_erasure();
  }
  SUBCASE("of data that is not as it should be") {
    folder.append_note("ErasureStarted", R"({"erasure":7,"keys":"all"})");
    folder.append_note("SubjectKeyDestroyed", R"({"erasure":7})");
  }
  folder.close();
  CHECK(said(folder.data()) == "good");
  for (const std::uint64_t position : {5U, 11U, 257U})
    raw_log_delete(folder.log(), "slots", slot_key(Position(position), 0));
  CHECK(said(folder.data()) == uncovered);
  folder.open();
  folder.start_erasure(R"(,"later":true)");
  folder.end_erasure();
  folder.close();
  CHECK(said(folder.data()) == "good");
}

TEST_CASE("a flipped bit in any table is a fault or changes nothing that is read") {
  SignedFolder folder;
  folder.append(300);
  folder.close();
  std::size_t faults = 0;
  for (const auto& file : fs::directory_iterator(folder.log())) {
    if (file.path().extension() != ".sst") continue;
    const std::string path = file.path().string();
    const auto size = fs::file_size(path);
    for (std::uintmax_t at = 7; at < size; at += std::max<std::uintmax_t>(size / 12, 1)) {
      std::fstream bytes(path, std::ios::binary | std::ios::in | std::ios::out);
      const auto flip = [&] {
        char byte = 0;
        bytes.seekg(static_cast<std::streamoff>(at)).get(byte);
        byte = static_cast<char>(byte ^ 4);
        bytes.seekp(static_cast<std::streamoff>(at)).put(byte).flush();
      };
      flip();
      if (said(folder.data()) != "good") ++faults;
      flip();
    }
  }
  CHECK(faults > 10);
  CHECK(said(folder.data()) == "good");
}

TEST_CASE("a log of another key, of another folder or without a key is told") {
  SignedFolder one;
  one.append(3);
  one.close();
  SignedFolder other;
  other.append(3);
  other.close();
  VerifyOptions options;
  options.vkey = file_text(other.data() + "/vkey");
  options.vkey.pop_back();
  CHECK(said(one.data(), options) == "0 the note has no signature by the key");
  CHECK(said(other.data(), options) == "good");
  fs::copy_file(other.data() + "/checkpoint", one.data() + "/checkpoint",
                fs::copy_options::overwrite_existing);
  CHECK(said(one.data(), options).starts_with("0 the folder holds the log "));
  fs::remove(one.data() + "/vkey");
  CHECK(said(one.data()).starts_with("unreadable: there is no file vkey in "));
  options.vkey = "nonsense";
  CHECK(said(one.data(), options).starts_with("unreadable: a verifier key is name+id+key"));
  fs::remove(one.data() + "/checkpoint");
  CHECK(said(one.data()).starts_with("unreadable: there is no checkpoint in "));
  CHECK(said(one.data() + "/nowhere").starts_with("unreadable: there is no log in "));
}

TEST_CASE("a folder verifies while it is written to, and nothing in it changes") {
  SignedFolder folder;
  folder.append(kEvents);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 200 && !stop; ++i) folder.append(10);
  });
  std::uint64_t before = 0;
  for (int i = 0; i < 4; ++i) {
    VerifyOptions options;
    options.threads = 2;
    const auto verdict = verdict_on(folder.data(), options);
    CHECK_MESSAGE(verdict, said(folder.data()));
    if (!verdict) continue;
    CHECK_MESSAGE(verdict->good(), verdict->fault->message);
    CHECK(verdict->events >= before);
    before = verdict->events;
  }
  stop = true;
  writer.join();
  folder.close();
  const auto files = [&] {
    std::string list;
    for (const auto& file : fs::recursive_directory_iterator(folder.data()))
      list +=
          file.path().string() + std::to_string(file.last_write_time().time_since_epoch().count());
    return list;
  };
  const std::string as_it_was = files();
  CHECK(said(folder.data()) == "good");
  CHECK(files() == as_it_was);
}

TEST_CASE("a check stops when it is asked to, and tells how far it is") {
  SignedFolder folder;
  folder.append(kEvents);
  folder.close();
  std::atomic<bool> stop = false;
  std::vector<std::uint64_t> told;
  VerifyOptions options;
  options.threads = 2;
  options.stop = &stop;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == kEvents);
    told.push_back(done);
    stop = done >= 512;
  };
  CHECK(said(folder.data(), options) == "unreadable: interrupted");
  CHECK(told == std::vector<std::uint64_t>{256, 512});
}
