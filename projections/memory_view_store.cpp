#include "projections/memory_view_store.hpp"

#include "core/base/contract.hpp"

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
    auto first = rows_.lower_bound(range.from);
    auto last = range.to.empty() ? rows_.end() : rows_.lower_bound(range.to);
    if (!range.to.empty() && range.to <= range.from) return;
    std::size_t left = range.limit;
    const auto visit = [&](const auto& row) {
      const auto value = at(row.second, sequence);
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

  void commit(const std::vector<RowChange>& changes, Position position) {
    const std::lock_guard lock(mutex_);
    ++sequence_;
    const std::uint64_t oldest = snapshots_.empty() ? sequence_ : *snapshots_.begin();
    for (const RowChange& change : changes) {
      auto& versions = rows_[change.key];
      while (versions.size() > 1 && versions[1].first <= oldest) versions.erase(versions.begin());
      versions.emplace_back(sequence_, change.value);
    }
    position_ = position;
  }

 private:
  using Versions = std::vector<std::pair<std::uint64_t, std::optional<std::string>>>;

  static std::optional<std::string> at(const Versions& versions, std::uint64_t sequence) {
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      if (version->first <= sequence) return version->second;
    }
    return std::nullopt;
  }

  mutable std::recursive_mutex mutex_;  // a scan's callback may read other rows
  std::map<std::string, Versions, std::less<>> rows_;
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

class MemoryKeyspace final : public ViewKeyspace {
 public:
  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<MemoryReader>(rows_);
  }
  Position position() const override { return rows_->position(); }
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    rows_->commit(changes, position);
    return {};
  }

 private:
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();
};

class MemoryGenerationStore final : public GenerationStore {
 public:
  std::vector<Generation> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Generation> all;
    for (const auto& [generation, keyspace] : keyspaces_) all.push_back(generation);
    return all;
  }
  Result<std::shared_ptr<ViewKeyspace>> open(const Generation& generation) override {
    const std::lock_guard lock(mutex_);
    auto& keyspace = keyspaces_[generation];
    if (!keyspace) keyspace = std::make_shared<MemoryKeyspace>();
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
  Status flush(bool /*wait*/) override { return {}; }

 private:
  mutable std::mutex mutex_;
  std::map<Generation, std::shared_ptr<ViewKeyspace>> keyspaces_;
  std::map<std::string, Generation> live_;
  Uuid log_id_;
};

}  // namespace

std::unique_ptr<ViewKeyspace> make_memory_keyspace() { return std::make_unique<MemoryKeyspace>(); }

std::unique_ptr<GenerationStore> make_memory_generation_store() {
  return std::make_unique<MemoryGenerationStore>();
}

}  // namespace factum::projections
