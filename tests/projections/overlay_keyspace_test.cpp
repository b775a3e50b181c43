#include "projections/overlay_keyspace.hpp"

#include "projections/memory_view_store.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <map>

namespace factum::projections {

using test::RowList;

namespace {

std::vector<RowChange> random_changes(std::mt19937_64& random) {
  std::map<std::string, std::optional<std::string>> changes;
  for (std::size_t left = random() % 6; left > 0; --left) {
    auto& row = changes["k" + std::to_string(random() % 12)];
    if (random() % 3 != 0) row = std::to_string(random() % 100);
  }
  std::vector<RowChange> list;
  for (auto& [key, value] : changes) list.push_back({key, value});
  return list;
}

RowList range_of(const ViewReader& rows, const RowRange& range) {
  RowList found;
  REQUIRE(rows.scan(range, [&](std::string_view key, std::string_view value) {
    found.emplace_back(key, value);
    return true;
  }));
  return found;
}

}  // namespace

TEST_CASE("a keyspace above others reads as one that had all their commits") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    const auto whole = make_memory_keyspace();
    const auto below = make_memory_keyspace();
    for (std::uint64_t position = 1; position <= 3; ++position) {
      const auto changes = random_changes(random);
      REQUIRE(whole->commit(changes, Position(position)));
      REQUIRE(below->commit(changes, Position(position)));
    }
    const auto above = make_overlay_keyspace(below->snapshot());
    CHECK(above->position() == Position(3));
    for (std::uint64_t position = 4; position <= 6; ++position) {
      const auto changes = random_changes(random);
      REQUIRE(whole->commit(changes, Position(position)));
      REQUIRE(above->commit(changes, Position(position)));
    }
    const auto expected = whole->snapshot();
    const auto rows = above->snapshot();
    CHECK(rows->position() == Position(6));
    for (const bool backwards : {false, true}) {
      for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{4}, SIZE_MAX}) {
        const RowRange some{.from = "k1", .to = "k7", .backwards = backwards, .limit = limit};
        const RowRange all{.from = "", .to = "", .backwards = backwards, .limit = limit};
        CHECK(range_of(*rows, some) == range_of(*expected, some));
        CHECK(range_of(*rows, all) == range_of(*expected, all));
      }
    }
    for (int key = 0; key < 12; ++key) {
      const std::string name = "k" + std::to_string(key);
      CHECK(*rows->get(name) == *expected->get(name));
    }
  }
}

TEST_CASE("a scan of rows above others ends when it is told to") {
  const auto below = make_memory_keyspace();
  REQUIRE(below->commit({{"b", "1"}, {"d", "1"}}, Position(1)));
  const auto above = make_overlay_keyspace(below->snapshot());
  REQUIRE(above->commit({{"a", "2"}, {"c", "2"}, {"e", "2"}, {"f", "2"}}, Position(2)));
  for (std::size_t wanted = 1; wanted <= 6; ++wanted) {
    std::size_t seen = 0;
    REQUIRE(above->snapshot()->scan(
        {}, [&](std::string_view, std::string_view) { return ++seen < wanted; }));
    CHECK(seen == wanted);
  }
}

}  // namespace factum::projections
