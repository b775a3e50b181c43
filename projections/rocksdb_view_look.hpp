// Looks at a views database without opening it to be written.
#pragma once

#include "core/base/result.hpp"
#include "projections/generation_store.hpp"

#include <string>
#include <vector>

namespace factum::projections {

struct StoredGeneration {
  Generation generation;
  Position position;  ///< as far as it is on disk
  bool live = false;
};

/// Every generation on disk, sorted; none in a folder that is not there. Nothing is changed, and a
/// program may be using the folder. Errors: corrupt, io_error.
Result<std::vector<StoredGeneration>> look_at_views(const std::string& path);

}  // namespace factum::projections
