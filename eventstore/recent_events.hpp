// The newest events by tag, in memory: most append conditions are decided here without the disk.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/resolved_query.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace factum {

/// A window over the last events, those of batches in flight included. It answers exactly for
/// positions beyond `floor`. Memory: fixed number of events. Thread rule: one thread at a time, but
/// `floor` from any.
class RecentEvents {
 public:
  /// Larger than all events of the batches in flight together, so that `floor` is always durable.
  static constexpr std::size_t kEventsMax = 16'384;

  RecentEvents();

  /// Positions up to here are not in the window.
  Position floor() const { return Position(floor_.load(std::memory_order_relaxed)); }

  /// Forgets everything; the window starts behind `head`.
  void reset(Position head);

  /// Adds the event at the position after the last one.
  void add(std::uint16_t type_code, std::vector<std::string> tags);

  /// The newest position beyond max(`after`, floor) that matches, 0 if none. O(1) when nothing
  /// newer than `after` carries the tags; else a walk over events that share a tag.
  Position newest_match(const ResolvedQuery& query, Position after) const;

 private:
  struct TagLink {
    std::string tag;
    std::size_t bucket = 0;
    std::uint64_t previous = 0;  // position of the next older event in the same bucket
  };
  struct Entry {
    std::uint16_t type_code = 0;
    std::vector<TagLink> links;
  };

  const Entry& entry(std::uint64_t position) const { return ring_[position % kEventsMax]; }
  std::uint64_t newest_match(const ResolvedItem& item, std::uint64_t after) const;
  std::uint64_t walk_bucket(const ResolvedItem& item, std::size_t bucket,
                            std::uint64_t after) const;

  std::vector<Entry> ring_;
  std::vector<std::uint64_t> newest_in_bucket_;
  std::uint64_t last_ = 0;
  std::atomic<std::uint64_t> floor_{0};
};

}  // namespace factum
