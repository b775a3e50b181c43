// A folder of backups of one log, apart from the copied files themselves.
//
//   BACKUPS/log             files of all backups, as RocksDB's BackupEngine keeps them
//   BACKUPS/manifests/<id>.json   one per finished backup, <id> in six digits; written last
//   BACKUPS/factum.lock     held by who changes the folder
//
// A backup without its manifest is not finished, whatever else of it is there.
#pragma once

#include "core/es/log_backups.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace factum {

/// Not thread-safe.
class BackupFolder {
 public:
  explicit BackupFolder(const std::string& directory);

  const std::string& directory() const { return directory_; }
  /// Where the copied files are.
  std::string log_directory() const { return directory_ + "/log"; }

  /// Makes the folder (mode 0700) and its parts. Errors: io_error.
  Status make() const;
  /// The manifests, oldest first; a folder that is not there has none. Errors: corrupt (names the
  /// file), unsupported_format, io_error.
  Result<std::vector<LogBackup>> list() const;
  /// The finished backup of this number, 0 = the newest. Errors: not_found, those of `list`.
  Result<LogBackup> find(std::uint32_t id) const;
  /// Durable when it returns. Errors: io_error.
  Status write_manifest(const LogBackup& backup) const;
  Status remove_manifest(std::int64_t id) const;
  /// Bytes of all files in the folder.
  std::int64_t bytes() const;

 private:
  std::string manifest_path(std::int64_t id) const;

  std::string directory_;
};

/// The definition of own event types in a data folder; absent = it has none. Errors: io_error,
/// limit_exceeded.
Result<std::optional<std::string>> read_event_types(const std::string& data_directory);

}  // namespace factum
