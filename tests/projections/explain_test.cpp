// The events behind a figure are those at which a fold, event by event, changes it.
#include "projections/explain.hpp"

#include "core/crm/ids.hpp"
#include "core/es/view_key.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/past_views.hpp"
#include "projections/row_ranges.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>

namespace factum::projections {
namespace {

using test::TestLog;

constexpr std::uint64_t kTestStep = 32;
constexpr std::size_t kEvents = 400;

// Any figure will do: here all rows of one table of a view, as text.
Figure rows_below(const std::string& prefix) {
  return [prefix](const ViewReader& rows) -> Result<std::string> {
    std::string text;
    FACTUM_CHECK(
        rows.scan(rows_with_prefix(prefix), [&](std::string_view key, std::string_view value) {
          text.append(key).append("=").append(value).append(";");
          return true;
        }));
    return text;
  };
}

// The figure after each position, folded one event at a time.
std::vector<std::string> figures_by_position(TestLog& log, const View& view, const Figure& figure) {
  std::vector<std::string> figures;
  for (std::uint64_t position = 0; position <= log.store().head().value(); ++position) {
    const auto rows =
        fold_as_of(view, log.store(), log.codec(), {.tag = {}, .position = Position(position)});
    REQUIRE(rows);
    const auto text = figure(**rows);
    REQUIRE(text);
    figures.push_back(*text);
  }
  return figures;
}

struct Explained {
  TestLog log;
  std::unique_ptr<GenerationStore> generations = make_memory_generation_store(kTestStep);
  std::unique_ptr<Projector> projector =
      make_projector(all_views(), log.store(), log.codec(), *generations);
  PastViews past{all_views(), log.store(), log.codec(), *projector};

  explicit Explained(std::uint64_t seed) {
    REQUIRE(projector->start());
    std::mt19937_64 random(seed);
    test::record_random(log, random, kEvents);
    std::promise<bool> reached;
    projector->wait_for(log.store().head(), std::chrono::seconds(20),
                        [&](const WaitOutcome& outcome) { reached.set_value(outcome.reached); });
    REQUIRE(reached.get_future().get());
  }

  // Page by page.
  std::vector<Contribution> all(const std::string& view, ExplainQuery query, const Figure& figure) {
    std::vector<Contribution> items;
    const auto rows = past.open(view, query.tag, query.position);
    REQUIRE(rows);
    for (int page = 0; page < 500; ++page) {
      auto part = past.explain(view, **rows, query, figure);
      REQUIRE_MESSAGE(part, (part ? "" : part.error().message));
      CHECK(part->items.size() <= query.limit);
      for (Contribution& item : part->items) items.push_back(std::move(item));
      if (part->next == Position{}) return items;
      CHECK(part->next > query.after);
      query.after = part->next;
    }
    FAIL("the pages do not end");
    return items;
  }
};

const std::vector<std::pair<std::string, std::string>> kFigures{
    {"funnel", "f"},     {"funnel", "c"},       {"purchase_history", "r"}, {"satisfaction", "s"},
    {"deal_board", "t"}, {"ticket_queue", "n"}, {"directory", "l"}};

}  // namespace

TEST_CASE("the events behind a figure are those that change it") {
  Explained explained(21);
  std::size_t seen = 0;
  for (const auto& [view, rows] : kFigures) {
    const auto name = view;
    const auto prefix = rows;
    CAPTURE(name);
    CAPTURE(prefix);
    const Figure figure = rows_below(prefix);
    const auto figures = figures_by_position(explained.log, test::view_named(name), figure);
    for (const std::uint64_t as_of : {std::uint64_t{kEvents}, std::uint64_t{170}}) {
      std::vector<std::uint64_t> expected;
      for (std::uint64_t position = 1; position <= as_of; ++position) {
        if (figures[position] != figures[position - 1]) expected.push_back(position);
      }
      std::vector<std::uint64_t> positions;
      for (const Contribution& item :
           explained.all(name, {.position = Position(as_of), .limit = 7}, figure)) {
        positions.push_back(item.position.value());
        CHECK(item.before == figures[item.position.value() - 1]);
        CHECK(item.after == figures[item.position.value()]);
      }
      CHECK(positions == expected);
      seen += positions.size();
      std::vector<std::uint64_t> touching;
      for (const Contribution& item : explained.all(
               name, {.position = Position(as_of), .limit = 50, .by_value = false}, figure))
        touching.push_back(item.position.value());
      CHECK(std::includes(touching.begin(), touching.end(), expected.begin(), expected.end()));
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("the events behind a figure of one customer are among its own") {
  Explained explained(22);
  const View view = test::view_named("customer_360");
  std::size_t seen = 0;
  for (std::uint64_t number = 1; number <= 4; ++number) {
    const crm::CustomerId customer{
        test::test_id(std::string_view("customer").size() * 100 + 'c' * 1000 + number)};
    const std::string key = ViewKey('c').id(customer).str();
    const Figure figure = [key](const ViewReader& rows) -> Result<std::string> {
      FACTUM_TRY(const auto row, rows.get(key));
      return row.value_or("none");
    };
    const auto items = explained.all(
        "customer_360", {.tag = customer.tag(), .position = Position(kEvents)}, figure);
    for (std::size_t i = 0; i < items.size(); ++i) {
      CHECK(items[i].before == (i == 0 ? "none" : items[i - 1].after));
      CHECK(items[i].before != items[i].after);
    }
    const auto now = fold_as_of(view, explained.log.store(), explained.log.codec(),
                                {customer.tag(), Position(kEvents)});
    REQUIRE(now);
    if (!items.empty()) CHECK(items.back().after == *figure(**now));
    seen += items.size();
  }
  CHECK(seen > 20);
}

TEST_CASE("ranges are joined where they meet") {
  RowRanges ranges;
  ranges.add("d", "f");
  ranges.add("a", "b");
  ranges.add("b", "c");
  ranges.add("e", "g");
  ranges.add("x", "w");
  CHECK(ranges.size() == 2);
  for (const char* inside : {"a", "b", "bz", "d", "f", "fz"}) CHECK(ranges.contains(inside));
  for (const char* outside : {"", "c", "cz", "g", "w", "x"}) CHECK_FALSE(ranges.contains(outside));
  ranges.add("y", "");
  ranges.add("z", "zz");
  CHECK(ranges.size() == 3);
  CHECK(ranges.contains("zzz"));
  ranges.add("", "");
  CHECK(ranges.size() == 1);
  CHECK(ranges.list().front().to.empty());
}

}  // namespace factum::projections
