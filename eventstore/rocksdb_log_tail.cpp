#include "eventstore/rocksdb_log_tail.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_reader.hpp"
#include "eventstore/rocksdb_tag_index.hpp"
#include "eventstore/rocksdb_tree.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>

namespace factum {
namespace {

// Guards a batch in memory, up to the write buffer, against flipped bits.
constexpr std::size_t kProtectionBytesPerKey = 8;

Error closed() { return {ErrorCode::unavailable, "the log is being opened again", {}, {}, 0}; }

void put(AppendBatch& batch, const Database& database, Family family, std::string_view key,
         std::string_view value) {
  // Only a batch with a size limit can refuse a put, and this one has none.
  static_cast<void>(batch.writes->Put(database.family(family), {key.data(), key.size()},
                                      {value.data(), value.size()}));
}

}  // namespace

AppendBatch::AppendBatch()
    : writes(std::make_unique<rocksdb::WriteBatch>(0, 0, kProtectionBytesPerKey, 0)),
      effects(std::make_shared<BatchEffects>()) {}
AppendBatch::~AppendBatch() = default;

Result<Position> LogTail::load() {
  const DatabaseHolder::Access database(database_);
  if (!database) return fail(closed());
  FACTUM_TRY(const Position head, database->last_position());
  recorded_at_ = Timestamp(0);
  if (head.value() != 0) {
    FACTUM_TRY(recorded_at_, database->recorded_at(head));
  }
  FACTUM_TRY(const auto types, database->load_types());
  types_.reset(types);
  FACTUM_TRY(fenced_, database->load_fenced_keys());
  auto tree = load_tree(*database, head);
  if (!tree && tree.error().code != ErrorCode::corrupt) return fail(std::move(tree).error());
  damaged_at_ = tree ? 0 : std::max<std::uint64_t>(tree.error().position, 1);
  tree_ = tree ? std::move(*tree) : TreeEdge{};
  recent_.reset(head);
  last_ = head.value();
  in_flight_ = std::make_shared<BatchEffects>();
  newest_effects_ = in_flight_;
  return head;
}

Status LogTail::writable() const {
  const std::uint64_t position = damaged_at_;
  if (position == 0) return {};
  return fail(
      ErrorCode::unavailable,
      "the record at position " + std::to_string(position) +
          " is damaged or missing, so nothing is added to the log; reads go on; restore the "
          "log from a backup");
}

std::unique_ptr<AppendBatch> LogTail::begin() {
  auto batch = std::make_unique<AppendBatch>();
  batch->last = Position(last_);
  in_flight_ = std::exchange(newest_effects_, batch->effects);
  return batch;
}

void LogTail::decide(AppendBatch& batch, PendingAppend pending) {
  const std::size_t bytes = pending.append.bytes;
  const DatabaseHolder::Access database(database_);
  auto result =
      database ? try_append(*database, batch, pending) : Result<AppendResult>(fail(closed()));
  batch.answers.push_back({std::move(pending.on_done), std::move(result), bytes});
}

Result<AppendResult> LogTail::try_append(const Database& database, AppendBatch& batch,
                                         PendingAppend& pending) {
  FACTUM_CHECK(writable());
  PreparedAppend& append = pending.append;
  if (append.idempotency) {
    FACTUM_TRY(const auto known, find_outcome(database, batch, append.idempotency->key));
    if (known) return replay(*known, *append.idempotency);
  }
  FACTUM_CHECK(check_fence(append, fenced_));
  FACTUM_CHECK(check_condition(database, pending));
  AppendResult result{Position(last_ + 1), Position(last_ + append.events.size()), false, {}};
  FACTUM_TRY(ClaimChanges changes,
             decide_claims(append.claims, result.last, [&](const std::string& key) {
               return find_claim(database, batch, key);
             }));
  FACTUM_TRY(const auto codes, codes_of(database, batch, append.events));
  write_events(database, batch, append.events, codes);
  write_claims(database, batch, std::move(changes), result.last);
  for (const Uuid& key : append.fenced_keys) {
    if (fenced_.emplace(key, result.last).second)
      put(batch, database, Family::meta, fence_meta_key(key), position_key(result.last));
  }
  if (append.idempotency) {
    result.outcome = append.idempotency->outcome;
    const StoredOutcome outcome{append.idempotency->request, result.first, result.last,
                                result.outcome};
    const std::string key(view(append.idempotency->key));
    put(batch, database, Family::idempotency, key, encode_outcome(outcome));
    batch.effects->outcomes.emplace(key, outcome);
  }
  batch.bytes += append.bytes;
  return result;
}

Result<std::optional<StoredOutcome>> LogTail::find_outcome(const Database& database,
                                                           const AppendBatch& batch,
                                                           const Digest& key) const {
  const std::string bytes(view(key));
  for (const BatchEffects* effects :
       {static_cast<const BatchEffects*>(batch.effects.get()), in_flight_.get()}) {
    const auto found = effects->outcomes.find(bytes);
    if (found != effects->outcomes.end()) return std::optional(found->second);
  }
  FACTUM_TRY(const auto value, database.get(Family::idempotency, bytes));
  if (!value) return std::optional<StoredOutcome>();
  FACTUM_TRY(StoredOutcome outcome, decode_outcome(*value));
  return std::optional(std::move(outcome));
}

Result<std::optional<ClaimRecord>> LogTail::find_claim(const Database& database,
                                                       const AppendBatch& batch,
                                                       const std::string& key) const {
  for (const BatchEffects* effects :
       {static_cast<const BatchEffects*>(batch.effects.get()), in_flight_.get()}) {
    const auto found = effects->claims.find(key);
    if (found != effects->claims.end()) return found->second;
  }
  FACTUM_TRY(const auto value, database.get(Family::claims, key));
  if (!value) return std::optional<ClaimRecord>();
  FACTUM_TRY(ClaimRecord claim, decode_claim(*value));
  return std::optional(std::move(claim));
}

Status LogTail::check_condition(const Database& database, const PendingAppend& pending) const {
  const auto& condition = pending.append.condition;
  if (!condition) return {};
  const ResolvedQuery query = resolve(condition->fail_if_events_match, types_);
  const Position after = std::max(condition->after, pending.checked_through);
  const Position recent = recent_.newest_match(query, after);
  if (recent.value() != 0) return fail(condition_failed_at(recent));
  if (after < recent_.floor()) {
    FACTUM_TRY(const Position older, newest_match(database, query, after, recent_.floor()));
    if (older.value() != 0) return fail(condition_failed_at(older));
  }
  if (pending.known_conflict.value() != 0) return fail(condition_failed_at(pending.known_conflict));
  return {};
}

Result<std::vector<std::uint16_t>> LogTail::codes_of(const Database& database, AppendBatch& batch,
                                                     const std::vector<PreparedEvent>& events) {
  std::vector<std::uint16_t> codes;
  codes.reserve(events.size());
  for (const PreparedEvent& event : events) {
    auto code = types_.find(event.type);
    if (!code) {
      code = types_.add(event.type);
      if (!code) return fail(ErrorCode::limit_exceeded, "a log has at most 65535 event types");
      put(batch, database, Family::meta, type_meta_key(*code), event.type);
    }
    codes.push_back(*code);
  }
  return codes;
}

void LogTail::write_events(const Database& database, AppendBatch& batch,
                           std::vector<PreparedEvent>& events,
                           const std::vector<std::uint16_t>& codes) {
  recorded_at_ = std::max(recorded_at_, options_.clock->now());
  std::string key;
  for (std::size_t i = 0; i < events.size(); ++i) {
    PreparedEvent& event = events[i];
    const Position position(++last_);
    set_recorded_at(event.stored, recorded_at_);
    key = position_key(position);
    put(batch, database, Family::records, key, event.stored);
    key.append(event.stored, 0, kStoredHeaderBytes);
    tree_.add(leaf_hash(key), [&](const TreeNode& node, const std::vector<Digest>& below) {
      store_node(database, node, below, *batch.writes);
    });
    for (std::size_t slot = 0; slot < event.ciphertexts.size(); ++slot)
      put(batch, database, Family::slots, slot_key(position, slot), event.ciphertexts[slot]);
    for (const std::string& tag : event.tags) {
      tag_index_key(tag, codes[i], position, key);
      put(batch, database, Family::tags, key, {});
    }
    recent_.add(codes[i], std::move(event.tags));
  }
  batch.last = Position(last_);
  batch.events += events.size();
}

void LogTail::write_claims(const Database& database, AppendBatch& batch, ClaimChanges&& changes,
                           Position last) {
  for (auto& [key, change] : changes) {
    // Events say who holds what in sealed words only, so going back needs the former rows.
    if (change.replaces()) {
      put(batch, database, Family::claim_history, former_claim_key(key, last),
          encode_claim(*change.before));
    }
    if (change.after) {
      put(batch, database, Family::claims, key, encode_claim(*change.after));
    } else {
      static_cast<void>(batch.writes->Delete(database.family(Family::claims), key));
    }
    batch.effects->claims[key] = std::move(change.after);
  }
}

Status LogTail::write(AppendBatch& batch) const {
  if (batch.writes->Count() == 0) return {};
  const auto fault = options_.faults.on_write ? options_.faults.on_write() : StorageFault::none;
  if (fault == StorageFault::fail_before_write)
    return fail(ErrorCode::io_error, "injected before the write");
  const DatabaseHolder::Access database(database_);
  if (!database) return fail(closed());
  FACTUM_CHECK(database->write_durably(*batch.writes));
  if (fault == StorageFault::fail_after_write)
    return fail(ErrorCode::io_error, "injected after the write");
  return {};
}

}  // namespace factum
