// One contract for both view stores; the RocksDB one also closed and opened again after each step.
#include "projections/memory_view_store.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "tests/projections/view_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

namespace factum::projections {

using test::RowList;
using test::rows_of;

namespace {

constexpr std::uint64_t kTestStep = 4;

// A store under test; `reopen` closes and opens it, if it has a disk.
struct Subject {
  virtual ~Subject() = default;
  virtual GenerationStore& store() = 0;
  virtual void reopen() {}
};

struct InMemory final : Subject {
  std::unique_ptr<GenerationStore> held = make_memory_generation_store(kTestStep);
  GenerationStore& store() override { return *held; }
};

struct OnDisk final : Subject {
  test::TempDir folder;
  std::vector<std::string> log;
  std::unique_ptr<GenerationStore> held;

  OnDisk() { open(); }
  GenerationStore& store() override { return *held; }
  void reopen() override {
    held.reset();
    open();
  }
  void open() {
    auto opened = open_rocksdb_generation_store(
        {.path = folder / "views",
         .block_cache_bytes = 1 << 20,
         .write_buffer_bytes = 1 << 20,
         .past_step = kTestStep,
         .log = [this](std::string_view line) { log.emplace_back(line); }});
    REQUIRE(opened.has_value());
    held = std::move(*opened);
  }
};

std::shared_ptr<ViewKeyspace> opened(Subject& subject, const Generation& generation,
                                     const std::string& past_tables = {}) {
  auto keyspace = subject.store().open(generation, past_tables);
  REQUIRE(keyspace.has_value());
  return *keyspace;
}

void commit(ViewKeyspace& keyspace, const std::vector<RowChange>& changes, std::uint64_t position) {
  REQUIRE(keyspace.commit(changes, Position(position)).has_value());
}

RowList scanned(const ViewReader& rows, const RowRange& range) {
  RowList found;
  REQUIRE(rows.scan(range,
                    [&](std::string_view key, std::string_view value) {
                      found.emplace_back(key, value);
                      return true;
                    })
              .has_value());
  return found;
}

const Generation kBoard{"board", 1, 1};

}  // namespace

#define FACTUM_BOTH_STORES(Name) TEST_CASE_TEMPLATE(Name, Store, InMemory, OnDisk)

FACTUM_BOTH_STORES("an empty keyspace stands before the first event") {
  Store subject;
  const auto keyspace = opened(subject, kBoard);
  CHECK(keyspace->position() == Position(0));
  CHECK(rows_of(*keyspace->snapshot()).empty());
  const auto row = keyspace->snapshot()->get("a");
  REQUIRE(row.has_value());
  CHECK_FALSE(row->has_value());
}

FACTUM_BOTH_STORES("rows and position are there together, also after opening again") {
  Store subject;
  commit(*opened(subject, kBoard), {{"a", "1"}, {"b", ""}, {std::string("c\0d", 3), "3"}}, 7);
  subject.reopen();
  auto keyspace = opened(subject, kBoard);
  CHECK(keyspace->position() == Position(7));
  CHECK(rows_of(*keyspace->snapshot()) ==
        RowList{{"a", "1"}, {"b", ""}, {std::string("c\0d", 3), "3"}});
  commit(*keyspace, {{"a", std::nullopt}, {"b", "2"}, {"x", std::nullopt}}, 9);
  keyspace.reset();
  subject.reopen();
  const auto again = opened(subject, kBoard)->snapshot();
  CHECK(again->position() == Position(9));
  CHECK(rows_of(*again) == RowList{{"b", "2"}, {std::string("c\0d", 3), "3"}});
}

FACTUM_BOTH_STORES("a snapshot does not see later commits") {
  Store subject;
  const auto keyspace = opened(subject, kBoard);
  commit(*keyspace, {{"a", "1"}, {"b", "1"}}, 1);
  const auto before = keyspace->snapshot();
  commit(*keyspace, {{"a", "2"}, {"b", std::nullopt}, {"c", "2"}}, 2);
  commit(*keyspace, {{"a", "3"}}, 3);
  CHECK(before->position() == Position(1));
  CHECK(rows_of(*before) == RowList{{"a", "1"}, {"b", "1"}});
  CHECK(**before->get("b") == "1");
  CHECK(rows_of(*keyspace->snapshot()) == RowList{{"a", "3"}, {"c", "2"}});
}

FACTUM_BOTH_STORES("a range is read both ways, up to a limit, or until told to stop") {
  Store subject;
  const auto keyspace = opened(subject, kBoard);
  commit(*keyspace, {{"a1", ""}, {"a2", ""}, {"a3", ""}, {"b1", ""}}, 1);
  const auto rows = keyspace->snapshot();
  const auto keys = [&](const RowRange& range) {
    std::string all;
    for (const auto& [key, value] : scanned(*rows, range)) all += key + " ";
    return all;
  };
  CHECK(keys({}) == "a1 a2 a3 b1 ");
  CHECK(keys({.from = "a2", .to = "b1"}) == "a2 a3 ");
  CHECK(keys({.from = "a2", .to = "b1", .backwards = true}) == "a3 a2 ");
  CHECK(keys({.from = "", .to = "", .backwards = true, .limit = 2}) == "b1 a3 ");
  CHECK(keys(rows_with_prefix("a")) == "a1 a2 a3 ");
  CHECK(keys({.from = "b", .to = "a"}).empty());
  CHECK(keys({.from = "", .to = "", .backwards = false, .limit = 0}).empty());
  int seen = 0;
  REQUIRE(
      rows->scan({}, [&](std::string_view, std::string_view) { return ++seen < 2; }).has_value());
  CHECK(seen == 2);
}

FACTUM_BOTH_STORES("generations are apart, listed and dropped; readers of a dropped one go on") {
  Store subject;
  const Generation next{"board", 2, 5};
  commit(*opened(subject, kBoard), {{"a", "old"}}, 1);
  commit(*opened(subject, next), {{"a", "new"}}, 2);
  subject.reopen();
  CHECK(subject.store().list() == std::vector<Generation>{kBoard, next});
  auto old = opened(subject, kBoard)->snapshot();
  REQUIRE(subject.store().drop(kBoard).has_value());
  REQUIRE(subject.store().drop(kBoard).has_value());
  CHECK(**old->get("a") == "old");
  old.reset();
  CHECK(subject.store().list() == std::vector<Generation>{next});
  subject.reopen();
  CHECK(subject.store().list() == std::vector<Generation>{next});
  CHECK(**opened(subject, next)->snapshot()->get("a") == "new");
}

FACTUM_BOTH_STORES("a build that is settled has the rows and the past of ordinary commits") {
  Store subject;
  std::mt19937_64 random(11);
  const auto ordinary = opened(subject, kBoard, "ac");
  const Generation next{"board", 1, 2};
  auto build = *subject.store().open_build(next, "ac");
  std::uint64_t position = 0;
  const auto change_some = [&](std::uint64_t rounds) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      std::vector<RowChange> changes;
      for (const char table : {'a', 'b', 'c', 'd'}) {
        const std::string key = table + std::to_string(random() % 20);
        if (random() % 3 == 0)
          changes.push_back({key, std::nullopt});
        else
          changes.push_back({key, std::to_string(random() % 1000)});
      }
      position = std::min(position + random() % 3 + 1, build->commit_limit().value());
      commit(*ordinary, changes, position);
      commit(*build, changes, position);
    }
  };
  const auto same = [&](const RowRange& range) {
    CHECK(scanned(*build->snapshot(), range) == scanned(*ordinary->snapshot(), range));
  };
  // Table a is read from the beginning, b after it was written, c and d never.
  CHECK(*build->snapshot()->get("a0") == std::nullopt);
  change_some(60);
  same({.from = "a", .to = "b"});
  change_some(60);
  same({.from = "b1", .to = "c"});
  same({.from = "b", .to = "b2", .backwards = true, .limit = 3});
  change_some(60);
  CHECK(build->position() == Position(position));
  // A stop in good order keeps all of it.
  build.reset();
  REQUIRE(subject.store().flush(true));
  build = *subject.store().open_build(next, "ac");
  CHECK(build->position() == Position(position));
  same({.from = "a", .to = "c"});
  change_some(60);
  build.reset();

  Settling settling;
  settling.cancelled = true;
  REQUIRE(subject.store().flush(true));
  CHECK(subject.store().settle(next, settling).error().code == ErrorCode::unavailable);
  settling.cancelled = false;
  REQUIRE(subject.store().settle(next, settling));
  const auto settled = opened(subject, next, "ac");
  CHECK(settled->position() == Position(position));
  CHECK(rows_of(*settled->snapshot()) == rows_of(*ordinary->snapshot()));
  for (std::uint64_t at = 0; at <= position; ++at)
    CHECK(rows_of(*settled->rows_at(Position(at))) == rows_of(*ordinary->rows_at(Position(at))));
}

FACTUM_BOTH_STORES("the live generation is remembered") {
  Store subject;
  CHECK_FALSE(subject.store().live("board").has_value());
  opened(subject, kBoard);
  REQUIRE(subject.store().set_live(kBoard).has_value());
  subject.reopen();
  CHECK(subject.store().live("board") == kBoard);
  CHECK_FALSE(subject.store().live("boar").has_value());
}

FACTUM_BOTH_STORES("views of another log are dropped") {
  Store subject;
  CHECK(subject.store().bind_to(test::test_id(1)) == false);
  commit(*opened(subject, kBoard), {{"a", "1"}}, 1);
  subject.reopen();
  CHECK(subject.store().bind_to(test::test_id(1)) == false);
  CHECK(subject.store().list().size() == 1);
  CHECK(subject.store().bind_to(test::test_id(2)) == true);
  CHECK(subject.store().list().empty());
}

FACTUM_BOTH_STORES("the past of rows is kept at each step, in the tables that want it") {
  Store subject;
  auto keyspace = opened(subject, kBoard, "a");
  CHECK(keyspace->commit_limit() == Position(4));
  commit(*keyspace, {{"a1", "1"}, {"b1", "1"}, {std::string("a\0", 2), "0"}}, 2);
  commit(*keyspace, {{"a1", "2"}, {"a2", "2"}}, 4);
  CHECK(keyspace->commit_limit() == Position(8));
  commit(*keyspace, {{"a1", std::nullopt}, {"a3", ""}}, 5);
  commit(*keyspace, {}, 11);
  CHECK(keyspace->commit_limit() == Position(12));
  commit(*keyspace, {{"a1", "4"}, {"a2", std::nullopt}}, 12);
  keyspace.reset();
  subject.reopen();
  keyspace = opened(subject, kBoard, "a");
  CHECK(rows_of(*keyspace->snapshot()) ==
        RowList{{std::string("a\0", 2), "0"}, {"a1", "4"}, {"a3", ""}, {"b1", "1"}});
  const RowList first{{std::string("a\0", 2), "0"}, {"a1", "2"}, {"a2", "2"}};
  const RowList second{{std::string("a\0", 2), "0"}, {"a2", "2"}, {"a3", ""}};
  const RowList third{{std::string("a\0", 2), "0"}, {"a1", "4"}, {"a3", ""}};
  const std::vector<std::pair<std::uint64_t, const RowList*>> expected{
      {4, &first}, {7, &first}, {8, &second}, {11, &second}, {12, &third}, {99, &third}};
  for (const auto& one : expected) {
    const std::uint64_t position = one.first;
    const RowList* rows = one.second;
    CAPTURE(position);
    const auto past = keyspace->rows_at(Position(position));
    CHECK(past->position() == Position(std::min<std::uint64_t>(position, 12) / 4 * 4));
    CHECK(rows_of(*past) == *rows);
    RowList backwards = scanned(*past, {.from = "a1", .to = "b", .backwards = true, .limit = 2});
    std::reverse(backwards.begin(), backwards.end());
    CHECK(backwards == RowList(rows->end() - 2, rows->end()));
    for (const char* key : {"a1", "a2", "a3", "b1", "a"}) {
      const auto found = std::find_if(rows->begin(), rows->end(),
                                      [&](const auto& row) { return row.first == key; });
      const auto row = past->get(key);
      REQUIRE(row.has_value());
      CHECK(*row == (found == rows->end() ? std::nullopt : std::optional(found->second)));
    }
  }
  CHECK(keyspace->rows_at(Position(3))->position() == Position(0));
  CHECK(rows_of(*keyspace->rows_at(Position(3))).empty());
  CHECK(scanned(*keyspace->rows_at(Position(12)), {.from = "b", .to = "a"}).empty());
}

FACTUM_BOTH_STORES("rows are read as they were at each step, in both directions") {
  constexpr std::uint64_t kSteps = 40;
  std::mt19937_64 random(7);
  std::map<std::string, std::string> now;
  std::vector<RowList> then;
  Store subject;
  const auto keyspace = opened(subject, kBoard, "*");
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    std::vector<RowChange> changes;
    // The first letter says how often a row changes: at nearly every step, or once or twice.
    for (int row = 0; row < 24; ++row) {
      if (random() % (row < 4 ? 2 : 30) != 0) continue;
      const std::string key(1, static_cast<char>('a' + row));
      if (random() % 4 == 0 && now.erase(key) != 0) {
        changes.push_back({key, std::nullopt});
      } else {
        now[key] = std::to_string(step);
        changes.push_back({key, now[key]});
      }
    }
    commit(*keyspace, changes, step * kTestStep);
    then.emplace_back(now.begin(), now.end());
  }
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    CAPTURE(step);
    const auto past = keyspace->rows_at(Position(step * kTestStep));
    CHECK(rows_of(*past) == then[step - 1]);
    RowList backwards = scanned(*past, {.from = "", .to = "", .backwards = true});
    std::reverse(backwards.begin(), backwards.end());
    CHECK(backwards == then[step - 1]);
    for (const bool last : {false, true}) {
      RowList some = then[step - 1];
      std::erase_if(some, [](const auto& row) { return row.first < "c" || row.first >= "p"; });
      if (last) std::reverse(some.begin(), some.end());
      some.resize(std::min<std::size_t>(some.size(), 3));
      CHECK(scanned(*past, {.from = "c", .to = "p", .backwards = last, .limit = 3}) == some);
    }
  }
}

FACTUM_BOTH_STORES("without a past there are no rows of it") {
  Store subject;
  const auto keyspace = opened(subject, kBoard);
  commit(*keyspace, {{"a", "1"}}, 100);
  CHECK(keyspace->commit_limit() == Position(UINT64_MAX));
  CHECK(keyspace->rows_at(Position(100))->position() == Position(0));
  CHECK(rows_of(*keyspace->rows_at(Position(100))).empty());
}

TEST_CASE("a build whose collected rows are gone or damaged begins anew") {
  for (const bool damaged : {false, true}) {
    CAPTURE(damaged);
    OnDisk subject;
    auto build = *subject.store().open_build(kBoard, "*");
    commit(*build, {{"a", "1"}, {"b", "1"}}, 1);
    build.reset();
    REQUIRE(subject.store().flush(true));
    const std::filesystem::path folder = subject.folder / "views/build";
    subject.held.reset();
    if (damaged)
      std::ofstream(folder / "CURRENT") << "MANIFEST-nowhere";
    else
      std::filesystem::remove_all(folder);
    subject.open();
    build = *subject.store().open_build(kBoard, "*");
    CHECK(build->position() == Position(0));
    commit(*build, {{"a", "2"}}, 2);
    build.reset();
    Settling settling;
    REQUIRE(subject.store().flush(true));
    REQUIRE(subject.store().settle(kBoard, settling));
    CHECK(rows_of(*opened(subject, kBoard, "*")->snapshot()) == RowList{{"a", "2"}});
    CHECK_FALSE(std::filesystem::exists(folder));
  }
}

TEST_CASE("names of generations are read back, anything else is none") {
  CHECK(kBoard.name() == "board.1.1");
  CHECK(Generation::parse("customer_360.12.7") == Generation{"customer_360", 12, 7});
  for (const char* wrong : {"", "default", "board", "board.1", "board.x.1", "board.1.", ".1.1"})
    CHECK_FALSE(Generation::parse(wrong).has_value());
}

TEST_CASE("a damaged views database is removed with a line in the log, not an error") {
  OnDisk subject;
  commit(*opened(subject, kBoard), {{"a", "1"}}, 1);
  REQUIRE(subject.store().flush(true).has_value());
  subject.held.reset();
  std::ofstream(std::filesystem::path(subject.folder / "views") / "CURRENT") << "nonsense";
  subject.open();
  CHECK(subject.store().list().empty());
  REQUIRE(subject.log.size() == 1);
  CHECK(subject.log[0].find("built anew") != std::string::npos);
}

TEST_CASE("a views database that another one has open is not touched") {
  OnDisk subject;
  commit(*opened(subject, kBoard), {{"a", "1"}}, 1);
  const auto second = open_rocksdb_generation_store({.path = subject.folder / "views"});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::io_error);
  CHECK(subject.store().list().size() == 1);
}

TEST_CASE("a folder that cannot be made is an error") {
  test::TempDir folder;
  std::ofstream(folder / "file") << "in the way";
  const auto opened = open_rocksdb_generation_store({.path = folder / "file"});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == ErrorCode::io_error);
}

}  // namespace factum::projections
