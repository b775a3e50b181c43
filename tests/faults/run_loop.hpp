// Runs one of the loops as a test, in short.
#pragma once

#include "tests/faults/loops/loop.hpp"

#include <doctest/doctest.h>

namespace factum::test {

/// Prints what the loop did; the test fails where a promise was broken.
inline void run_loop(Counts (*loop)(const LoopOptions&), std::uint64_t seed, std::uint64_t times) {
  try {
    MESSAGE(show(loop({seed, times, nullptr})));
  } catch (const Violation& violation) {
    FAIL(std::string(violation.what()));
  }
}

}  // namespace factum::test
