// Power cuts: random appends on a disk whose power goes at a random write, then what is left is
// opened and checked against everything that was answered.
#pragma once

#include "tests/faults/loops/loop.hpp"

namespace factum::test {

/// Cuts the power `times` times, in temporary folders; a new log is begun every 25 cuts, so that
/// reading it all stays cheap. Gives what was done, by name. Throws Violation.
Counts run_power_cuts(const LoopOptions& options);

}  // namespace factum::test
