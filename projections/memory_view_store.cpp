#include "projections/memory_view_store.hpp"

#include "core/base/contract.hpp"
#include "projections/past_key.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace factum::projections {
namespace {

// Rows with their past values, as long as a snapshot may ask for them.
class Rows {
 public:
  std::pair<std::uint64_t, Position> open_snapshot() {
    const std::lock_guard lock(mutex_);
    snapshots_.insert(sequence_);
    return {sequence_, position_};
  }
  void close_snapshot(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    snapshots_.erase(snapshots_.find(sequence));
  }
  Position position() const {
    const std::lock_guard lock(mutex_);
    return position_;
  }

  std::optional<std::string> get(std::string_view key, std::uint64_t sequence) const {
    const std::lock_guard lock(mutex_);
    const auto row = rows_.find(key);
    return row == rows_.end() ? std::nullopt : at(row->second, sequence);
  }

  void scan(const RowRange& range, std::uint64_t sequence, const ViewReader::OnRow& on_row) const {
    const std::lock_guard lock(mutex_);
    scan_map(rows_, range, on_row, [&](const Versions& row) { return at(row, sequence); });
  }

  // Keeps what rows of these tables are like at each step.
  void keep_past(const std::string& tables, std::uint64_t step) {
    past_tables_ = tables;
    step_ = step;
  }
  bool keeps_past() const { return !past_tables_.empty(); }
  std::uint64_t step() const { return step_; }

  std::optional<std::string> get_past(std::string_view key, std::uint64_t steps) const {
    const std::lock_guard lock(mutex_);
    const auto row = past_.find(key);
    return row == past_.end() ? std::nullopt : before(row->second, steps);
  }
  std::set<std::uint64_t> steps_of(const RowRange& range) const {
    const std::lock_guard lock(mutex_);
    std::set<std::uint64_t> steps;
    for (auto row = past_.lower_bound(range.from); row != past_.end(); ++row) {
      if (!range.to.empty() && row->first >= range.to) break;
      for (const auto& [step, value] : row->second) steps.insert(step);
    }
    return steps;
  }
  void scan_past(const RowRange& range, std::uint64_t steps,
                 const ViewReader::OnRow& on_row) const {
    const std::lock_guard lock(mutex_);
    scan_map(past_, range, on_row, [&](const Past& row) { return before(row, steps); });
  }

  void commit(const std::vector<RowChange>& changes, Position position) {
    const std::lock_guard lock(mutex_);
    ++sequence_;
    const std::uint64_t oldest = snapshots_.empty() ? sequence_ : *snapshots_.begin();
    for (const RowChange& change : changes) {
      auto& versions = rows_[change.key];
      while (versions.size() > 1 && versions[1].first <= oldest) versions.erase(versions.begin());
      versions.emplace_back(sequence_, change.value);
      if (past_tables_ == "*" || past_tables_.find(change.key.front()) != std::string::npos)
        past_[change.key][(position.value() - 1) / step_] = change.value;
    }
    position_ = position;
  }

 private:
  using Versions = std::vector<std::pair<std::uint64_t, std::optional<std::string>>>;

  using Past = std::map<std::uint64_t, std::optional<std::string>>;

  static std::optional<std::string> before(const Past& past, std::uint64_t steps) {
    const auto later = past.lower_bound(steps);
    return later == past.begin() ? std::nullopt : std::prev(later)->second;
  }

  template <class Map, class RowAt>
  static void scan_map(const Map& rows, const RowRange& range, const ViewReader::OnRow& on_row,
                       const RowAt& row_at) {
    if (!range.to.empty() && range.to <= range.from) return;
    auto first = rows.lower_bound(range.from);
    auto last = range.to.empty() ? rows.end() : rows.lower_bound(range.to);
    std::size_t left = range.limit;
    const auto visit = [&](const auto& row) {
      const auto value = row_at(row.second);
      if (!value) return true;
      --left;
      return on_row(row.first, *value);
    };
    if (range.backwards) {
      while (left > 0 && last != first) {
        --last;
        if (!visit(*last)) return;
      }
    } else {
      for (; left > 0 && first != last; ++first) {
        if (!visit(*first)) return;
      }
    }
  }

  static std::optional<std::string> at(const Versions& versions, std::uint64_t sequence) {
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      if (version->first <= sequence) return version->second;
    }
    return std::nullopt;
  }

  mutable std::recursive_mutex mutex_;  // a scan's callback may read other rows
  std::map<std::string, Versions, std::less<>> rows_;
  std::map<std::string, Past, std::less<>> past_;
  std::string past_tables_;
  std::uint64_t step_ = kPastStep;
  std::multiset<std::uint64_t> snapshots_;
  std::uint64_t sequence_ = 0;
  Position position_;
};

class MemoryReader final : public ViewReader {
 public:
  explicit MemoryReader(std::shared_ptr<Rows> rows) : rows_(std::move(rows)) {
    std::tie(sequence_, position_) = rows_->open_snapshot();
  }
  ~MemoryReader() override { rows_->close_snapshot(sequence_); }
  MemoryReader(const MemoryReader&) = delete;
  MemoryReader& operator=(const MemoryReader&) = delete;

  Position position() const override { return position_; }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    return rows_->get(key, sequence_);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    rows_->scan(range, sequence_, on_row);
    return {};
  }

 private:
  std::shared_ptr<Rows> rows_;
  std::uint64_t sequence_ = 0;
  Position position_;
};

class MemoryPastReader final : public ViewReader {
 public:
  MemoryPastReader(std::shared_ptr<const Rows> rows, std::uint64_t steps)
      : rows_(std::move(rows)), steps_(steps) {}

  Position position() const override { return Position(steps_ * rows_->step()); }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    return rows_->get_past(key, steps_);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    rows_->scan_past(range, steps_, on_row);
    return {};
  }

 private:
  const std::shared_ptr<const Rows> rows_;
  const std::uint64_t steps_;
};

class MemoryKeyspace final : public ViewKeyspace {
 public:
  MemoryKeyspace() = default;
  MemoryKeyspace(const std::string& past_tables, std::uint64_t past_step) {
    rows_->keep_past(past_tables, past_step);
  }

  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<MemoryReader>(rows_);
  }
  Position position() const override { return rows_->position(); }
  Position commit_limit() const override {
    if (!rows_->keeps_past()) return Position(UINT64_MAX);
    return Position((position().value() / rows_->step() + 1) * rows_->step());
  }
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    FACTUM_ASSERT(changes.empty() || position <= commit_limit());
    rows_->commit(changes, position);
    return {};
  }
  std::unique_ptr<ViewReader> rows_at(Position at) const override {
    const std::uint64_t last = std::min(at, position()).value();
    return std::make_unique<MemoryPastReader>(rows_,
                                              rows_->keeps_past() ? last / rows_->step() : 0);
  }
  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& ranges) const override {
    std::set<std::uint64_t> steps;
    for (const RowRange& range : ranges) steps.merge(rows_->steps_of(range));
    return past_steps(steps, rows_->step());
  }

 private:
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();
};

class MemoryGenerationStore final : public GenerationStore {
 public:
  explicit MemoryGenerationStore(std::uint64_t past_step) : past_step_(past_step) {}

  std::vector<Generation> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Generation> all;
    for (const auto& [generation, keyspace] : keyspaces_) all.push_back(generation);
    return all;
  }
  Result<std::shared_ptr<ViewKeyspace>> open(const Generation& generation,
                                             const std::string& past_tables) override {
    const std::lock_guard lock(mutex_);
    auto& keyspace = keyspaces_[generation];
    if (!keyspace) keyspace = std::make_shared<MemoryKeyspace>(past_tables, past_step_);
    return keyspace;
  }
  Status drop(const Generation& generation) override {
    const std::lock_guard lock(mutex_);
    keyspaces_.erase(generation);
    return {};
  }
  std::optional<Generation> live(const std::string& projection) const override {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(projection);
    return found == live_.end() ? std::nullopt : std::optional(found->second);
  }
  Status set_live(const Generation& generation) override {
    const std::lock_guard lock(mutex_);
    live_[generation.projection] = generation;
    return {};
  }
  Result<bool> bind_to(const Uuid& log_id) override {
    const std::lock_guard lock(mutex_);
    const bool other = !log_id_.is_nil() && log_id_ != log_id;
    log_id_ = log_id;
    if (other) {
      keyspaces_.clear();
      live_.clear();
    }
    return other;
  }
  Result<std::shared_ptr<ViewKeyspace>> open_build(const Generation& generation,
                                                   const std::string& past_tables) override {
    return open(generation, past_tables);
  }
  Status settle(const Generation& /*generation*/, Settling& settling) override {
    if (settling.cancelled) return fail(ErrorCode::unavailable, "the build was stopped");
    return {};
  }
  void cancel(Settling& settling) override { settling.cancelled = true; }
  std::uint64_t unsettled_rows(const Generation& /*generation*/) const override { return 0; }

  Status purge() override { return {}; }
  Status flush(bool /*wait*/) override { return {}; }

 private:
  const std::uint64_t past_step_;
  mutable std::mutex mutex_;
  std::map<Generation, std::shared_ptr<ViewKeyspace>> keyspaces_;
  std::map<std::string, Generation> live_;
  Uuid log_id_;
};

}  // namespace

std::unique_ptr<ViewKeyspace> make_memory_keyspace() { return std::make_unique<MemoryKeyspace>(); }

std::unique_ptr<GenerationStore> make_memory_generation_store(std::uint64_t past_step) {
  return std::make_unique<MemoryGenerationStore>(past_step);
}

}  // namespace factum::projections
