// What requests about events have in common: positions, and queries in a body.
#pragma once

#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/field_visitor.hpp"

#include <cstdint>
#include <string>
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

/// Refuses a name that no event type has. Errors: invalid_argument with `pointer`.
Status check_types(const EventCodec& codec, const std::vector<std::string>& names,
                   const std::string& pointer);

/// The query of these items, which stand at `pointer` in the body. Errors: those of check_types.
Result<Query> query_of(const EventCodec& codec, std::vector<EventQueryItem> items,
                       const std::string& pointer);

}  // namespace factum::api
