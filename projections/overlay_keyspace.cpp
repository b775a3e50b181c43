#include "projections/overlay_keyspace.hpp"

#include "projections/memory_view_store.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace factum::projections {
namespace {

// A row above begins with one of these, so that an erased one hides the row below.
constexpr char kErased = '\0';
constexpr char kThere = '\1';

bool is_there(std::string_view row) { return row.front() == kThere; }

class OverlayReader final : public ViewReader {
 public:
  OverlayReader(std::unique_ptr<ViewReader> above, std::shared_ptr<const ViewReader> below)
      : above_(std::move(above)), below_(std::move(below)) {}

  Position position() const override { return std::max(above_->position(), below_->position()); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    FACTUM_TRY(const auto row, above_->get(key));
    if (!row) return below_->get(key);
    return is_there(*row) ? std::optional(row->substr(1)) : std::nullopt;
  }

  Status scan(const RowRange& range, const OnRow& on_row) const override {
    RowRange all = range;
    all.limit = SIZE_MAX;
    Merge merge{.rows = {}, .backwards = range.backwards, .left = range.limit, .on_row = on_row};
    FACTUM_CHECK(above_->scan(all, [&](std::string_view key, std::string_view row) {
      merge.rows.emplace_back(key, row);
      return true;
    }));
    if (merge.left == 0) return {};
    FACTUM_CHECK(below_->scan(
        all, [&](std::string_view key, std::string_view row) { return merge.below(key, row); }));
    merge.rest();
    return {};
  }

 private:
  // The rows above are few; they are put between those below as these come by.
  struct Merge {
    std::vector<std::pair<std::string, std::string>> rows;
    bool backwards;
    std::size_t left;
    const OnRow& on_row;
    std::size_t next = 0;
    bool ended = false;

    bool give(std::string_view key, std::string_view row) {
      ended = !on_row(key, row) || --left == 0;
      return !ended;
    }
    bool give_above() {
      const auto& [key, row] = rows[next++];
      return !is_there(row) || give(key, std::string_view(row).substr(1));
    }
    bool is_before(std::string_view one, std::string_view other) const {
      return backwards ? other < one : one < other;
    }
    bool below(std::string_view key, std::string_view row) {
      while (next < rows.size() && is_before(rows[next].first, key)) {
        if (!give_above()) return false;
      }
      if (next < rows.size() && rows[next].first == key) return give_above();
      return give(key, row);
    }
    void rest() {
      while (!ended && next < rows.size()) give_above();
    }
  };

  const std::unique_ptr<ViewReader> above_;
  const std::shared_ptr<const ViewReader> below_;
};

class OverlayKeyspace final : public ViewKeyspace {
 public:
  explicit OverlayKeyspace(std::shared_ptr<const ViewReader> below) : below_(std::move(below)) {}

  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<OverlayReader>(above_->snapshot(), below_);
  }
  Position position() const override { return std::max(above_->position(), below_->position()); }
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    std::vector<RowChange> marked;
    marked.reserve(changes.size());
    for (const RowChange& change : changes)
      marked.push_back(
          {change.key, change.value ? kThere + *change.value : std::string(1, kErased)});
    return above_->commit(marked, position);
  }
  std::unique_ptr<ViewReader> rows_at(Position /*position*/) const override {
    return make_memory_keyspace()->snapshot();
  }
  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& /*ranges*/) const override {
    return std::vector<PastStep>{};
  }

 private:
  const std::shared_ptr<const ViewReader> below_;
  const std::unique_ptr<ViewKeyspace> above_ = make_memory_keyspace();
};

}  // namespace

std::unique_ptr<ViewKeyspace> make_overlay_keyspace(std::shared_ptr<const ViewReader> below) {
  return std::make_unique<OverlayKeyspace>(std::move(below));
}

}  // namespace factum::projections
