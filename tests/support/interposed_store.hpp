// An event store that lets a test act at the worst moment: between deciding and appending.
#pragma once

#include "core/es/event_store.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace factum::test {

/// Passes everything on to another store. Not for several threads.
class InterposedStore : public EventStore {
 public:
  /// `inner` must outlive it.
  explicit InterposedStore(EventStore& inner) : inner_(inner) {}

  /// Runs before an append is passed on; appends made inside are passed on as they are.
  std::function<void()> before_append;
  /// If set, appends are answered with it and go nowhere.
  std::optional<ErrorCode> refuse_with;
  int appends = 0;

  void append(AppendRequest request, OnAppended on_done) override {
    ++appends;
    if (auto hook = std::exchange(before_append, nullptr)) {
      hook();
      if (!before_append) before_append = std::move(hook);
    }
    if (refuse_with) return on_done(fail(*refuse_with, "as the test wishes"));
    pass_on(std::move(request), std::move(on_done));
  }
  Status visit(const Query& query, const ReadOptions& options,
               const TakeEvent& take) const override {
    return inner_.visit(query, options, take);
  }
  Result<std::unique_ptr<Subscription>> subscribe(Query query, Position after) const override {
    return inner_.subscribe(std::move(query), after);
  }
  Position head() const override { return inner_.head(); }
  Result<Position> position_at(Timestamp instant) const override {
    return inner_.position_at(instant);
  }
  Result<std::optional<ClaimRecord>> find_claim(std::string_view space,
                                                const Digest& key) const override {
    return inner_.find_claim(space, key);
  }
  Result<std::optional<StoredOutcome>> find_outcome(const Digest& key) const override {
    return inner_.find_outcome(key);
  }
  Result<std::vector<Digest>> tree_row(std::uint8_t row, std::uint64_t first,
                                       std::size_t count) const override {
    return inner_.tree_row(row, first, count);
  }
  Result<ErasedRows> erase(const ErasedSubjects& erased, const WorkWatch& watch) override {
    return inner_.erase(erased, watch);
  }
  Result<std::unordered_map<Uuid, Position>> fenced_keys() const override {
    return inner_.fenced_keys();
  }
  Uuid log_id() const override { return inner_.log_id(); }
  StoreHealth health() const override { return inner_.health(); }

 protected:
  void pass_on(AppendRequest request, OnAppended on_done) {
    inner_.append(std::move(request), std::move(on_done));
  }

 private:
  EventStore& inner_;
};

}  // namespace factum::test
