// What requests about events have in common: positions, and queries in a body.
#pragma once

#include "core/es/event_store.hpp"
#include "core/es/field_visitor.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace factum::api {

/// The largest position that a caller can name.
inline constexpr std::int64_t kPositionMax = std::int64_t{1} << 53;

/// One item of a query, as callers write it.
struct EventQueryItem {
  std::vector<std::string> types;
  std::vector<std::string> tags;

  static void describe(FieldVisitor& v, EventQueryItem& i) {
    v.shown("types", i.types, "Any of these types; empty = every type", at_most(100));
    v.shown("tags", i.tags, "All of these tags; empty = every event", at_most(32));
  }
};

inline Query query_of(std::vector<EventQueryItem> items) {
  Query query;
  for (EventQueryItem& item : items)
    query.items.push_back({std::move(item.types), std::move(item.tags)});
  return query;
}

}  // namespace factum::api
