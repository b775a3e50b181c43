// Keyspaces in memory: for tests and for as-of folds.
#pragma once

#include "projections/generation_store.hpp"

#include <memory>

namespace factum::projections {

/// One empty keyspace that keeps no past. Snapshots copy nothing until the next commit.
std::unique_ptr<ViewKeyspace> make_memory_keyspace();
/// A store without keyspaces.
std::unique_ptr<GenerationStore> make_memory_generation_store(std::uint64_t past_step = kPastStep);

}  // namespace factum::projections
