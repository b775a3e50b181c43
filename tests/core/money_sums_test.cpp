// Sums of amounts, one per currency.
#include "core/crm/money_sums.hpp"

#include "core/crm/common.hpp"
#include "core/es/json_writer.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace factum::crm {

TEST_CASE("amounts of different currencies are never added") {
  MoneySums sums;
  add_to(sums, Money{5, "USD"});
  add_to(sums, Money{7, "EUR"});
  add_to(sums, Money{1, "USD"});
  add_to(sums, Money{9, "EUR"}, -1);
  CHECK(sums == MoneySums{{-2, "EUR"}, {6, "USD"}});
  CHECK(sum_in(sums, "USD") == 6);
  CHECK(sum_in(sums, "GBP") == 0);
  add_all(sums, {{2, "EUR"}, {1, "GBP"}}, 2);
  CHECK(sums == MoneySums{{2, "EUR"}, {2, "GBP"}, {6, "USD"}});
}

TEST_CASE("sums of money stay when they reach zero") {
  MoneySums sums;
  add_to(sums, Money{100, "EUR"});
  add_to(sums, Money{100, "EUR"}, -1);
  CHECK(sums == MoneySums{{0, "EUR"}});
}

TEST_CASE("no log makes a sum overflow, and large ones are shown as texts") {
  MoneySums sums;
  for (int i = 0; i < 10'000; ++i) add_to(sums, Money{kMoneyMinorMax, "EUR"});
  CHECK(to_string(sums[0].minor) == "10000000000000000000");
  CHECK(to_json(sums[0]) == R"({"currency":"EUR","minor":"10000000000000000000"})");
  add_to(sums, Money{kMoneyMinorMax, "EUR"}, INT64_MAX);
  CHECK(to_string(sums[0].minor) == "9223372036854785807000000000000000");
}

TEST_CASE("only a sum within the bounds is an amount again") {
  CHECK(amount_of({-kMoneyMinorMax, "EUR"}) == Money{-kMoneyMinorMax, "EUR"});
  CHECK(amount_of({Int128{kMoneyMinorMax} + 1, "EUR"}).error().code == ErrorCode::limit_exceeded);
  CHECK(amount_of({Int128{-kMoneyMinorMax} - 1, "EUR"}).error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("lines have a sum if they have one currency") {
  std::vector<OrderLine> lines;
  CHECK_FALSE(sum_of(lines));
  lines.push_back({{}, "A", 1, "", {5, "EUR"}});
  lines.push_back({{}, "B", 1, "", {6, "EUR"}});
  CHECK(sum_of(lines) == MoneySum{11, "EUR"});
  lines[1].amount.currency = "USD";
  CHECK_FALSE(sum_of(lines));
}

}  // namespace factum::crm
