#include "eventstore/resolved_query.hpp"

#include <algorithm>

namespace factum {
namespace {

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

bool ResolvedItem::has_type(std::uint16_t code) const {
  return codes.empty() || std::binary_search(codes.begin(), codes.end(), code);
}

bool ResolvedItem::has_type(std::string_view type) const {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

bool ResolvedQuery::needs_scan() const {
  return everything || std::any_of(items.begin(), items.end(),
                                   [](const ResolvedItem& item) { return item.tags.empty(); });
}

ResolvedQuery resolve(const Query& query, const TypeDictionary& types) {
  ResolvedQuery resolved;
  resolved.everything = query.matches_all();
  for (const QueryItem& item : query.items) {
    ResolvedItem& added = resolved.items.emplace_back();
    added.tags = item.tags;
    sort_unique(added.tags);
    for (const std::string& type : item.types) {
      const auto code = types.find(type);
      if (!code) continue;
      added.codes.push_back(*code);
      added.types.push_back(type);
    }
    sort_unique(added.codes);
    if (added.codes.empty() && !item.types.empty()) resolved.items.pop_back();
  }
  return resolved;
}

}  // namespace factum
