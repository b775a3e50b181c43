#include "core/es/event_store.hpp"

#include <algorithm>

namespace factum {
namespace {

bool contains(const std::vector<std::string>& values, const std::string& wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

bool item_matches(const QueryItem& item, const EventRecord& record) {
  if (!item.types.empty() && !contains(item.types, record.type)) return false;
  return std::all_of(item.tags.begin(), item.tags.end(),
                     [&](const std::string& tag) { return contains(record.tags, tag); });
}

}  // namespace

bool Query::matches(const EventRecord& record) const {
  if (matches_all()) return true;
  return std::any_of(items.begin(), items.end(),
                     [&](const QueryItem& item) { return item_matches(item, record); });
}

}  // namespace factum
