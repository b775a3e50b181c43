#include "eventstore/recent_events.hpp"

#include <algorithm>
#include <functional>

namespace factum {
namespace {

// Four buckets per event of the window keep chains of strangers short.
constexpr std::size_t kBuckets = 4 * RecentEvents::kEventsMax;

std::size_t bucket_of(const std::string& tag) { return std::hash<std::string>{}(tag) % kBuckets; }

}  // namespace

RecentEvents::RecentEvents() : ring_(kEventsMax), newest_in_bucket_(kBuckets, 0) {}

void RecentEvents::reset(Position head) {
  std::fill(newest_in_bucket_.begin(), newest_in_bucket_.end(), 0);
  last_ = head.value();
  floor_.store(last_, std::memory_order_relaxed);
}

void RecentEvents::add(std::uint16_t type_code, std::vector<std::string> tags) {
  const std::uint64_t position = ++last_;
  if (position > floor_.load(std::memory_order_relaxed) + kEventsMax)
    floor_.store(position - kEventsMax, std::memory_order_relaxed);
  Entry& entry = ring_[position % kEventsMax];
  entry.type_code = type_code;
  entry.links.clear();
  entry.links.reserve(tags.size());
  for (std::string& tag : tags) {
    const std::size_t bucket = bucket_of(tag);
    std::uint64_t& newest = newest_in_bucket_[bucket];
    // Of two tags of one event in one bucket the first carries the link.
    entry.links.push_back({std::move(tag), bucket, newest});
    newest = position;
  }
}

Position RecentEvents::newest_match(const ResolvedQuery& query, Position after) const {
  const std::uint64_t from = std::max(after.value(), floor().value());
  if (query.everything) return Position(last_ > from ? last_ : 0);
  std::uint64_t newest = 0;
  for (const ResolvedItem& item : query.items)
    newest = std::max(newest, newest_match(item, std::max(from, newest)));
  return Position(newest);
}

std::uint64_t RecentEvents::newest_match(const ResolvedItem& item, std::uint64_t after) const {
  if (item.tags.empty()) {
    for (std::uint64_t position = last_; position > after; --position) {
      if (item.has_type(entry(position).type_code)) return position;
    }
    return 0;
  }
  // The tag whose newest event is the oldest leaves the least to look at, often nothing.
  std::size_t quietest = bucket_of(item.tags.front());
  for (const std::string& tag : item.tags) {
    const std::size_t bucket = bucket_of(tag);
    if (newest_in_bucket_[bucket] < newest_in_bucket_[quietest]) quietest = bucket;
  }
  return walk_bucket(item, quietest, after);
}

std::uint64_t RecentEvents::walk_bucket(const ResolvedItem& item, std::size_t bucket,
                                        std::uint64_t after) const {
  std::uint64_t position = newest_in_bucket_[bucket];
  while (position > after) {
    const Entry& candidate = entry(position);
    const auto carries = [&](const std::string& tag) {
      return std::any_of(candidate.links.begin(), candidate.links.end(),
                         [&](const TagLink& link) { return link.tag == tag; });
    };
    if (item.has_type(candidate.type_code) &&
        std::all_of(item.tags.begin(), item.tags.end(), carries))
      return position;
    const auto link = std::find_if(candidate.links.begin(), candidate.links.end(),
                                   [&](const TagLink& l) { return l.bucket == bucket; });
    position = link == candidate.links.end() ? 0 : link->previous;
  }
  return 0;
}

}  // namespace factum
