// Views as of a position: of one entity, and of all.
#include "projections/as_of.hpp"

#include "core/crm/ids.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace factum::projections {
namespace {

using test::TestLog;

constexpr std::uint64_t kSeed = 11;
constexpr std::size_t kEvents = 600;

void record_some(TestLog& log, std::size_t count) {
  std::mt19937_64 random(kSeed);
  test::record_random(log, random, count);
}

// The customers that random events are about.
std::vector<crm::CustomerId> customers() {
  std::vector<crm::CustomerId> ids;
  for (std::uint64_t number = 1; number <= 4; ++number)
    ids.push_back({test::test_id(std::string_view("customer").size() * 100 + 'c' * 1000 + number)});
  return ids;
}

test::RowList rows_below(const ViewReader& rows, const std::string& prefix) {
  test::RowList found;
  const Status scanned =
      rows.scan(rows_with_prefix(prefix), [&](std::string_view key, std::string_view value) {
        found.emplace_back(key, value);
        return true;
      });
  REQUIRE(scanned);
  return found;
}

}  // namespace

TEST_CASE("the purchases of a customer as of a position are what they were then") {
  TestLog log;
  record_some(log, kEvents);
  const View view = test::view_named("purchase_history");
  std::size_t compared = 0;
  for (const std::uint64_t head : {150U, 400U, 600U}) {
    TestLog past;
    record_some(past, head);
    const auto then = test::view_of(past, "purchase_history");
    for (const crm::CustomerId& customer : customers()) {
      CAPTURE(head);
      CAPTURE(customer.uuid.to_string());
      const auto folded =
          fold_as_of(view, log.store(), log.codec(), {customer.tag(), Position(head)});
      REQUIRE(folded);
      const std::string prefix = ViewKey('h').id(customer).str();
      const auto expected = rows_below(*then, prefix);
      CHECK(rows_below(**folded, prefix) == expected);
      compared += expected.size();
    }
  }
  CHECK(compared > 20);
}

TEST_CASE("without a tag every view as of a position is, byte for byte, what it was then") {
  TestLog log;
  record_some(log, kEvents);
  for (const std::uint64_t head : {0U, 1U, 300U, 600U, 900U}) {
    TestLog past;
    record_some(past, std::min<std::size_t>(head, kEvents));
    for (const View& view : all_views()) {
      CAPTURE(head);
      CAPTURE(view.projection.name());
      const auto folded = fold_as_of(view, log.store(), log.codec(), {.position = Position(head)});
      REQUIRE(folded);
      CHECK((*folded)->position() == Position(std::min<std::uint64_t>(head, kEvents)));
      CHECK(test::rows_of(**folded) ==
            test::rows_of(*test::fold_log(past, view.projection)->snapshot()));
    }
  }
}

}  // namespace factum::projections
