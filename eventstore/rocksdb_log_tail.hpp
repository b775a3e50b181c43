// The end of the log: decides appends one after the other and turns them into durable batches.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/claim_format.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/prepared_append.hpp"
#include "eventstore/recent_events.hpp"
#include "eventstore/rocksdb_database.hpp"
#include "eventstore/type_dictionary.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace factum {

/// An append on its way to the sequencer.
struct PendingAppend {
  PreparedAppend append;
  EventStore::OnAppended on_done;
  Position checked_through;  ///< the condition was checked against the disk up to here
  Position known_conflict;   ///< and this is the newest match found there, 0 if none
};

/// A decided append: what to answer once the batch is durable.
struct Answer {
  EventStore::OnAppended on_done;
  Result<AppendResult> result;
  std::size_t bytes = 0;  ///< what it took in the queue
};

/// What a batch changes besides events, visible to later decisions before it is on disk.
struct BatchEffects {
  std::unordered_map<std::string, std::optional<ClaimRecord>> claims;
  std::unordered_map<std::string, StoredOutcome> outcomes;
};

/// Appends that become durable together.
class AppendBatch {
 public:
  /// A batch is full from here on; one append is never split.
  static constexpr std::size_t kEventsMax = EventLimits::kEventsPerAppendMax;
  static constexpr std::size_t kBytesMax = std::size_t{8} << 20;

  AppendBatch();
  ~AppendBatch();
  AppendBatch(const AppendBatch&) = delete;
  AppendBatch& operator=(const AppendBatch&) = delete;

  bool empty() const { return answers.empty(); }
  /// True when `append` must wait for the next batch.
  bool is_full_for(const PreparedAppend& append) const {
    return !empty() && (events + append.events.size() > kEventsMax || bytes >= kBytesMax ||
                        answers.size() >= kEventsMax);
  }

  std::vector<Answer> answers;
  Position last;  ///< head once the batch is durable
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::unique_ptr<rocksdb::WriteBatch> writes;
  std::shared_ptr<BatchEffects> effects;
};

/// Thread rule: one thread at a time, except `recent_floor` and `write`.
class LogTail {
 public:
  /// All references must outlive the tail.
  LogTail(const DatabaseHolder& database, TypeDictionary& types, const EventStoreOptions& options)
      : database_(database), types_(types), options_(options) {}

  /// Derives everything from the disk: head, last recorded time, types, tree; forgets batches in
  /// flight. Gives the head. Errors: corrupt, io_error.
  Result<Position> load();

  /// Starts a batch; its decisions see the batch before it, which may still be in flight.
  std::unique_ptr<AppendBatch> begin();

  /// Decides one append against the log, the batch in flight and the batch itself, and adds what it
  /// writes and what to answer. A refused append changes nothing for the others.
  void decide(AppendBatch& batch, PendingAppend pending);

  /// Makes the batch durable. Errors: io_error, corrupt; then it may or may not be on disk.
  Status write(AppendBatch& batch) const;

  Position recent_floor() const { return recent_.floor(); }
  /// Why the log can be read but not added to: its tree cannot go on behind damage. Safe from any
  /// thread.
  Status writable() const;

 private:
  Result<AppendResult> try_append(const Database& database, AppendBatch& batch,
                                  PendingAppend& pending);
  Result<std::optional<StoredOutcome>> find_outcome(const Database& database,
                                                    const AppendBatch& batch,
                                                    const Digest& key) const;
  Result<std::optional<ClaimRecord>> find_claim(const Database& database, const AppendBatch& batch,
                                                const std::string& key) const;
  Status check_condition(const Database& database, const PendingAppend& pending) const;
  Result<std::vector<std::uint16_t>> codes_of(const Database& database, AppendBatch& batch,
                                              const std::vector<PreparedEvent>& events);
  void write_events(const Database& database, AppendBatch& batch,
                    std::vector<PreparedEvent>& events, const std::vector<std::uint16_t>& codes);
  void write_claims(const Database& database, AppendBatch& batch, ClaimChanges&& changes,
                    Position last);

  const DatabaseHolder& database_;
  TypeDictionary& types_;
  const EventStoreOptions& options_;
  RecentEvents recent_;
  FencedKeys fenced_;
  TreeEdge tree_;
  std::atomic<std::uint64_t> damaged_at_{0};  // 0 = the tree is whole
  std::uint64_t last_ = 0;
  Timestamp recorded_at_;
  std::shared_ptr<const BatchEffects> in_flight_ = std::make_shared<BatchEffects>();
  std::shared_ptr<const BatchEffects> newest_effects_ = in_flight_;
};

}  // namespace factum
