// Sums of amounts, one per currency.
#include "core/crm/money_sums.hpp"

#include "core/crm/common.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace factum::crm {

TEST_CASE("amounts of different currencies are never added") {
  std::vector<Money> sums;
  add_to(sums, {5, "USD"});
  add_to(sums, {7, "EUR"});
  add_to(sums, {1, "USD"});
  take_from(sums, {9, "EUR"});
  CHECK(sums == std::vector<Money>{{-2, "EUR"}, {6, "USD"}});
  CHECK(sum_in(sums, "USD") == 6);
  CHECK(sum_in(sums, "GBP") == 0);
}

TEST_CASE("a sum stays within 64 bits") {
  using Range = std::numeric_limits<std::int64_t>;
  std::vector<Money> sums{{Range::max(), "EUR"}};
  add_to(sums, {1, "EUR"});
  CHECK(sums[0].minor == Range::max());
  sums[0].minor = Range::min();
  add_to(sums, {-1, "EUR"});
  CHECK(sums[0].minor == Range::min());
  take_from(sums, {1, "EUR"});
  CHECK(sums[0].minor == Range::min());
  sums[0].minor = Range::max();
  take_from(sums, {Range::min(), "EUR"});
  CHECK(sums[0].minor == Range::max());
}

TEST_CASE("lines have a sum if they have one currency") {
  std::vector<OrderLine> lines;
  CHECK_FALSE(sum_of(lines));
  lines.push_back({{}, "A", 1, "", {5, "EUR"}});
  lines.push_back({{}, "B", 1, "", {6, "EUR"}});
  CHECK(sum_of(lines) == Money{11, "EUR"});
  lines[1].amount.currency = "USD";
  CHECK_FALSE(sum_of(lines));
}

}  // namespace factum::crm
