// A log restored to an earlier point: the same bytes up to there, claims and outcomes as they were,
// and an identity of its own.
#include "eventstore/claim_format.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_backups.hpp"
#include "eventstore/rocksdb_log_restore.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

constexpr int kValues = 12;

Digest value_of(int number) {
  Digest digest{};
  digest.fill(static_cast<std::uint8_t>(number));
  return digest;
}

// Holder, payload and position of every claim, and the outcome under every idempotency key.
std::string picture_of(const EventStore& store) {
  std::string text;
  for (int i = 0; i < kValues; ++i) {
    const auto claim = store.find_claim("customer.email", value_of(i)).value();
    const auto outcome = store.find_outcome(value_of(i)).value();
    text += std::to_string(i) + ":";
    if (claim)
      text += claim->holder + "/" + claim->payload + "@" + std::to_string(claim->position.value());
    if (outcome) text += " " + std::to_string(outcome->last.value()) + outcome->outcome;
    text += "\n";
  }
  return text;
}

struct Fixture {
  TempDir folder;
  ManualClock clock;
  std::unique_ptr<RocksdbLog> log;
  std::map<std::uint64_t, std::string> pictures;  // by the last position of an append
  std::map<std::uint64_t, Timestamp> times;

  Fixture() {
    fs::create_directories(folder / "data");
    log = open("data");
  }
  std::unique_ptr<RocksdbLog> open(const std::string& data) {
    EventStoreOptions options;
    options.directory = folder / (data + "/log");
    options.clock = &clock;
    return open_rocksdb_event_store(options).value();
  }
  // Random appends whose claims are taken, moved, given up and told anew.
  void append_random(std::mt19937_64& random, int count) {
    for (int i = 0; i < count; ++i) {
      clock.advance(1000);
      std::vector<NewEvent> events;
      for (std::uint64_t j = random() % 3 + 1; j > 0; --j) {
        events.push_back(test_event("Type" + std::to_string(random() % (2 + pictures.size() / 20)),
                                    {"t:" + std::to_string(random() % 5)}));
        add_slot(events.back(), "t.personal", std::to_string(random()));
      }
      AppendRequest request = request_of(std::move(events));
      for (std::uint64_t j = random() % 3; j > 0; --j) {
        request.claims.push_back({"customer.email", value_of(static_cast<int>(random() % kValues)),
                                  static_cast<Claim::Action>(random() % 3),
                                  "t:" + std::to_string(random() % 3),
                                  std::to_string(random() % 100)});
      }
      if (random() % 4 == 0)
        request.idempotency =
            Idempotency{value_of(static_cast<int>(random() % kValues)), {}, std::to_string(i)};
      const auto result = append_and_wait(*log, std::move(request));
      if (!result || result->replayed) continue;
      pictures[result->last.value()] = picture_of(*log);
      times[result->last.value()] = clock.now();
    }
  }
  void back_up() {
    const auto backups = make_log_backups(*log, {folder / "backups", folder / "data", &clock});
    REQUIRE(backups->make({}));
  }
  Result<RestoredLog> restore(const std::string& to, std::optional<Position> position,
                              std::optional<Timestamp> as_of = {}) {
    return restore_log({.from = folder / "backups",
                        .id = 0,
                        .to = folder / to,
                        .clock = &clock,
                        .to_position = position,
                        .as_of = as_of},
                       {});
  }
};

using Rows = std::map<std::string, std::map<std::string, std::string>>;

Rows rows_of(const std::string& folder) {
  Rows rows;
  raw_log_for_each(folder,
                   [&](const std::string& family, std::string_view key, std::string_view value) {
                     rows[family].emplace(std::string(key), std::string(value));
                   });
  return rows;
}

}  // namespace

TEST_CASE("an earlier point is cut from what the manifest speaks of, or not at all") {
  Fixture fixture;
  std::mt19937_64 random(7);
  fixture.append_random(random, 20);
  fixture.back_up();
  const BackupFolder folder(fixture.folder / "backups");
  LogBackup manifest = folder.find(1).value();
  const LogBackup right = manifest;
  const Position first(fixture.pictures.begin()->first);
  manifest.root = std::string("AAAA") + right.root.substr(4);
  REQUIRE(folder.write_manifest(manifest));
  CHECK(outcome_of(fixture.restore("wrong", first)) == "corrupt");
  CHECK_FALSE(fs::exists(fixture.folder / "wrong/log"));
  manifest = right;
  manifest.checkpoint = "factum.example/other\n3\n" + right.root.substr(0, 43) +
                        "=\n\n\xE2\x80\x94 factum.example/other AAAAAAAA\n";
  REQUIRE(folder.write_manifest(manifest));
  CHECK_FALSE(fixture.restore("wrong", first).has_value());
  CHECK_FALSE(fs::exists(fixture.folder / "wrong/log"));
  REQUIRE(folder.write_manifest(right));
  CHECK(fixture.restore("back", first)->head == first);
}

TEST_CASE("what a killed restore left is no hindrance for another, and goes") {
  Fixture fixture;
  std::mt19937_64 random(7);
  fixture.append_random(random, 20);
  fixture.back_up();
  const fs::path back = fixture.folder / "back";
  fs::create_directories(back / "log.restoring");
  for (const char* name :
       {"checkpoint", "checkpoint.new", "event_types.json", "event_types.json.new"})
    std::ofstream(back / name) << "of another restore";
  REQUIRE(fixture.restore("back", Position(fixture.pictures.begin()->first)));
  for (const auto& entry : fs::directory_iterator(back)) CHECK(entry.path().filename() == "log");
  fs::create_directory(fixture.folder / "other");
  std::ofstream(fixture.folder / "other/checkpoint.new") << "of somebody";
  CHECK(outcome_of(fixture.restore("other", {})) == "already_exists");
}

TEST_CASE("a log restored to any point is the log as it was then") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Fixture fixture;
  fixture.append_random(random, 400);
  fixture.back_up();
  fixture.append_random(random, 20);
  const std::uint64_t backed_up = fixture.pictures.size() - 20;
  for (int round = 0; round < 6; ++round) {
    auto chosen = fixture.pictures.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(random() % (backed_up / 2)));
    const std::uint64_t last = chosen->first;
    const auto& picture = chosen->second;
    CAPTURE(last);
    const std::string name = "back" + std::to_string(round);
    const bool by_time = round % 2 == 0;
    const auto restored =
        by_time ? fixture.restore(name, {}, Timestamp(fixture.times[last].value() + 999))
                : fixture.restore(name, Position(last));
    REQUIRE_MESSAGE(restored.has_value(), (restored ? "" : restored.error().message));
    CHECK(restored->head == Position(last));
    const auto log = fixture.open(name);
    CHECK(log->head() == Position(last));
    CHECK(picture_of(*log) == picture);
    CHECK(log->log_id() != fixture.log->log_id());
    CHECK(log->log_id() == restored->identity.log_id);
    CHECK(log->seal_id() == fixture.log->log_id());
    for (int tag = 0; tag < 5; ++tag) {
      const Query query = query_of({}, {"t:" + std::to_string(tag)});
      ReadOptions range;
      range.to = Position(last);
      CHECK(read_positions(*log, query, range) == read_positions(*fixture.log, query, range));
    }
  }
}

TEST_CASE("records, times and ciphertexts are restored byte by byte, and nothing behind them") {
  std::mt19937_64 random(7);
  Fixture fixture;
  fixture.append_random(random, 300);
  fixture.back_up();
  auto chosen = fixture.pictures.begin();
  std::advance(chosen, 150);
  const std::uint64_t last = chosen->first;
  REQUIRE(fixture.restore("back", Position(last)));
  fixture.log.reset();
  const Rows all = rows_of(fixture.folder / "data/log");
  const Rows part = rows_of(fixture.folder / "back/log");
  CHECK(part.at("records").size() == last);
  for (const std::string family : {"records", "slots", "tags"}) {
    CAPTURE(family);
    CHECK(part.at(family).size() < all.at(family).size());
    for (const auto& [key, value] : part.at(family)) CHECK(all.at(family).at(key) == value);
  }
}

TEST_CASE("what was recorded together is not cut apart") {
  Fixture fixture;
  for (int i = 0; i < 3; ++i) {
    fixture.clock.advance(1000);
    REQUIRE(append_and_wait(*fixture.log,
                            request_of({test_event("A", {"t:1"}), test_event("A", {"t:1"})})));
  }
  fixture.back_up();
  const auto cut = fixture.restore("back", Position(3));
  CHECK(outcome_of(cut) == "invalid_argument");
  CHECK(cut.error().message.find("name 2 or 4") != std::string::npos);
  CHECK(outcome_of(fixture.restore("back", Position(7))) == "not_found");
  CHECK(outcome_of(fixture.restore("back", Position(0))) == "not_found");
  CHECK(outcome_of(fixture.restore("back", {}, Timestamp(1))) == "not_found");
  CHECK(outcome_of(fixture.restore("back", {}, Timestamp(fixture.clock.now().value() + 1))) ==
        "not_found");
  CHECK_FALSE(fs::exists(fixture.folder / "back/log"));
  CHECK(fixture.restore("back", Position(4))->head == Position(4));
}

TEST_CASE("a log from before there was a history of claims is restored from there on only") {
  Fixture fixture;
  std::mt19937_64 random(3);
  fixture.append_random(random, 20);
  const std::uint64_t head = fixture.log->head().value();
  fixture.log.reset();
  raw_log_delete(fixture.folder / "data/log", "meta", "claim_history_from");
  fixture.log = fixture.open("data");
  fixture.append_random(random, 20);
  fixture.back_up();
  const auto too_early = fixture.restore("back", Position(fixture.pictures.begin()->first));
  CHECK(outcome_of(too_early) == "not_found");
  CHECK(too_early.error().message.find(std::to_string(head)) != std::string::npos);
  CHECK(fixture.restore("back", Position(head))->head == Position(head));
  CHECK(picture_of(*fixture.open("back")) == fixture.pictures.at(head));
}

TEST_CASE("a restored log goes on, is backed up and restored again") {
  Fixture fixture;
  std::mt19937_64 random(5);
  fixture.append_random(random, 100);
  fixture.back_up();
  const std::uint64_t first_cut = std::next(fixture.pictures.begin(), 50)->first;
  REQUIRE(fixture.restore("one", Position(first_cut)));
  const Uuid seal_id = fixture.log->seal_id();
  fixture.log = fixture.open("one");
  fixture.pictures.erase(fixture.pictures.upper_bound(first_cut), fixture.pictures.end());
  fixture.append_random(random, 50);
  const auto backups = make_log_backups(
      *fixture.log, {fixture.folder / "backups2", fixture.folder / "one", &fixture.clock});
  REQUIRE(backups->make({}));
  const std::uint64_t second_cut = std::next(fixture.pictures.begin(), 20)->first;
  const auto again = restore_log({.from = fixture.folder / "backups2",
                                  .id = 0,
                                  .to = fixture.folder / "two",
                                  .clock = &fixture.clock,
                                  .to_position = Position(second_cut)},
                                 {});
  REQUIRE(again);
  const auto log = fixture.open("two");
  CHECK(picture_of(*log) == fixture.pictures.at(second_cut));
  CHECK(log->seal_id() == seal_id);
  CHECK(log->log_id() != fixture.log->log_id());
}
