// A disk that fails for a while and is well again: nothing acknowledged is lost, what is read is
// right or an error, and writing resumes.
#pragma once

#include "tests/faults/loops/loop.hpp"

namespace factum::test {

/// Writes, syncs or reads fail `times` times, once or until the disk is healed: EIO, ENOSPC, short
/// reads, flipped bits. Gives what was done, by name. Throws Violation.
Counts run_disk_failures(const LoopOptions& options);

}  // namespace factum::test
