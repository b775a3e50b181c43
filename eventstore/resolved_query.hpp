// A query with its types as codes of the log's dictionary, as the index and the window need it.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/type_dictionary.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Any of `codes` (empty = every type) AND all of `tags`. Codes and tags are sorted, without
/// duplicates; `types` are the names of `codes`, in any order.
struct ResolvedItem {
  std::vector<std::uint16_t> codes;
  std::vector<std::string> types;
  std::vector<std::string> tags;

  bool has_type(std::uint16_t code) const;
  bool has_type(std::string_view type) const;
};

/// Items joined by OR. Items whose types the log has never seen are left out, so that no items and
/// not `everything` means that nothing can match.
struct ResolvedQuery {
  bool everything = false;
  std::vector<ResolvedItem> items;

  /// An item without tags, or `everything`: the index does not help, records must be scanned.
  bool needs_scan() const;
};

ResolvedQuery resolve(const Query& query, const TypeDictionary& types);

}  // namespace factum
