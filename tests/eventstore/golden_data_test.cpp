// A small data folder of format 1, log and keystore, that every later version must open.
#include "eventstore/aes_sealer.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(FACTUM_SOURCE_DIR) / "tests" / "golden" / "data-v1";
const std::string kRootKey(64, '7');

std::unique_ptr<EventStore> open_log(const fs::path& folder, ManualClock& clock, bool flush) {
  EventStoreOptions options;
  options.directory = (folder / "log").string();
  options.clock = &clock;
  options.flush_on_close = flush;
  return open_rocksdb_event_store(options).value();
}

std::unique_ptr<Sealer> open_keys(const fs::path& folder, ManualClock& clock, const Uuid& log_id) {
  KeystoreOptions options;
  options.directory = (folder / "keys").string();
  options.data_directory = (folder / "log").string();
  options.seal_id = log_id;
  options.root_key_hex = kRootKey;
  options.clock = &clock;
  options.subjects_ahead = 2;
  return open_aes_sealer(options).value();
}

SealContext context_of(const EventRecord& record) {
  SealContext context;
  context.event_id = record.event_id;
  context.type = record.type;
  context.schema = record.schema;
  context.slot = "customer.personal";
  return context;
}

void append_golden_events(EventStore& store, Sealer& sealer, ManualClock& clock, int from, int to) {
  for (int i = from; i <= to; ++i) {
    clock.advance(1'000'000);
    NewEvent event = test_event(i % 3 == 0 ? "DealWon" : "CustomerCreated",
                                {"customer:" + std::to_string(i % 4)});
    event.record.event_id = test_id(static_cast<std::uint64_t>(i));
    event.record.occurred_at = Timestamp(i);
    SealedSlot sealed = sealer
                            .seal(context_of(event.record), sealer.new_subject().value(),
                                  "person number " + std::to_string(i))
                            .value();
    event.record.slots.push_back(std::move(sealed.header));
    event.ciphertexts.push_back(std::move(sealed.ciphertext));
    AppendRequest request = request_of({std::move(event)});
    Claim claim{"customer.email", {}, Claim::Action::take, "customer:" + std::to_string(i), "kept"};
    claim.key.fill(static_cast<std::uint8_t>(i));
    request.claims = {claim};
    request.idempotency = Idempotency{claim.key, claim.key, "outcome " + std::to_string(i)};
    REQUIRE(append_and_wait(store, std::move(request)));
  }
}

// Six events in table files and six more in the write-ahead log.
void write_golden() {
  fs::create_directories(kGolden);
  ManualClock clock;
  auto store = open_log(kGolden, clock, true);
  const Uuid log_id = store->log_id();
  auto sealer = open_keys(kGolden, clock, log_id);
  append_golden_events(*store, *sealer, clock, 1, 6);
  store.reset();
  store = open_log(kGolden, clock, false);
  append_golden_events(*store, *sealer, clock, 7, 12);
  store.reset();
  for (const char* name : {"LOG", "LOCK", "factum.lock"}) fs::remove(kGolden / "log" / name);
  for (const auto& entry : fs::directory_iterator(kGolden / "log")) {
    if (entry.path().filename().string().starts_with("LOG.old")) fs::remove(entry.path());
  }
  fs::remove(kGolden / "keys" / "factum.lock");
}

// Git keeps no modes, and a test must not change the golden folder.
void copy_golden(const fs::path& to) {
  fs::copy(kGolden, to, fs::copy_options::recursive);
  fs::permissions(to / "keys", fs::perms::owner_all);
  for (const auto& entry : fs::directory_iterator(to / "keys"))
    fs::permissions(entry.path(), fs::perms::owner_read | fs::perms::owner_write);
}

std::string show(const std::vector<RecordedEvent>& events, Sealer& sealer) {
  std::string text;
  for (const RecordedEvent& event : events) {
    const auto plain = sealer.open(context_of(event.record), event.record.slots.at(0),
                                   event.ciphertexts.at(0).value());
    text += std::to_string(event.position.value()) + " " + to_string(event.recorded_at) + " " +
            event.record.type + " " + plain.value() + " " + to_hex(view(event.event_hash));
  }
  return text;
}

}  // namespace

TEST_CASE("the data folder of format 1 opens, reads, unseals and takes appends, for ever") {
  if (!fs::exists(kGolden) && std::getenv("FACTUM_WRITE_GOLDEN") != nullptr) write_golden();
  TempDir directory;
  const fs::path folder = directory.path() / "data";
  copy_golden(folder);
  ManualClock clock;
  auto store = open_log(folder, clock, true);
  auto sealer = open_keys(folder, clock, store->log_id());
  CHECK(store->head() == Position(12));
  check_golden("data-v1.txt", show(store->read({}, {}).value(), *sealer));
  CHECK(read_positions(*store, query_of({"DealWon"}, {"customer:2"})) == "6");
  Digest key{};
  key.fill(9);
  CHECK(store->find_claim("customer.email", key).value()->holder == "customer:9");
  CHECK(store->find_outcome(key).value()->outcome == "outcome 9");
  clock.set(Timestamp(2'000'000'000 * kMicrosPerSecond));
  append_golden_events(*store, *sealer, clock, 13, 13);
  CHECK(store->head() == Position(13));
}
