// Backups and restores of a data folder, for the command line.
#pragma once

#include "core/base/folder_name.hpp"
#include "core/es/log_backups.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace factum::api {

/// The folders of one installation, as given; empty `keys` and `backups` stand for the data
/// folder's name with ".keys" and ".backups".
struct Folders {
  std::string data;
  std::string keys;
  std::string backups;

  std::string keys_or_default() const {
    return keys.empty() ? beside_folder(data, ".keys") : bare_folder(keys);
  }
  std::string backups_or_default() const {
    return backups.empty() ? beside_folder(data, ".backups") : bare_folder(backups);
  }
};

/// Refuses backups in or around the data or the keys, and says why. Errors: invalid_argument,
/// io_error.
Status check_backup_place(const Folders& folders);

/// Refuses keys in or around the data. Errors: invalid_argument, io_error.
Status check_key_place(const Folders& folders);

/// Opens the log alone and makes a backup of it. Errors: locked (another process has the log, or
/// makes a backup), those of LogBackups::make and of opening a log.
Result<LogBackup> make_backup(const Folders& folders, const WorkWatch& watch);

/// Every finished backup, oldest first. Errors: not_found (no such folder), corrupt, io_error.
Result<std::vector<LogBackup>> list_backups(const std::string& directory);
/// Drops all but the newest `count`; gives how many went. Errors: locked, io_error.
Result<std::size_t> keep_backups(const std::string& directory, std::size_t count);

struct KeyCopy {
  std::size_t keys = 0;
  std::size_t damaged = 0;
};
/// Copies the keys into a new folder, which must not lie with the backups of the log. Errors:
/// invalid_argument, already_exists, not_found, io_error.
Result<KeyCopy> back_up_keys(const Folders& folders, const std::string& target, bool with_root_key);

struct RestoreRequest {
  std::string from;      ///< a folder of backups
  std::uint32_t id = 0;  ///< 0 = the newest
  std::string to;        ///< a new data folder
  /// At most one: the log goes up to here, as a log of its own.
  std::optional<std::uint64_t> to_position = {};
  std::optional<Timestamp> as_of = {};
  std::string keys = {};      ///< the keys of the log in the backup; needed for an earlier point
  std::string new_keys = {};  ///< gets a copy of them; empty = `to` with ".keys"
};
struct RestoreAnswer {
  LogBackup backup;
  Uuid log_id;
  Position head;
  std::string root;       ///< base64
  std::string keys = {};  ///< the new folder of keys, if there is one
};
/// Restores into a new folder and verifies. Errors: already_exists, not_found, invalid_argument,
/// corrupt, unavailable, locked, io_error.
Result<RestoreAnswer> restore(const RestoreRequest& request, const WorkWatch& watch);

}  // namespace factum::api
