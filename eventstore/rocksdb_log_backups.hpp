// Backups of the log with RocksDB's BackupEngine: incremental, and each verified as a whole.
#pragma once

#include "core/es/log_backups.hpp"
#include "eventstore/backup_folder.hpp"
#include "eventstore/rocksdb_database.hpp"

#include <memory>
#include <string>

namespace factum {

struct LogBackupOptions {
  std::string directory;       ///< the folder of backups
  std::string data_directory;  ///< its log is copied, and the definition of its own event types
  Clock* clock = nullptr;      ///< must outlive the backups
};

/// Backups of an open log, which outlives them.
std::unique_ptr<LogBackups> make_log_backups(const RocksdbLog& log, LogBackupOptions options);

/// Drops all but the newest `count` backups of a folder; no log needs to be open. Gives how many
/// went. Errors: locked, invalid_argument (0), io_error.
Result<std::size_t> keep_backups(const BackupFolder& folder, std::size_t count);

/// A finished backup, opened to be read in place.
class OpenBackup {
 public:
  /// Errors: not_found, corrupt, io_error.
  static Result<std::unique_ptr<OpenBackup>> open(const BackupFolder& folder, std::int64_t id);
  virtual ~OpenBackup() = default;

  virtual const Database& database() const = 0;
  /// Reads every file of it again and compares their checksums. Errors: corrupt, unavailable
  /// (cancelled), io_error.
  virtual Status verify_files(const WorkWatch& watch) const = 0;
  /// Copies its files into an empty folder, checksums compared. Not durable yet. Errors: corrupt,
  /// io_error.
  virtual Status copy_to(const std::string& directory) const = 0;
  /// Bytes of its files.
  virtual std::int64_t bytes() const = 0;
};

}  // namespace factum
