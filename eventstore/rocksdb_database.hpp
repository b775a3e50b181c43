// The database below the log: one RocksDB folder, its column families and its identity.
//
//   meta family:  "format_version" = u32be, "log_id" = 16 bytes,
//                 "seal_id" = 16 bytes                          ; absent: the log id
//                 "claim_history_from" = u64be position         ; what claims were is kept from
//                 here "type/" u16be code = event type name          ; the type dictionary
//                 "fence/" key-id:16 bytes = u64be position     ; nothing is sealed under the key
//                 since
//
// The log id names a history: its checkpoints, and the views made from it. The seal id names what
// its values are sealed for. They differ in a log that was restored to an earlier point: it is
// another history of the same sealed values.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/prepared_append.hpp"
#include "eventstore/rocksdb_event_store.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Status;
class WriteBatch;
struct DBOptions;
}  // namespace rocksdb

namespace factum {

inline constexpr std::uint32_t kLogFormatVersion = 1;

/// Column families; the names on disk are in rocksdb_database.cpp.
enum class Family : std::size_t {
  meta,
  records,
  slots,
  tags,
  claims,
  idempotency,
  tiles,
  claim_history
};
inline constexpr std::size_t kFamilyCount = 8;

/// What makes one log this log and no other.
struct LogIdentity {
  Uuid log_id;
  Uuid seal_id;
  /// From this head on it is known what every claim was; before, claims that changed hands are
  /// lost.
  Position claim_history_from;
};

/// The failure a status stands for. Errors: corrupt or io_error; never call it with an ok status.
Error error_of(const rocksdb::Status& status);

/// An open database folder. Thread rule: as rocksdb::DB, safe from any thread.
class Database {
 public:
  /// Opens the folder, creates it when it is new. `read_only` takes no lock and changes nothing.
  /// Errors: locked, unsupported_format, corrupt, io_error.
  static Result<std::unique_ptr<Database>> open(const EventStoreOptions& options,
                                                bool read_only = false);
  /// Opens a folder to look at it: no lock, no line in its LOG, not a byte changed. `env` gives the
  /// files, null = those of the disk. Beside a running server files may be replaced meanwhile, so
  /// it is tried a few times. Errors: as open; not_found (no log there).
  static Result<std::unique_ptr<Database>> look_at(const std::string& directory,
                                                   rocksdb::Env* env = nullptr);
  /// Makes a log in a new folder with the identity of another one. Errors: as open;
  /// already_exists.
  static Result<std::unique_ptr<Database>> make(const EventStoreOptions& options,
                                                const LogIdentity& identity);
  /// Not open; use `open`.
  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  Uuid log_id() const { return identity_.log_id; }
  const LogIdentity& identity() const { return identity_; }

  /// The value of a key, absent when there is none. Errors: corrupt, io_error.
  Result<std::optional<std::string>> get(Family family, std::string_view key) const;
  /// Writes the batch and waits until it is on disk. Errors: io_error, corrupt; the batch may or
  /// may not be on disk then.
  Status write_durably(rocksdb::WriteBatch& batch) const;
  /// The last record's position, 0 in an empty log. Errors: corrupt, io_error.
  Result<Position> last_position() const;
  /// When the record at `position` was recorded. Errors: corrupt (names the position), io_error.
  Result<Timestamp> recorded_at(Position position) const;
  /// Event types by code − 1, as far as the dictionary goes. Errors: corrupt, io_error.
  Result<std::vector<std::string>> load_types() const;
  /// The keys that are fenced. Errors: corrupt, io_error.
  Result<FencedKeys> load_fenced_keys() const;
  /// The same after writing a row that is there already, so that a new write-ahead log and a new
  /// manifest begin in any case. Errors: io_error.
  Status roll() const;
  /// Writes all buffers to table files, so that nothing is replayed at the next start.
  Status flush() const;

 private:
  static Result<std::unique_ptr<Database>> open_files(const EventStoreOptions& options,
                                                      const rocksdb::DBOptions& settings,
                                                      bool read_only);
  Status load_identity(bool read_only);
  Status load_claim_history(bool read_only);
  Status create_identity(const LogIdentity& identity);

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> all_handles_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
  LogIdentity identity_;
};

/// Key of a type in the meta family.
std::string type_meta_key(std::uint16_t code);
/// Key of a fenced key in the meta family.
std::string fence_meta_key(const Uuid& key);

/// Holds the database that readers use while it may be closed and opened again under them.
/// Thread rule: safe from any thread.
class DatabaseHolder {
 public:
  /// Keeps the database open as long as it lives. Null after close.
  class Access {
   public:
    explicit Access(const DatabaseHolder& holder) {
      // A lock that prefers readers would otherwise never let a closer in.
      if (holder.closing_.load()) return;
      lock_ = std::shared_lock(holder.mutex_);
      database_ = holder.database_.get();
    }
    explicit operator bool() const { return database_ != nullptr; }
    const Database& operator*() const { return *database_; }
    const Database* operator->() const { return database_; }

   private:
    std::shared_lock<std::shared_mutex> lock_;
    const Database* database_ = nullptr;
  };

  /// Somebody waits for the readers to go.
  bool is_wanted_back() const { return closing_.load(); }

  /// Waits for readers, closes what is open, then holds `database` (null = closed).
  void replace(std::unique_ptr<Database> database) {
    closing_.store(true);
    const std::unique_lock lock(mutex_);
    database_.reset();
    database_ = std::move(database);
    closing_.store(false);
  }

 private:
  std::atomic<bool> closing_{false};
  mutable std::shared_mutex mutex_;
  std::unique_ptr<Database> database_;  // guarded by mutex_
};

}  // namespace factum
