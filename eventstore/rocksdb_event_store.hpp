// The event store on RocksDB: one folder, one process, durable group commit.
#pragma once

#include "core/es/event_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace factum {

/// A fault that a test injects into a durable write.
enum class StorageFault {
  none,
  fail_before_write,  ///< nothing reaches the disk, the write is reported as failed
  fail_after_write,   ///< everything is on disk, the write is reported as failed all the same
};

/// Test-only injection points. Empty functions inject nothing.
struct StorageFaults {
  std::function<StorageFault()> on_write;  ///< asked before every durable batch
  std::function<bool()> fail_reopen;       ///< true: opening again after a failed write fails
  rocksdb::Env* env = nullptr;             ///< a disk that fails; must outlive the store
};

struct EventStoreOptions {
  std::string directory;   ///< made when missing; its parent must exist
  Clock* clock = nullptr;  ///< source of recorded time; must outlive the store
  /// Appends accepted and not yet answered. Larger: more waiting before `overloaded`.
  std::size_t queue_requests_max = 16'384;
  /// Their bytes, about. Bounds the memory of a queue that is filled faster than the disk writes.
  std::size_t queue_bytes_max = std::size_t{128} << 20;
  /// Cache of decompressed blocks. Larger: fewer disk reads.
  std::size_t block_cache_bytes = std::size_t{128} << 20;
  /// Write buffer of records; the other families have smaller ones. Larger: fewer flushes, longer
  /// start-up after a crash.
  std::size_t write_buffer_bytes = std::size_t{32} << 20;
  /// With less than this left on the disk, appends are refused; reads go on. Room for what is
  /// queued, and for the flush of it.
  std::uint64_t disk_reserve_bytes = std::uint64_t{256} << 20;
  /// When the log could not be opened again after a failed write, time until that is tried anew. It
  /// doubles with every failure, up to 64 times.
  std::chrono::milliseconds reopen_interval{1000};
  /// Write buffers are flushed when the store closes, so that the next start replays nothing.
  bool flush_on_close = true;
  StorageFaults faults;
};

class Database;

/// A log on RocksDB, and what belongs to it beyond the port.
class RocksdbLog : public EventStore {
 public:
  /// What values of this log are sealed for: the log id, or that of the log it was restored from.
  virtual Uuid seal_id() const = 0;

  /// Lets `use` work on the open database. While it does, the log cannot be closed or opened again:
  /// `use` returns soon once `wanted_back` says so. Errors: unavailable, those of `use`.
  using UseDatabase =
      std::function<Status(const Database& database, const std::function<bool()>& wanted_back)>;
  virtual Status use_database(const UseDatabase& use) const = 0;
};

/// Opens or creates the log in `options.directory`. Start-up depends on the unflushed tail, not on
/// the length of the log. Errors: locked (another process has it), unsupported_format (written by a
/// newer version), corrupt, io_error, invalid_argument (no clock, no directory), unavailable (the
/// disk is full).
Result<std::unique_ptr<RocksdbLog>> open_rocksdb_event_store(EventStoreOptions options);

}  // namespace factum
