// Reads the past of rows; projections/past_key.hpp has its format.
#include "projections/past_key.hpp"
#include "projections/rocksdb_keyspace.hpp"

#include <rocksdb/db.h>

#include <utility>

namespace factum::projections {
namespace {

// So many entries are passed one by one before a seek is cheaper.
constexpr int kPassedMax = 8;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

// Goes through the rows of a range, in either direction: at each the newest entry below a step.
class PastScan {
 public:
  PastScan(const ViewFamily& family, const RowRange& range, std::uint64_t steps)
      : steps_(steps),
        backwards_(range.backwards),
        from_(past_bound(range.from)),
        to_(range.to.empty() ? past_end() : past_bound(range.to)),
        lower_(slice(from_)),
        upper_(slice(to_)) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &lower_;
    options.iterate_upper_bound = &upper_;
    entries_.reset(family.database->db->NewIterator(options, family.handle));
    if (backwards_)
      entries_->SeekToLast();
    else
      entries_->SeekToFirst();
  }
  PastScan(const PastScan&) = delete;
  PastScan& operator=(const PastScan&) = delete;

  /// Moves to the next row that was there; false at the end.
  bool next() {
    while (entries_->Valid()) {
      const auto key = parse_past_key(entries_->key().ToStringView());
      if (!key) {
        damaged_ = true;
        return false;
      }
      prefix_ = key->prefix;
      value_.reset();
      if (backwards_)
        pass_backwards();
      else
        pass_forwards();
      if (!value_) continue;
      row_key_ = row_key_of(prefix_);
      return true;
    }
    return false;
  }

  const std::string& key() const { return row_key_; }
  const std::string& value() const { return *value_; }
  Status status() const {
    if (damaged_) return fail(ErrorCode::corrupt, "the past of a view does not read");
    if (!entries_->status().ok()) return view_failure(entries_->status(), "reading past rows");
    return {};
  }

 private:
  bool at_row() const { return entries_->Valid() && entries_->key().starts_with(slice(prefix_)); }

  void pass_forwards() {
    advance_to(past_key(prefix_, steps_ - 1));
    if (at_row()) take();
    advance_to(past_key(prefix_, 0) + '\0');
  }
  // Stands on the oldest entry of a row. Few rows change often, many began too late.
  void pass_backwards() {
    for (int passed = 0; at_row(); ++passed) {
      const auto key = parse_past_key(entries_->key().ToStringView());
      if (!key || key->step >= steps_) return leave_backwards();
      if (passed == kPassedMax) entries_->Seek(past_key(prefix_, steps_ - 1));
      take();
      if (passed == kPassedMax) return entries_->SeekForPrev(prefix_);
      entries_->Prev();
    }
  }
  void leave_backwards() {
    for (int passed = 0; at_row(); ++passed) {
      if (passed == kPassedMax) return entries_->SeekForPrev(prefix_);
      entries_->Prev();
    }
  }
  // To the first entry that is not before `key`.
  void advance_to(const std::string& key) {
    for (int passed = 0; entries_->Valid() && entries_->key().compare(slice(key)) < 0; ++passed) {
      if (passed == kPassedMax) return entries_->Seek(key);
      entries_->Next();
    }
  }
  void take() {
    const auto row = past_row(entries_->value().ToStringView());
    value_.reset();
    if (row) value_ = std::string(*row);
  }

  const std::uint64_t steps_;
  const bool backwards_;
  const std::string from_;
  const std::string to_;
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> entries_;
  std::string prefix_;
  std::string row_key_;
  std::optional<std::string> value_;
  bool damaged_ = false;
};

class PastReader final : public ViewReader {
 public:
  PastReader(std::shared_ptr<ViewFamily> family, std::uint64_t steps)
      : family_(std::move(family)), steps_(steps) {}

  Position position() const override { return Position(steps_ * family_->database->past_step); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    if (steps_ == 0) return std::optional<std::string>{};
    const std::string prefix = past_prefix(key);
    // None is held longer: it would keep files on disk that are no longer used.
    const std::unique_ptr<rocksdb::Iterator> entries(
        family_->database->db->NewIterator(rocksdb::ReadOptions(), family_->handle));
    entries->Seek(past_key(prefix, steps_ - 1));
    if (!entries->status().ok()) return view_failure(entries->status(), "reading a past row");
    if (!entries->Valid() || !entries->key().starts_with(slice(prefix)))
      return std::optional<std::string>{};
    const auto row = past_row(entries->value().ToStringView());
    return row ? std::optional<std::string>(*row) : std::nullopt;
  }

  Status scan(const RowRange& range, const OnRow& on_row) const override {
    if (steps_ == 0 || (!range.to.empty() && range.to <= range.from)) return {};
    PastScan rows(*family_, range, steps_);
    for (std::size_t left = range.limit; left > 0 && rows.next(); --left) {
      if (!on_row(rows.key(), rows.value())) return {};
    }
    return rows.status();
  }

 private:
  const std::shared_ptr<ViewFamily> family_;
  const std::uint64_t steps_;
};

}  // namespace

Result<std::set<std::uint64_t>> rocksdb_past_steps(const ViewFamily& family,
                                                   const RowRange& range) {
  std::set<std::uint64_t> steps;
  if (!range.to.empty() && range.to <= range.from) return steps;
  const std::string from = past_bound(range.from);
  const std::string to = range.to.empty() ? past_end() : past_bound(range.to);
  const rocksdb::Slice upper = slice(to);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> entries(
      family.database->db->NewIterator(options, family.handle));
  for (entries->Seek(from); entries->Valid(); entries->Next()) {
    const auto key = parse_past_key(entries->key().ToStringView());
    if (!key) return fail(ErrorCode::corrupt, "the past of a view does not read");
    steps.insert(key->step);
  }
  if (!entries->status().ok()) return view_failure(entries->status(), "reading past rows");
  return steps;
}

std::unique_ptr<ViewReader> read_rocksdb_past(const std::shared_ptr<ViewFamily>& family,
                                              std::uint64_t steps) {
  return std::make_unique<PastReader>(family, steps);
}

}  // namespace factum::projections
