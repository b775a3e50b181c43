// One contract for both view stores; the RocksDB one also closed and opened again after each step.
#include "projections/memory_view_store.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "tests/projections/view_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

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

FACTUM_BOTH_STORES("compacting keeps rows, snapshots and position, also when it is cancelled") {
  Store subject;
  const auto keyspace = opened(subject, kBoard);
  for (std::uint64_t i = 1; i <= 40; ++i)
    commit(*keyspace, {{"a", std::to_string(i)}, {"b" + std::to_string(i), "x"}}, i);
  const auto before = keyspace->snapshot();
  commit(*keyspace, {{"a", std::nullopt}, {"c", "2"}}, 41);
  REQUIRE(subject.store().flush(true));
  const auto go_on = [] { return false; };
  CHECK(subject.store().compact(kBoard, go_on));
  CHECK(subject.store().compact({"board", 1, 2}, go_on));  // there is none
  static_cast<void>(subject.store().compact(kBoard, [] { return true; }));
  CHECK(subject.store().compact(kBoard, go_on));
  CHECK(**before->get("a") == "40");
  CHECK(keyspace->position() == Position(41));
  CHECK(rows_of(*keyspace->snapshot()).size() == 41);
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

FACTUM_BOTH_STORES("rows that change at many steps are read as they were at each of them") {
  Store subject;
  const auto keyspace = opened(subject, kBoard, "*");
  for (std::uint64_t step = 1; step <= 40; ++step)
    commit(*keyspace, {{"a", std::to_string(step)}, {"b", std::to_string(step)}, {"c", "c"}},
           step * kTestStep);
  for (std::uint64_t step = 1; step <= 40; ++step) {
    const std::string then = std::to_string(step);
    const auto past = keyspace->rows_at(Position(step * kTestStep));
    CHECK(rows_of(*past) == RowList{{"a", then}, {"b", then}, {"c", "c"}});
    CHECK(scanned(*past, {.from = "", .to = "", .backwards = true}) ==
          RowList{{"c", "c"}, {"b", then}, {"a", then}});
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
