#include "projections/registry.hpp"

#include "projections/as_of.hpp"
#include "projections/customer_360.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

namespace factum::projections {

using test::TestLog;

TEST_CASE("every view has a name of its own, a version and an explanation") {
  std::set<std::string> names;
  for (const View& view : all_views()) {
    CHECK(names.insert(view.projection.name()).second);
    CHECK(view.projection.version() >= 1);
    CHECK_FALSE(view.projection.doc().empty());
    CHECK_FALSE(view.projection.handled_types().empty());
  }
}

TEST_CASE("every view is the same, byte for byte, however its events are batched") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    TestLog log;
    test::record_random(log, random, 700);
    for (const View& view : all_views()) {
      CAPTURE(view.projection.name());
      const auto one_by_one = test::fold_log(log, view.projection, 1);
      const auto in_small = test::fold_log(log, view.projection, 7);
      const auto at_once = test::fold_log(log, view.projection, 5000);
      const auto expected = test::rows_of(*at_once->snapshot());
      CHECK_FALSE(expected.empty());
      CHECK(test::rows_of(*one_by_one->snapshot()) == expected);
      CHECK(test::rows_of(*in_small->snapshot()) == expected);
    }
  }
}

TEST_CASE("no view keeps personal data in a key") {
  std::mt19937_64 random(42);
  TestLog log;
  test::record_random(log, random, 1500);
  for (const View& view : all_views()) {
    CAPTURE(view.projection.name());
    for (const auto& [key, value] :
         test::rows_of(*test::fold_log(log, view.projection)->snapshot())) {
      CHECK(key.find("anna@example.org") == std::string::npos);
      CHECK(key.find("89 1234") == std::string::npos);
    }
  }
}

}  // namespace factum::projections
