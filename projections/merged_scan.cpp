#include "projections/merged_scan.hpp"

#include "core/es/view_key.hpp"

#include <algorithm>
#include <deque>

namespace factum::projections {
namespace {

constexpr std::size_t kReadAheadMax = 256;

struct Row {
  std::string key;
  std::string value;
};

// The rows of one partition, read a few at a time.
class Partition {
 public:
  Partition(const ViewReader& rows, std::string prefix, const MergedScan& scan,
            std::size_t read_ahead)
      : rows_(rows), prefix_(std::move(prefix)), read_ahead_(read_ahead) {
    const RowRange all = rows_with_prefix(prefix_);
    range_ = {.from = std::max(all.from, prefix_ + scan.from),
              .to = scan.to.empty() ? all.to : prefix_ + scan.to,
              .backwards = scan.backwards,
              .limit = read_ahead};
    if (!scan.page.after.empty()) continue_after(prefix_ + scan.page.after);
  }

  Status fill() {
    if (!ahead_.empty() || done_) return {};
    FACTUM_CHECK(rows_.scan(range_, [this](std::string_view key, std::string_view value) {
      ahead_.push_back({std::string(key), std::string(value)});
      return true;
    }));
    done_ = ahead_.size() < read_ahead_;
    if (!ahead_.empty()) continue_after(ahead_.back().key);
    return {};
  }
  bool empty() const { return ahead_.empty(); }
  std::string_view suffix() const {
    return std::string_view(ahead_.front().key).substr(prefix_.size());
  }
  Row take() {
    Row row = std::move(ahead_.front());
    ahead_.pop_front();
    return row;
  }
  std::size_t prefix_size() const { return prefix_.size(); }

 private:
  void continue_after(const std::string& key) {
    if (range_.backwards)
      range_.to = range_.to.empty() ? key : std::min(range_.to, key);
    else
      range_.from = std::max(range_.from, key + '\0');
  }

  const ViewReader& rows_;
  const std::string prefix_;
  const std::size_t read_ahead_;
  RowRange range_;
  std::deque<Row> ahead_;
  bool done_ = false;
};

// The partition whose next row comes first; null if there are no more rows.
Result<Partition*> next_partition(std::vector<Partition>& partitions, bool backwards) {
  Partition* best = nullptr;
  for (Partition& partition : partitions) {
    FACTUM_CHECK(partition.fill());
    if (partition.empty()) continue;
    if (best == nullptr ||
        (backwards ? partition.suffix() > best->suffix() : partition.suffix() < best->suffix()))
      best = &partition;
  }
  return best;
}

}  // namespace

std::string newest_first(Timestamp happened_at, Position position) {
  return ViewKey('-')
      .descending(happened_at.value())
      .descending(static_cast<std::int64_t>(position.value()))
      .str()
      .substr(1);
}

// Suffixes run from the newest to the oldest: the end of the period comes first.
void set_period(MergedScan& scan, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  if (to) scan.from = newest_first(Timestamp(to->value() - 1), Position(INT64_MAX));
  if (from) scan.to = newest_first(*from, Position(0)) + '\0';
}

Result<std::string> merged_scan(const ViewReader& rows, const MergedScan& scan,
                                const TakeRow& take) {
  const std::size_t limit = std::clamp<std::size_t>(scan.page.limit, 1, kPageItemsMax);
  const std::size_t read_ahead = std::min(limit + 1, kReadAheadMax);
  std::vector<Partition> partitions;
  partitions.reserve(scan.prefixes.size());
  for (const std::string& prefix : scan.prefixes)
    partitions.emplace_back(rows, prefix, scan, read_ahead);
  std::size_t taken = 0;
  std::string last;
  while (true) {
    FACTUM_TRY(Partition* const next, next_partition(partitions, scan.backwards));
    if (next == nullptr) return std::string{};
    if (taken == limit) return last;
    const Row row = next->take();
    last = row.key.substr(next->prefix_size());
    FACTUM_TRY(const bool is_wanted, take(row.key, row.value));
    if (is_wanted) ++taken;
  }
}

}  // namespace factum::projections
