#include "core/es/event_store.hpp"

#include <algorithm>

namespace factum {
namespace {

// Room made ahead for a list, so that events are not moved while it grows.
constexpr std::uint64_t kRoomAhead = 4'096;

// How many events there are at most; none if that cannot be told without looking.
std::uint64_t count_ahead(const Query& query, const ReadOptions& options) {
  const std::uint64_t first = std::max<std::uint64_t>(options.from.value(), 1);
  if (!query.matches_all() || options.to.value() < first) return 0;
  return std::min<std::uint64_t>(options.limit, options.to.value() - first + 1);
}

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

Result<std::vector<RecordedEvent>> collect(const VisitEvents& visit, const Query& query,
                                           const ReadOptions& options) {
  std::vector<RecordedEvent> events;
  events.reserve(std::min(count_ahead(query, options), kRoomAhead));
  FACTUM_CHECK(visit(query, options, [&](RecordedEvent& event) {
    events.push_back(std::move(event));
    return true;
  }));
  return events;
}

Result<std::vector<RecordedEvent>> EventStore::read(const Query& query,
                                                    const ReadOptions& options) const {
  ReadOptions bounded = options;
  bounded.to = std::min(options.to, head());
  return collect([this](const Query& q, const ReadOptions& o,
                        const TakeEvent& take) { return visit(q, o, take); },
                 query, bounded);
}

}  // namespace factum
