#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/needle_scan.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <string>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kCiphertext = "ciphertext-that-must-go";
const std::string kStaying = "ciphertext-that-stays-here";
// The digest of a claim, in letters so that it can be searched for as text.
const std::string kDigest = "digest-of-a-claim-of-the-erased-";
const std::string kFormer = "digest-of-a-claim-that-was-moved";

Digest digest_of_text(const std::string& text) {
  Digest digest{};
  REQUIRE(text.size() == digest.size());
  std::copy(text.begin(), text.end(), digest.begin());
  return digest;
}

struct ErasedLog {
  TempDir directory;
  ManualClock clock;
  std::unique_ptr<RocksdbLog> log;

  ErasedLog() { open(); }
  void open() {
    log.reset();
    EventStoreOptions options;
    options.directory = directory / "log";
    options.clock = &clock;
    auto opened = open_rocksdb_event_store(options);
    REQUIRE(opened);
    log = std::move(*opened);
  }

  void append(const std::string& tag, const Uuid& key, const std::string& ciphertext,
              std::vector<Claim> claims = {}) {
    NewEvent event = test_event("NoteTaken", {tag});
    add_slot(event, "customer.personal", ciphertext);
    event.record.slots.back().key_id = key;
    AppendRequest request = request_of({std::move(event)});
    request.claims = std::move(claims);
    REQUIRE(append_and_wait(*log, std::move(request)));
  }
  void fence() {
    AppendRequest request = request_of({test_event("ErasureStarted", {"customer:1"})});
    request.fenced_keys = {test_id(1)};
    REQUIRE(append_and_wait(*log, std::move(request)));
  }
  static Claim claim(Claim::Action action, const std::string& digest, const char* holder) {
    return {"customer.email", digest_of_text(digest), action, holder, ""};
  }
  Result<ErasedRows> erase(const WorkWatch& watch = {}) {
    return log->erase({{"customer:1"}, {test_id(1)}}, watch);
  }
  /// What of the erased is anywhere in the folder, once each.
  std::string found() {
    std::string names;
    for (const NeedleHit& hit :
         scan_for_needles({directory / "log"}, {kCiphertext, kDigest, kFormer})) {
      if (names.find(hit.needle) == std::string::npos) names += hit.needle + " ";
    }
    return names;
  }

  void fill() {
    append("customer:2", test_id(2), kStaying);
    append("customer:1", test_id(1), kCiphertext,
           {claim(Claim::Action::take, kDigest, "customer:1"),
            claim(Claim::Action::take, kFormer, "customer:1")});
    append("customer:2", test_id(2), kStaying);
  }
};

}  // namespace

TEST_CASE_FIXTURE(ErasedLog, "what is erased is in no file, wherever RocksDB had put it") {
  fill();
  SUBCASE("in the write-ahead log") {}
  SUBCASE("in tables") { open(); }
  SUBCASE("in tables and deleted or overwritten since") {
    open();
    append("customer:2", test_id(2), kStaying,
           {claim(Claim::Action::release, kFormer, "customer:1")});
    open();
  }
  fence();
  REQUIRE(found().find(kCiphertext) != std::string::npos);
  REQUIRE(found().find(kDigest) != std::string::npos);
  const auto rows = erase();
  REQUIRE(rows);
  CHECK(rows->ciphertexts == std::map<Uuid, std::uint64_t>{{test_id(1), 1}});
  CHECK(rows->claims == 2);
  CHECK(found() == "");
  open();
  CHECK(found() == "");
  const auto events = log->read(query_of({}, {"customer:2"}), {});
  REQUIRE(events);
  for (const RecordedEvent& event : *events) CHECK(event.ciphertexts[0] == kStaying);
}

TEST_CASE_FIXTURE(ErasedLog, "a fence outlives the program") {
  fence();
  open();
  NewEvent event = test_event("NoteTaken", {"customer:1"});
  add_slot(event, "customer.personal", kCiphertext);
  event.record.slots.back().key_id = test_id(1);
  CHECK(outcome_of(append_and_wait(*log, request_of({std::move(event)}))) == "erased");
}

TEST_CASE_FIXTURE(ErasedLog, "an erasure waits for readers of old files, and goes on later") {
  fill();
  open();
  fence();
  std::promise<void> reads;
  std::promise<void> ends;
  std::thread reader([&] {
    REQUIRE(log->visit({}, {}, [&](RecordedEvent&) {
      reads.set_value();
      ends.get_future().wait();
      return false;
    }));
  });
  reads.get_future().wait();
  int looked = 0;
  WorkWatch impatient;
  impatient.cancelled = [&] { return ++looked > 20; };
  CHECK(outcome_of(erase(impatient)) == "unavailable");
  ends.set_value();
  reader.join();
  const auto rows = erase();
  REQUIRE(rows);
  CHECK(found() == "");
}
