#include "eventstore/rocksdb_event_store.hpp"

#include "eventstore/disk_room.hpp"
#include "eventstore/folder_lock.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/head_signal.hpp"
#include "eventstore/log_subscription.hpp"
#include "eventstore/prepared_append.hpp"
#include "eventstore/rocksdb_erasure.hpp"
#include "eventstore/rocksdb_log_tail.hpp"
#include "eventstore/rocksdb_reader.hpp"
#include "eventstore/rocksdb_tree.hpp"
#include "eventstore/sequencer.hpp"
#include "eventstore/type_dictionary.hpp"
#include "eventstore/wal_check.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <system_error>

namespace factum {
namespace {

tl::unexpected<Error> not_open() {
  return fail(ErrorCode::unavailable, "the log is closed or being opened again");
}

constexpr std::chrono::milliseconds kLookEvery{20};
// Opening writes a little, and RocksDB ends the process if even that fails.
constexpr std::uint64_t kRoomToOpen = std::uint64_t{16} << 20;

// What subscriptions may outlive: the open database and what is needed to read it.
struct LogFiles {
  DatabaseHolder holder;
  TypeDictionary types;
  HeadSignal signal;

  Status visit(const Query& query, ReadOptions options, const TakeEvent& take) const {
    FACTUM_CHECK(check_query(query));
    options.to = std::min(options.to, signal.head());
    const DatabaseHolder::Access database(holder);
    if (!database) return not_open();
    return visit_events(*database, resolve(query, types), options, take);
  }
};

class RocksdbEventStore final : public RocksdbLog {
 public:
  RocksdbEventStore(EventStoreOptions options, std::unique_ptr<FolderLock> lock)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        room_(options_.directory, options_.disk_reserve_bytes),
        tail_(files_->holder, files_->types, options_) {}

  ~RocksdbEventStore() override {
    sequencer_.reset();
    files_->signal.close();
    if (options_.flush_on_close) {
      const DatabaseHolder::Access database(files_->holder);
      if (database)
        ignore_error(database->flush(), "the next start replays what is in the write-ahead log");
    }
    files_->holder.replace(nullptr);
  }

  // Opens for the first time and starts the sequencer.
  Status start() {
    FACTUM_CHECK(open_files());
    sequencer_ =
        std::make_unique<Sequencer>(tail_, files_->signal, options_, [this] { return reopen(); });
    return {};
  }

  void append(AppendRequest request, OnAppended on_done) override {
    auto prepared = prepare_append(std::move(request));
    if (!prepared) return on_done(fail(std::move(prepared).error()));
    PendingAppend pending{std::move(*prepared), std::move(on_done), Position(0), Position(0)};
    if (const auto room = room_.check(); !room) return pending.on_done(fail(room.error()));
    if (const auto checked = check_against_disk(pending); !checked)
      return pending.on_done(fail(checked.error()));
    sequencer_->submit(std::move(pending));
  }

  Status visit(const Query& query, const ReadOptions& options,
               const TakeEvent& take) const override {
    return files_->visit(query, options, take);
  }

  Result<std::unique_ptr<Subscription>> subscribe(Query query, Position after) const override {
    FACTUM_CHECK(check_query(query));
    const auto visit = [files = files_](const Query& q, const ReadOptions& o,
                                        const TakeEvent& take) { return files->visit(q, o, take); };
    return make_log_subscription(std::move(query), after, visit,
                                 std::shared_ptr<HeadSignal>(files_, &files_->signal));
  }

  Position head() const override { return files_->signal.head(); }

  Result<Position> position_at(Timestamp instant) const override {
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    return factum::position_at(*database, instant, head());
  }

  Result<std::optional<ClaimRecord>> find_claim(std::string_view space,
                                                const Digest& key) const override {
    return find<ClaimRecord>(Family::claims, claim_key(space, key), decode_claim);
  }

  Result<std::optional<StoredOutcome>> find_outcome(const Digest& key) const override {
    return find<StoredOutcome>(Family::idempotency, view(key), decode_outcome);
  }

  Result<ErasedRows> erase(const ErasedSubjects& erased, const WorkWatch& watch) override {
    const std::lock_guard one(erasing_);
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    FACTUM_TRY(const FencedKeys fenced, database->load_fenced_keys());
    FACTUM_CHECK(check_fenced(erased, fenced));
    WorkWatch patient = watch;
    patient.cancelled = [&] { return watch.cancelled() || files_->holder.is_wanted_back(); };
    FACTUM_TRY(const ErasedSlots found, slots_of(*database, erased, head(), patient));
    FACTUM_TRY(const std::uint64_t claims, erase_rows(*database, found.slots, erased));
    std::atomic<bool> ends{false};
    auto cleaned = std::async(std::launch::async,
                              [&] { return clean_files(*database, found.slots, erased, ends); });
    while (cleaned.wait_for(kLookEvery) != std::future_status::ready) {
      watch.on_progress("removing ciphertexts", 0, 0);
      if (patient.cancelled()) ends = true;
    }
    FACTUM_CHECK(cleaned.get());
    return ErasedRows{found.by_key, claims};
  }

  Result<std::vector<Digest>> tree_row(std::uint8_t row, std::uint64_t first,
                                       std::size_t count) const override {
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    return read_tree_row(*database, head(), row, first, count);
  }

  Result<FencedKeys> fenced_keys() const override {
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    return database->load_fenced_keys();
  }

  Uuid log_id() const override { return log_id_; }
  Uuid seal_id() const override { return seal_id_; }

  Status use_database(const UseDatabase& use) const override {
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    return use(*database, [this] { return files_->holder.is_wanted_back(); });
  }

  StoreHealth health() const override {
    StoreHealth health = sequencer_->health();
    if (!health.writable) return health;
    if (const auto writable = tail_.writable(); !writable) return {false, writable.error().message};
    if (const auto room = room_.check(); !room) return {false, room.error().message};
    return health;
  }

 private:
  Status open_files() {
    FACTUM_CHECK(check_wal(options_.directory));
    FACTUM_TRY(auto database, Database::open(options_));
    if (log_id_.is_nil()) {
      log_id_ = database->log_id();
      seal_id_ = database->identity().seal_id;
    }
    if (log_id_ != database->log_id())
      return fail(ErrorCode::corrupt, "the folder holds another log than before");
    files_->holder.replace(std::move(database));
    FACTUM_TRY(const Position head, tail_.load());
    if (head < files_->signal.head())
      return fail(ErrorCode::corrupt, "acknowledged events are missing from the end of the log");
    files_->signal.publish(head);
    return {};
  }

  // After a failed write: only what is on disk counts.
  Status reopen() {
    Status room = DiskRoom(options_.directory, kRoomToOpen).check();
    if (!room && read_only_) return room;
    files_->holder.replace(nullptr);
    Status opened = room ? open_again() : std::move(room);
    read_only_ = !opened;
    if (opened) return opened;
    auto read_only = Database::open(options_, true);
    files_->holder.replace(read_only ? std::move(*read_only) : nullptr);
    return opened;
  }

  Status open_again() {
    if (options_.faults.fail_reopen && options_.faults.fail_reopen())
      return fail(ErrorCode::io_error, "injected at reopening");
    return open_files();
  }

  // A condition that reaches further back than the window of recent events is checked up to the
  // durable head here, so that the sequencer need not go to the disk for it.
  Status check_against_disk(PendingAppend& pending) const {
    const auto& condition = pending.append.condition;
    if (!condition || condition->after >= tail_.recent_floor()) return {};
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    pending.checked_through = head();
    FACTUM_TRY(pending.known_conflict,
               newest_match(*database, resolve(condition->fail_if_events_match, files_->types),
                            condition->after, pending.checked_through));
    return {};
  }

  template <class T, class Decode>
  Result<std::optional<T>> find(Family family, std::string_view key, Decode decode) const {
    const DatabaseHolder::Access database(files_->holder);
    if (!database) return not_open();
    FACTUM_TRY(const auto value, database->get(family, key));
    if (!value) return std::optional<T>();
    FACTUM_TRY(T decoded, decode(*value));
    return std::optional<T>(std::move(decoded));
  }

  // Constant after start(); what they point to locks itself.
  const EventStoreOptions options_;
  const std::unique_ptr<FolderLock> lock_;
  const std::shared_ptr<LogFiles> files_ = std::make_shared<LogFiles>();
  Uuid log_id_;
  Uuid seal_id_;
  const DiskRoom room_;
  std::mutex erasing_;  // one at a time
  // Guarded by the sequencer's turn.
  bool read_only_ = false;  // the open database cannot write
  LogTail tail_;
  std::unique_ptr<Sequencer> sequencer_;
};

Status check_options(const EventStoreOptions& options) {
  if (options.clock == nullptr) return fail(ErrorCode::invalid_argument, "the log needs a clock");
  if (options.directory.empty()) return fail(ErrorCode::invalid_argument, "the log needs a folder");
  return {};
}

}  // namespace

Result<std::unique_ptr<RocksdbLog>> open_rocksdb_event_store(EventStoreOptions options) {
  FACTUM_CHECK(check_options(options));
  std::error_code failed;
  std::filesystem::create_directory(options.directory, failed);
  if (!std::filesystem::is_directory(options.directory, failed))
    return fail(ErrorCode::io_error, "cannot make the folder " + options.directory);
  FACTUM_CHECK(DiskRoom(options.directory, kRoomToOpen).check());
  FACTUM_TRY(auto lock, FolderLock::acquire(options.directory));
  auto store = std::make_unique<RocksdbEventStore>(std::move(options), std::move(lock));
  FACTUM_CHECK(store->start());
  return std::unique_ptr<RocksdbLog>(std::move(store));
}

}  // namespace factum
