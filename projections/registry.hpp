// The one list of views. A new view is one file pair and one line in registry.cpp.
#pragma once

#include "core/es/projection.hpp"

#include <string>
#include <vector>

namespace factum::projections {

/// Further entities whose events an as-of fold of one entity needs. `event` is one that carries the
/// entity's tag `tag`; the answer are tags such as "deal:0198…".
using RelatedTags = std::vector<std::string> (*)(const DecodedEvent& event, std::string_view tag);

struct View {
  Projection projection;
  /// Set if the rows of one entity follow from the events with its tag (and related tags) alone, so
  /// that the view as of a position is a short fold.
  RelatedTags related = nullptr;
  /// The oldest version whose rows today's queries still read; 0 = only the newest. Rows of older
  /// ones are not served while the view is rebuilt.
  std::uint32_t readable_since = 0;
};

/// Every view, by name. Names are unique.
std::vector<View> all_views();

}  // namespace factum::projections
