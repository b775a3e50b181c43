#include "projections/tally.hpp"

#include <doctest/doctest.h>

namespace factum::projections {

TEST_CASE("a tally keeps currencies apart and forgets those without amounts") {
  Tallies tallies;
  tally(tallies, Money{500, "USD"});
  tally(tallies, Money{200, "EUR"});
  tally(tallies, Money{300, "USD"});
  tally(tallies, std::nullopt);
  REQUIRE(tallies.size() == 2);
  CHECK(tallies[0] == CurrencyTally{1, {200, "EUR"}});
  CHECK(tallies[1] == CurrencyTally{2, {800, "USD"}});

  tally(tallies, Money{200, "EUR"}, -1);
  CHECK(tallies == Tallies{{2, {800, "USD"}}});
  CHECK(sum_in(tallies, "USD") == MoneySum{800, "USD"});
  CHECK(sum_in(tallies, "EUR") == MoneySum{0, "EUR"});
}

TEST_CASE("merging tallies adds counts and sums by currency") {
  Tallies tallies{{1, {10, "CNY"}}};
  merge(tallies, {{2, {5, "CNY"}}, {1, {7, "EUR"}}});
  CHECK(tallies == Tallies{{3, {15, "CNY"}}, {1, {7, "EUR"}}});
}

TEST_CASE("means are rounded half away from zero") {
  CHECK(mean_of({10, "EUR"}, 4).minor == 3);
  CHECK(mean_of({-10, "EUR"}, 4).minor == -3);
  CHECK(mean_of({9, "EUR"}, 4).minor == 2);
  CHECK(mean_of({0, "EUR"}, 7).minor == 0);
}

TEST_CASE("a tally of more than 64 bits is exact, and so is its mean") {
  Tallies tallies;
  for (int i = 0; i < 4; ++i) tally(tallies, Money{INT64_MAX, "EUR"});
  CHECK(tallies[0].count == 4);
  CHECK(to_string(tallies[0].sum.minor) == "36893488147419103228");
  CHECK(mean_of(tallies[0].sum, 4).minor == INT64_MAX);
  CHECK(percent_of(INT64_MAX, tallies[0].sum.minor) == 25.0);
  tally(tallies, Money{INT64_MAX, "EUR"}, -3);
  CHECK(tallies == Tallies{{1, {INT64_MAX, "EUR"}}});
}

TEST_CASE("a percentage of nothing is absent") {
  CHECK_FALSE(percent_of(1, 0).has_value());
  CHECK(percent_of(1, 4) == 25.0);
}

}  // namespace factum::projections
