// The scanner for planted values, and the log and keystore under it: sealed values are nowhere.
#include "tests/support/needle_scan.hpp"

#include "eventstore/aes_sealer.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

using namespace factum;
using namespace factum::test;

namespace {

const std::vector<std::string> kNeedles{"ada.lovelace@example.org", "王小明的电话",
                                        "+49 171 5550199"};

// Appends events whose slots hold the needles, with a claim per needle.
void plant(EventStore& store, Sealer& sealer) {
  for (int round = 0; round < 50; ++round) {
    NewEvent event = test_event("CustomerCreated", {"customer:" + std::to_string(round)});
    const Uuid subject = sealer.new_subject().value();
    AppendRequest request;
    for (const std::string& needle : kNeedles) {
      SealContext context;
      context.event_id = event.record.event_id;
      context.type = event.record.type;
      const std::string slot = "slot" + std::to_string(event.record.slots.size());
      context.slot = slot;
      SealedSlot sealed = sealer.seal(context, subject, needle).value();
      event.record.slots.push_back(std::move(sealed.header));
      event.ciphertexts.push_back(std::move(sealed.ciphertext));
      if (round == 0)
        request.claims.push_back(Claim{"customer.email", sealer.digest("email", needle),
                                       Claim::Action::take, "customer:0", ""});
    }
    request.events.push_back(std::move(event));
    REQUIRE(append_and_wait(store, std::move(request)));
  }
}

EventStoreOptions options_of(const TempDir& directory, ManualClock& clock, bool flushed) {
  EventStoreOptions options;
  options.directory = directory / "log";
  options.clock = &clock;
  options.flush_on_close = flushed;
  return options;
}

bool has(const std::vector<NeedleHit>& hits, const std::string& needle, const std::string& place) {
  return std::any_of(hits.begin(), hits.end(), [&](const NeedleHit& hit) {
    return hit.needle == needle && hit.place.find(place) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a planted value is found in every spelling and in file names") {
  for (const std::string& needle : kNeedles) {
    for (const NeedleForm& form : forms_of(needle)) {
      const TempDir directory;
      std::ofstream(directory / "file") << "before" << form.bytes << "behind";
      const auto hits = scan_for_needles({directory.path().string()}, {needle});
      CAPTURE(form.form);
      CHECK(std::any_of(hits.begin(), hits.end(),
                        [&](const NeedleHit& hit) { return hit.form == form.form; }));
    }
  }
  const TempDir directory;
  std::ofstream(directory / "ada.lovelace@example.org.txt") << "x";
  CHECK(has(scan_for_needles({directory.path().string()}, kNeedles), kNeedles[0], ": name"));
}

TEST_CASE("base64 of a text that contains the value is recognised at every offset") {
  // "..ada.lovelace@example.org.." encoded by hand with 0, 1 and 2 bytes before the value.
  for (const char* encoded :
       {"YWRhLmxvdmVsYWNlQGV4YW1wbGUub3Jn",
        "LmFkYS5sb3ZlbGFjZUBleGFtcGxlLm9yZw==", "Li5hZGEubG92ZWxhY2VAZXhhbXBsZS5vcmc="}) {
    const TempDir directory;
    std::ofstream(directory / "file") << encoded;
    CHECK_FALSE(scan_for_needles({directory.path().string()}, {kNeedles[0]}).empty());
  }
}

TEST_CASE("a compressed table hides a value from a raw search but not from the scan") {
  TempDir directory;
  ManualClock clock;
  auto store = open_rocksdb_event_store(options_of(directory, clock, true)).value();
  for (int i = 0; i < 200; ++i) {
    REQUIRE(append_and_wait(*store, request_of({test_event("A", {"t:1"}, kNeedles[0])})));
  }
  store.reset();
  CHECK(
      has(scan_for_needles({directory.path().string()}, kNeedles), kNeedles[0], "records family"));
}

TEST_CASE("sealed values are nowhere on disk; without sealing the same scan finds them") {
  for (const bool flushed : {false, true}) {
    TempDir directory;
    ManualClock clock;
    auto store = open_rocksdb_event_store(options_of(directory, clock, flushed)).value();
    KeystoreOptions keys;
    keys.directory = directory / "log.keys";
    keys.seal_id = store->log_id();
    keys.clock = &clock;
    auto sealer = open_aes_sealer(keys).value();
    plant(*store, *sealer);
    sealer.reset();
    store.reset();
    const auto hits = scan_for_needles({directory.path().string()}, kNeedles);
    CHECK_MESSAGE(hits.empty(), show(hits));

    TempDir control;
    store = open_rocksdb_event_store(options_of(control, clock, flushed)).value();
    PlainSealer plain;
    plant(*store, plain);
    store.reset();
    const auto found = scan_for_needles({control.path().string()}, kNeedles);
    for (const std::string& needle : kNeedles) {
      CHECK(has(found, needle, "slots family"));
      CHECK(has(found, needle, flushed ? ".sst: raw" : ": WAL record"));
    }
  }
}
