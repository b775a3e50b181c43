#include "projections/row_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace factum::projections {
namespace {

// Whether a range with this end reaches `key`; empty = it has no end.
bool reaches(const std::string& end, std::string_view key) { return end.empty() || end >= key; }

}  // namespace

void RowRanges::add(const std::string& from, const std::string& to) {
  if (!to.empty() && to <= from) return;
  std::string first = from;
  std::string last = to;
  auto next = ends_.upper_bound(from);
  if (next != ends_.begin() && reaches(std::prev(next)->second, from)) --next;
  while (next != ends_.end() && (last.empty() || next->first <= last)) {
    first = std::min(first, next->first);
    last = last.empty() || next->second.empty() ? std::string{} : std::max(last, next->second);
    next = ends_.erase(next);
  }
  ends_.emplace(std::move(first), std::move(last));
}

bool RowRanges::contains(std::string_view key) const {
  const auto next = ends_.upper_bound(key);
  if (next == ends_.begin()) return false;
  const std::string& end = std::prev(next)->second;
  return end.empty() || key < end;
}

std::vector<RowRange> RowRanges::list() const {
  std::vector<RowRange> ranges;
  ranges.reserve(ends_.size());
  for (const auto& [from, to] : ends_) ranges.push_back({.from = from, .to = to});
  return ranges;
}

}  // namespace factum::projections
