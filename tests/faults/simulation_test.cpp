// Commands, views and subscriptions above a store behind a bad line.
#include "tests/faults/loops/simulation.hpp"

#include "tests/faults/run_loop.hpp"

#include <doctest/doctest.h>

using namespace factum::test;

TEST_CASE("behind a bad line no command is lost or doubled, in a hundred histories") {
  run_loop(run_simulation, 1, 100);
}

TEST_SUITE("slow") {
  TEST_CASE("behind a bad line no command is lost or doubled, in five thousand histories") {
    run_loop(run_simulation, 20261122, 5000);
  }
}
