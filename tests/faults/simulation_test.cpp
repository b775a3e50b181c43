// Commands, views and subscriptions above a store behind a bad line.
#include "tests/faults/loops/simulation.hpp"

#include <doctest/doctest.h>

using namespace factum::test;

namespace {

void simulate(std::uint64_t seed, std::uint64_t histories) {
  try {
    MESSAGE(show(run_simulation({seed, histories, nullptr})));
  } catch (const Violation& violation) {
    FAIL(std::string(violation.what()));
  }
}

}  // namespace

TEST_CASE("behind a bad line no command is lost or doubled, in a hundred histories") {
  simulate(1, 100);
}

TEST_SUITE("slow") {
  TEST_CASE("behind a bad line no command is lost or doubled, in five thousand histories") {
    simulate(20261122, 5000);
  }
}
