// Clients, commands, views and subscriptions above a store behind a bad line, on one thread and
// from one seed.
#pragma once

#include "tests/faults/loops/loop.hpp"

namespace factum::test {

/// Runs `times` histories. Clients send commands and send them again, with the same key, until they
/// are answered for good; afterwards every event belongs to one command, every command that
/// succeeded has its events once, views are the fold of the log however they were interrupted, and
/// subscriptions saw every event once, in order. Gives what was done. Throws Violation.
Counts run_simulation(const LoopOptions& options);

}  // namespace factum::test
