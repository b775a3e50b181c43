// The one list of views. A new view is one file pair and one line in registry.cpp.
#pragma once

#include "core/es/projection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

/// Further entities whose events an as-of fold of one entity needs.
struct RelatedTags {
  /// The types of events that name them, where they carry the entity's own tag; empty = there are
  /// none.
  std::vector<std::string_view> types;
  /// The entities that such an event names, as tags: "deal:0198…". `tag`: the entity's own.
  std::vector<std::string> (*tags_of)(const DecodedEvent& event, std::string_view tag) = nullptr;
};

struct View {
  Projection projection;
  /// Set if the rows of one entity follow from the events with its tag (and related tags) alone, so
  /// that the view as of a position is a short fold.
  std::optional<RelatedTags> related = std::nullopt;
  /// The oldest version whose rows today's queries still read; 0 = only the newest. Rows of older
  /// ones are not served while the view is rebuilt.
  std::uint32_t readable_since = 0;
};

/// Every view, by name. Names are unique.
std::vector<View> all_views();

}  // namespace factum::projections
