// Power cuts: random appends on a disk whose power goes at a random write, then what is left is
// opened and checked against everything that was answered.
#pragma once

#include "tests/support/crash_disk.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace factum::test {

struct PowerCutOptions {
  std::uint64_t seed = 1;
  std::uint64_t cuts = 50;
  /// A new log is begun after this many cuts, so that reading it all stays cheap.
  std::uint64_t cuts_per_log = 25;
  /// Called after each cut; false ends the loop.
  std::function<bool(std::uint64_t cuts)> on_cut;
};

/// Runs the loop in a temporary folder; gives what was done, by name. Throws Violation, whose text
/// names the seed of the log on which a promise was broken.
Counts run_power_cuts(const PowerCutOptions& options);

/// Appends on a disk that fails for a while (EIO, ENOSPC, failed syncs) and then heals: nothing
/// acknowledged is lost, reads go on, and writing resumes. Throws Violation.
Counts run_disk_failures(std::uint64_t seed, std::uint64_t rounds);

}  // namespace factum::test
