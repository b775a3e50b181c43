#include "eventstore/memory_event_store.hpp"

#include "eventstore/claim_format.hpp"
#include "eventstore/log_subscription.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/prepared_append.hpp"
#include "eventstore/record_format.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace factum {
namespace {

using Positions = std::vector<std::uint64_t>;

// What subscriptions may outlive: the events and their index.
class MemoryLog {
 public:
  Result<std::vector<RecordedEvent>> read(const Query& query, const ReadOptions& options) const {
    FACTUM_CHECK(check_query(query));
    const std::shared_lock lock(mutex);
    const std::uint64_t to = std::min<std::uint64_t>(options.to.value(), events.size());
    std::vector<RecordedEvent> found;
    walk(query, std::max<std::uint64_t>(options.from.value(), 1), to, options.backwards,
         [&](const RecordedEvent& event) {
           if (found.size() >= options.limit) return false;
           found.push_back(event);
           if (!options.with_slots) {
             for (auto& ciphertext : found.back().ciphertexts) ciphertext.reset();
           }
           return true;
         });
    return found;
  }

  // The events are handed over when the mutex is free again, because `take` may last.
  Status visit(const Query& query, const ReadOptions& options, const TakeEvent& take) const {
    FACTUM_TRY(auto found, read(query, options));
    for (RecordedEvent& event : found) {
      if (!take(event)) break;
    }
    return {};
  }

  // The newest match beyond `after`, 0 if none. The mutex is held.
  Position newest_match(const Query& query, Position after) const {
    Position newest;
    if (after.value() >= events.size()) return newest;
    walk(query, after.value() + 1, events.size(), true, [&](const RecordedEvent& event) {
      newest = event.position;
      return false;
    });
    return newest;
  }

  void add(RecordedEvent event) {
    for (const std::string& tag : event.record.tags) by_tag[tag].push_back(event.position.value());
    events.push_back(std::move(event));
  }

  mutable std::shared_mutex mutex;
  std::vector<RecordedEvent> events;                  // guarded by mutex
  std::unordered_map<std::string, Positions> by_tag;  // guarded by mutex

 private:
  // Calls `take` for matches in [from, to], in order, until it gives false. The mutex is held.
  template <class Take>
  void walk(const Query& query, std::uint64_t from, std::uint64_t to, bool backwards,
            Take take) const {
    if (from > to) return;
    const bool tagged =
        !query.matches_all() && std::all_of(query.items.begin(), query.items.end(),
                                            [](const QueryItem& i) { return !i.tags.empty(); });
    const auto offer = [&](std::uint64_t position) {
      const RecordedEvent& event = events[position - 1];
      return !query.matches(event.record) || take(event);
    };
    if (tagged) {
      Positions candidates = candidates_of(query, from, to);
      if (backwards) std::reverse(candidates.begin(), candidates.end());
      static_cast<void>(std::all_of(candidates.begin(), candidates.end(), offer));
      return;
    }
    for (std::uint64_t i = 0; i <= to - from; ++i) {
      if (!offer(backwards ? to - i : from + i)) return;
    }
  }

  Positions candidates_of(const Query& query, std::uint64_t from, std::uint64_t to) const {
    Positions all;
    for (const QueryItem& item : query.items) {
      const Positions* rarest = nullptr;
      for (const std::string& tag : item.tags) {
        const auto found = by_tag.find(tag);
        static const Positions kNone;
        const Positions& list = found == by_tag.end() ? kNone : found->second;
        if (rarest == nullptr || list.size() < rarest->size()) rarest = &list;
      }
      const auto begin = std::lower_bound(rarest->begin(), rarest->end(), from);
      const auto end = std::upper_bound(begin, rarest->end(), to);
      all.insert(all.end(), begin, end);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }
};

class MemoryEventStore final : public EventStore {
 public:
  MemoryEventStore(Clock& clock, Uuid log_id) : clock_(clock), log_id_(log_id) {}
  ~MemoryEventStore() override { signal_->close(); }

  void append(AppendRequest request, OnAppended on_done) override {
    auto prepared = prepare_append(std::move(request));
    if (!prepared) return on_done(fail(std::move(prepared).error()));
    on_done(commit(std::move(*prepared)));
  }

  Status visit(const Query& query, const ReadOptions& options,
               const TakeEvent& take) const override {
    return log_->visit(query, options, take);
  }

  Result<std::unique_ptr<Subscription>> subscribe(Query query, Position after) const override {
    FACTUM_CHECK(check_query(query));
    return make_log_subscription(
        std::move(query), after,
        [log = log_](const Query& q, const ReadOptions& o, const TakeEvent& take) {
          return log->visit(q, o, take);
        },
        signal_);
  }

  Position head() const override { return signal_->head(); }

  Result<Position> position_at(Timestamp instant) const override {
    const std::shared_lock lock(log_->mutex);
    const auto after = std::upper_bound(
        log_->events.begin(), log_->events.end(), instant,
        [](Timestamp limit, const RecordedEvent& event) { return limit < event.recorded_at; });
    return Position(static_cast<std::uint64_t>(after - log_->events.begin()));
  }

  Result<std::optional<ClaimRecord>> find_claim(std::string_view space,
                                                const Digest& key) const override {
    const std::shared_lock lock(log_->mutex);
    return present_claim(claim_key(space, key));
  }

  Result<std::optional<StoredOutcome>> find_outcome(const Digest& key) const override {
    const std::shared_lock lock(log_->mutex);
    const auto found = outcomes_.find(key);
    return found == outcomes_.end() ? std::nullopt : std::optional(found->second);
  }

  Result<std::vector<Digest>> tree_row(std::uint8_t row, std::uint64_t first,
                                       std::size_t count) const override {
    const std::shared_lock lock(log_->mutex);
    if (row >= rows_.size() || count > rows_[row].size() || first > rows_[row].size() - count)
      return fail(ErrorCode::not_found, "the tree does not reach so far yet");
    const auto begin = rows_[row].begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<Digest>(begin, begin + static_cast<std::ptrdiff_t>(count));
  }

  Result<ErasedRows> erase(const ErasedSubjects& erased, const WorkWatch& /*watch*/) override {
    const std::unique_lock lock(log_->mutex);
    FACTUM_CHECK(check_fenced(erased, fenced_));
    const std::unordered_set<Uuid> keys(erased.keys.begin(), erased.keys.end());
    const std::unordered_set<std::string> holders(erased.holders.begin(), erased.holders.end());
    ErasedRows rows;
    for (RecordedEvent& event : log_->events) {
      for (std::size_t i = 0; i < event.ciphertexts.size(); ++i) {
        const Uuid& key = event.record.slots[i].key_id;
        if (!keys.contains(key)) continue;
        event.ciphertexts[i].reset();
        ++rows.ciphertexts[key];
      }
    }
    rows.claims = std::erase_if(
        claims_, [&](const auto& claim) { return holders.contains(claim.second.holder); });
    return rows;
  }

  Result<FencedKeys> fenced_keys() const override {
    const std::shared_lock lock(log_->mutex);
    return fenced_;
  }

  Uuid log_id() const override { return log_id_; }
  StoreHealth health() const override { return {}; }

 private:
  Result<AppendResult> commit(PreparedAppend request) {
    const std::unique_lock lock(log_->mutex);
    if (request.idempotency) {
      const auto known = outcomes_.find(request.idempotency->key);
      if (known != outcomes_.end()) return replay(known->second, *request.idempotency);
    }
    FACTUM_CHECK(check_fence(request, fenced_));
    if (request.condition) {
      const Position newest =
          log_->newest_match(request.condition->fail_if_events_match, request.condition->after);
      if (newest.value() != 0) return fail(condition_failed_at(newest));
    }
    const Position first(log_->events.size() + 1);
    const Position last(log_->events.size() + request.events.size());
    FACTUM_TRY(ClaimChanges changes,
               decide_claims(request.claims, last,
                             [this](const std::string& key) -> Result<std::optional<ClaimRecord>> {
                               return present_claim(key);
                             }));
    FACTUM_CHECK(record(std::move(request.events)));
    apply(std::move(changes));
    for (const Uuid& key : request.fenced_keys) fenced_.emplace(key, last);
    AppendResult result{first, last, false, {}};
    if (request.idempotency) {
      result.outcome = request.idempotency->outcome;
      outcomes_[request.idempotency->key] = {request.idempotency->request, first, last,
                                             result.outcome};
    }
    signal_->publish(last);
    return result;
  }

  Status record(std::vector<PreparedEvent> events) {
    const Timestamp last = log_->events.empty() ? Timestamp(0) : log_->events.back().recorded_at;
    const Timestamp now = std::max(clock_.now(), last);
    for (PreparedEvent& event : events) {
      set_recorded_at(event.stored, now);
      const Position position(log_->events.size() + 1);
      FACTUM_TRY(RecordedEvent recorded, decode_stored(position, event.stored));
      for (std::size_t i = 0; i < event.ciphertexts.size(); ++i)
        recorded.ciphertexts[i] = std::move(event.ciphertexts[i]);
      add_leaf(leaf_hash(tree_entry(position, now, recorded.event_hash)));
      log_->add(std::move(recorded));
    }
    return {};
  }

  void add_leaf(const Digest& leaf) {
    rows_[0].push_back(leaf);
    tree_.add(leaf, [this](const TreeNode& node, const std::vector<Digest>& /*below*/) {
      rows_[node.row].push_back(node.hash);
    });
  }

  void apply(ClaimChanges&& changes) {
    for (auto& [key, change] : changes) {
      if (change.after) {
        claims_[key] = std::move(*change.after);
      } else {
        claims_.erase(key);
      }
    }
  }

  std::optional<ClaimRecord> present_claim(const std::string& key) const {
    const auto found = claims_.find(key);
    return found == claims_.end() ? std::nullopt : std::optional(found->second);
  }

  // Constant after construction; what they point to locks itself.
  Clock& clock_;
  const Uuid log_id_;
  const std::shared_ptr<MemoryLog> log_ = std::make_shared<MemoryLog>();
  const std::shared_ptr<HeadSignal> signal_ = std::make_shared<HeadSignal>();
  // Guarded by the mutex of log_.
  TreeEdge tree_;
  std::array<std::vector<Digest>, kTreeRows> rows_;
  // Guarded by log_->mutex.
  std::unordered_map<std::string, ClaimRecord> claims_;
  std::map<Digest, StoredOutcome> outcomes_;
  FencedKeys fenced_;
};

}  // namespace

std::unique_ptr<EventStore> make_memory_event_store(Clock& clock, Uuid log_id) {
  return std::make_unique<MemoryEventStore>(clock, log_id);
}

}  // namespace factum
