// A folder of backups of one log, apart from the copied files themselves.
//
//   BACKUPS/log             files of all backups, as RocksDB's BackupEngine keeps them
//   BACKUPS/log_id          the log it is of, a UUID; written first
//   BACKUPS/manifests/<id>.json   one per finished backup, <id> in six digits; written last
//   BACKUPS/manifests/<id>.dropped   a manifest whose backup is being dropped
//   BACKUPS/unfinished      the newest id when a backup began that has no manifest yet
//   BACKUPS/factum.lock     held by who changes the folder
//
// A backup without its manifest is not finished, whatever else of it is there.
#pragma once

#include "core/es/log_backups.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  /// The newest `count_max` manifests, oldest first; a folder that is not there has none. Errors:
  /// corrupt (names the file), unsupported_format, io_error (also: the folder cannot be read).
  Result<std::vector<LogBackup>> list(std::size_t count_max = SIZE_MAX) const;
  /// Refuses a folder of another log. `finished`: the manifests. Errors: invalid_argument, corrupt,
  /// io_error.
  Status check_is_of(const Uuid& log_id, const std::vector<LogBackup>& finished) const;
  /// Writes down whose folder it is, if it does not say so yet. Errors: corrupt, io_error.
  Status claim(const Uuid& log_id) const;
  /// The log that the folder says it is of; absent in one that an older version made.
  Result<std::optional<Uuid>> log_id() const;
  /// Says that a backup begins after number `newest`; stays until `end`. Errors: io_error.
  Status begin(std::int64_t newest) const;
  Status end() const;
  /// What the last `begin` said that had no `end`. Errors: corrupt, io_error.
  Result<std::optional<std::int64_t>> begun() const;
  /// The finished backup of this number, 0 = the newest. Errors: not_found, those of `list`.
  Result<LogBackup> find(std::uint32_t id) const;
  /// Durable when it returns. Errors: io_error.
  Status write_manifest(const LogBackup& backup) const;
  /// Takes a backup off the list before its files go; `forget` ends that.
  Status withdraw(std::int64_t id) const;
  Status forget(std::int64_t id) const;
  /// Numbers that were withdrawn and not forgotten, in any order. Errors: io_error.
  Result<std::vector<std::int64_t>> withdrawn() const;
  /// Bytes of all files in the folder.
  std::int64_t bytes() const;

 private:
  std::string manifest_path(std::int64_t id, std::string_view extension = ".json") const;
  Result<std::vector<std::int64_t>> ids_of(std::string_view extension) const;

  std::string directory_;
};

/// The definition of own event types in a data folder; absent = it has none. Errors: io_error,
/// invalid_argument (it is no file), limit_exceeded.
Result<std::optional<std::string>> read_event_types(const std::string& data_directory);

}  // namespace factum
