// Power cuts, failing disks and flipped bits: nothing acknowledged is lost, nothing wrong is read.
#include "tests/faults/loops/byte_flips.hpp"
#include "tests/faults/loops/disk_failures.hpp"
#include "tests/faults/loops/power_cuts.hpp"
#include "tests/faults/run_loop.hpp"

#include <doctest/doctest.h>

using namespace factum::test;

TEST_CASE("after fifty power cuts everything acknowledged is there") {
  run_loop(run_power_cuts, 1, 50);
}

TEST_CASE("on a disk that fails nothing acknowledged is lost, and writing resumes") {
  run_loop(run_disk_failures, 1, 30);
}

TEST_CASE("of twenty-five flipped bits each is noticed or in dead space") {
  run_loop(run_byte_flips, 1, 25);
}

TEST_CASE("a seed flips the same bits in every run") {
  const auto flips = [] {
    Counts counts = run_byte_flips({3, 12, nullptr});
    CHECK(counts.erase("bytes of the others") == 1);
    return counts;
  };
  CHECK(flips() == flips());
}

TEST_SUITE("slow") {
  TEST_CASE("of two thousand flipped bits each is noticed or in dead space") {
    run_loop(run_byte_flips, 20261122, 2000);
  }

  TEST_CASE("after two thousand power cuts everything acknowledged is there") {
    run_loop(run_power_cuts, 20261122, 2000);
  }

  TEST_CASE("after a thousand failures of the disk nothing acknowledged is lost") {
    run_loop(run_disk_failures, 20261122, 1000);
  }
}
