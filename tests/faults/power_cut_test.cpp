// Power cuts at random moments: nothing acknowledged is lost.
#include "tests/faults/loops/expected_log.hpp"
#include "tests/faults/loops/power_cuts.hpp"

#include <doctest/doctest.h>

using namespace factum::test;

namespace {

std::string show(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += std::to_string(count) + " " + name + "\n";
  return text;
}

void cut_power(std::uint64_t seed, std::uint64_t cuts) {
  PowerCutOptions options;
  options.seed = seed;
  options.cuts = cuts;
  try {
    MESSAGE(show(run_power_cuts(options)));
  } catch (const Violation& violation) {
    FAIL(std::string(violation.what()));
  }
}

}  // namespace

TEST_CASE("after fifty power cuts everything acknowledged is there") { cut_power(1, 50); }

TEST_SUITE("slow") {
  TEST_CASE("after two thousand power cuts everything acknowledged is there") {
    cut_power(20261122, 2000);
  }
}
