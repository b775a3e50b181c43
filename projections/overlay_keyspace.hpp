// A keyspace in memory above rows that do not change.
#pragma once

#include "core/es/view_store.hpp"

#include <memory>

namespace factum::projections {

/// Begins with the rows and the position of `below`. Keeps no past.
std::unique_ptr<ViewKeyspace> make_overlay_keyspace(std::shared_ptr<const ViewReader> below);

}  // namespace factum::projections
