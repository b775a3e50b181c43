// The port of the log: what an event is before and after it is recorded, queries, conditions,
// claims, appends.
//
// The vocabulary follows the Dynamic Consistency Boundary specification (dcb.events). Nothing above
// this port may assume that the log is local.
#pragma once

#include "core/base/result.hpp"
#include "core/base/strong_type.hpp"
#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/base/work_watch.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace factum {

/// An event's place in the log: 1, 2, 3 …, no gaps. 0 is before the first event.
using Position = StrongType<struct PositionTag, std::uint64_t>;
/// A 32-byte digest: SHA-256 or HMAC-SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// Where an event came from. Values are on disk: never change them.
enum class Source : std::uint8_t { api = 1, import = 2, rule = 3, system = 4 };

/// Limits of one event and one append.
struct EventLimits {
  static constexpr std::size_t kEventBytesMax = std::size_t{1}
                                                << 20;  ///< clear data and slots together
  static constexpr std::size_t kTagsMax = 32;
  static constexpr std::size_t kTagBytesMax = 255;
  static constexpr std::size_t kSlotsMax = 64;
  static constexpr std::size_t kEventsPerAppendMax = 4096;
};

/// The hashed description of one sealed part of an event; the ciphertext itself stays outside the
/// hash.
struct SlotHeader {
  std::string name;  ///< "<owner field>.<class>", e.g. "customer.personal"; unique in its event
  Uuid key_id;
  std::uint16_t generation = 1;
  Digest ciphertext_hash{};  ///< SHA-256 of the ciphertext bytes
  std::uint32_t padded_bytes = 0;

  friend bool operator==(const SlotHeader&, const SlotHeader&) = default;
};

/// Everything `event_hash` covers: what was decided, by whom, when in the world; neither position
/// nor recorded time.
struct EventRecord {
  Uuid event_id;
  std::string type;  ///< "DealWon"
  std::uint16_t schema = 1;
  std::vector<std::string> tags;  ///< 1 to 32, "kind:id", sorted, no duplicates
  std::string data;               ///< clear data: RFC 8785 canonical JSON object
  std::string actor;              ///< "user:0198…", "import", "system"; opaque, never a name
  std::string on_behalf_of;       ///< empty = nobody
  Source source = Source::api;
  Uuid correlation_id;
  Uuid causation_id;                     ///< nil = nothing caused it
  std::optional<Timestamp> occurred_at;  ///< absent = undated
  std::vector<SlotHeader> slots;
  std::vector<std::string>
      broken_rules;  ///< rules an imported fact breaks; empty for every other source

  friend bool operator==(const EventRecord&, const EventRecord&) = default;
};

/// An event that is to be appended: the record and, in the order of `record.slots`, the
/// ciphertexts.
struct NewEvent {
  EventRecord record;
  std::vector<std::string> ciphertexts;
};

/// An event as the log holds it. `ciphertexts[i]` is absent when it was erased or when the read
/// left slots out.
struct RecordedEvent {
  Position position;
  Timestamp recorded_at;
  Digest event_hash{};
  EventRecord record;
  std::vector<std::optional<std::string>> ciphertexts;
};

/// Any of `types` (empty = every type) AND all of `tags` (empty = every event).
struct QueryItem {
  std::vector<std::string> types;
  std::vector<std::string> tags;
};

/// Items joined by OR; no items = every event.
struct Query {
  std::vector<QueryItem> items;

  bool matches_all() const { return items.empty(); }
  bool matches(const EventRecord& record) const;
};

/// The optimistic lock of a decision: refuse if an event matches `fail_if_events_match` at a
/// position > `after`.
struct AppendCondition {
  Query fail_if_events_match;
  Position after;
};

/// A value that must be unique in its namespace, taken, moved or released together with an append.
/// The value itself is never stored: `key` is a keyed digest. `holder` is the tag of the entity
/// that owns it.
struct Claim {
  enum class Action : std::uint8_t {
    take,     ///< fails with claim_taken if another holder has it; taking one's own again is fine
    move,     ///< gives it to `holder`, whoever had it; fails with claim_taken if nobody had it
    release,  ///< `holder` gives it up; releasing what one does not hold does nothing
  };
  std::string space;  ///< namespace, e.g. "customer.email"; not secret
  Digest key{};
  Action action = Action::take;
  std::string holder;   ///< "customer:0198…"
  std::string payload;  ///< opaque bytes kept with the claim, replaced by a take of the same
                        ///< holder; at most 16 KiB
};

struct ClaimRecord {
  std::string holder;
  std::string payload;
  Position position;  ///< last event of the append that set it
};

/// Remembers an append under a client's key. `outcome` is opaque to the store and given back on a
/// retry.
struct Idempotency {
  Digest key{};      ///< HMAC of the client's key
  Digest request{};  ///< HMAC of the canonical request
  std::string outcome;
};

struct AppendRequest {
  std::vector<NewEvent>
      events;  ///< 1 to kEventsPerAppendMax, recorded together and in this order, or not at all
  std::optional<AppendCondition> condition;
  std::vector<Claim> claims;
  std::optional<Idempotency> idempotency;
  /// Keys of data under which nothing is recorded from here on, by this append neither: the fence
  /// of an erasure.
  std::vector<Uuid> fenced_keys = {};
};

struct AppendResult {
  Position first;
  Position last;
  bool replayed =
      false;            ///< the idempotency key was known; positions are those of the first append
  std::string outcome;  ///< the stored outcome (of the first append if replayed)
};

/// What the log remembers of an idempotent append.
struct StoredOutcome {
  Digest request{};
  Position first;
  Position last;
  std::string outcome;
};

/// Reads positions in [from, to], both included, ascending or (`backwards`) descending from `to`.
struct ReadOptions {
  Position from{1};
  Position to{UINT64_MAX};  ///< beyond the head = up to the head
  bool backwards = false;
  std::size_t limit = 1000;  ///< at most this many events
  bool with_slots = true;  ///< false leaves every ciphertext absent, which saves a lookup per slot
};

/// Takes one event of a visit; false ends the visit. The event may be moved away; what is left of
/// it holds the next one.
using TakeEvent = std::function<bool(RecordedEvent& event)>;
/// Hands the events that match to `take`, one after the other: see EventStore::visit.
using VisitEvents = std::function<Status(const Query&, const ReadOptions&, const TakeEvent& take)>;
/// What a visit gives, as a list. Errors: those of `visit`.
Result<std::vector<RecordedEvent>> collect(const VisitEvents& visit, const Query& query,
                                           const ReadOptions& options);

/// Every event of a query once, in order, past then live. Not thread-safe; one reader per
/// subscription.
class Subscription {
 public:
  virtual ~Subscription() = default;
  /// Up to `limit` next events; waits up to `wait` for the first one. Empty = none came in time, or
  /// stopped. Errors: corrupt, io_error, unavailable once the store is closing.
  virtual Result<std::vector<RecordedEvent>> next(std::size_t limit,
                                                  std::chrono::milliseconds wait) = 0;
  /// The last position this subscription has looked at, matching or not.
  virtual Position position() const = 0;
  /// Wakes a waiting `next` for good. Safe from any thread.
  virtual void stop() = 0;
};

/// What an erasure takes out of the log: the subjects, as holders of claims, and all their keys.
struct ErasedSubjects {
  std::vector<std::string> holders;
  std::vector<Uuid> keys;
};

/// How much of that there was.
struct ErasedRows {
  /// By key: how many there ever were, so that it does not matter how often it was interrupted.
  std::map<Uuid, std::uint64_t> ciphertexts;
  std::uint64_t claims = 0;  ///< removed now, also such as were held in the past
};

/// Whether the log takes writes, and if not, why.
struct StoreHealth {
  bool writable = true;
  std::string reason;  ///< one sentence when not writable
};

/// The log. Thread rule: every method is safe from any thread.
class EventStore {
 public:
  using OnAppended = std::function<void(Result<AppendResult>)>;

  virtual ~EventStore() = default;

  /// Appends atomically and durably; `on_done` runs exactly once, after the events are on disk, on
  /// a thread of the store or, before `append` returns, on the calling one; it must not block.
  /// Encoding, validation and hashing happen on the calling thread. Errors: condition_failed,
  /// claim_taken (both with `position`), erased (a slot is sealed under a fenced key, `position` is
  /// that of the fence), idempotency_mismatch, invalid_argument, limit_exceeded, overloaded (queue
  /// full), outcome_unknown (the write failed half-way), unavailable.
  virtual void append(AppendRequest request, OnAppended on_done) = 0;

  /// Hands the events matching `query` in the given range to `take`, in the order of the range. One
  /// event's memory serves all: two thirds of the CPU of `read`. `take` neither blocks nor
  /// calls this store, which cannot be closed meanwhile. Errors: corrupt (names the position),
  /// io_error; events before the damage have been handed over. Cost: proportional to the index
  /// entries of the rarest tag; a query without tags scans the range.
  virtual Status visit(const Query& query, const ReadOptions& options,
                       const TakeEvent& take) const = 0;

  /// The events that `visit` gives, as a list.
  Result<std::vector<RecordedEvent>> read(const Query& query, const ReadOptions& options) const;

  /// A subscription that starts behind `after`.
  virtual Result<std::unique_ptr<Subscription>> subscribe(Query query, Position after) const = 0;

  /// The last durable position. O(1).
  virtual Position head() const = 0;

  /// The last position recorded at or before `instant`; 0 if none. O(log n) reads.
  virtual Result<Position> position_at(Timestamp instant) const = 0;

  /// Who holds a claim, if anybody.
  virtual Result<std::optional<ClaimRecord>> find_claim(std::string_view space,
                                                        const Digest& key) const = 0;

  /// The outcome kept under an idempotency key, if any.
  virtual Result<std::optional<StoredOutcome>> find_outcome(const Digest& key) const = 0;

  /// Removes the ciphertexts sealed under these keys and the claims of these subjects, for good:
  /// when it succeeds, no file of the log holds them. Records stay, and with them every hash. The
  /// keys are fenced. Gives what it removed; done again it goes on where it was. Appends and reads
  /// go on meanwhile. Errors: unavailable (cancelled, too), corrupt, io_error. Cost: reads
  /// every record and claim, and writes anew the files that hold ciphertexts between the first and
  /// the last.
  virtual Result<ErasedRows> erase(const ErasedSubjects& erased, const WorkWatch& watch) = 0;

  /// Every key that is fenced, and at which position. O(their number).
  virtual Result<std::unordered_map<Uuid, Position>> fenced_keys() const = 0;

  /// Hashes of the Merkle tree over all durable events: row 0 holds the leaves, leaf i that of
  /// position i + 1, and each hash of row n + 1 is the root of 256 hashes of row n; see
  /// docs/transparency.md. Errors: not_found beyond the durable head; corrupt, io_error.
  virtual Result<std::vector<Digest>> tree_row(std::uint8_t row, std::uint64_t first,
                                               std::size_t count) const = 0;

  /// The identity of this log; part of every seal, new after a restore to an earlier point.
  virtual Uuid log_id() const = 0;

  virtual StoreHealth health() const = 0;
};

}  // namespace factum
