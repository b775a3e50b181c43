// Brings a log back from a backup: as a whole, or up to an earlier point as another log.
#pragma once

#include "core/es/log_backups.hpp"
#include "eventstore/backup_folder.hpp"
#include "eventstore/rocksdb_database.hpp"

#include <optional>
#include <string>

namespace factum {

struct LogRestoreOptions {
  std::string from;        ///< a folder of backups
  std::uint32_t id = 0;    ///< number of the backup; 0 = the newest
  std::string to;          ///< a data folder: new or empty
  Clock* clock = nullptr;  ///< time in the id of a new log; must outlive the call
  /// At most one of the two: the log goes up to this event, or to what was recorded at or before
  /// this instant.
  std::optional<Position> to_position = {};
  std::optional<Timestamp> as_of = {};
  /// What the keys that will open the log say they belong to; absent = that is not known. Looked at
  /// where the log becomes another one, which gets a copy of them.
  std::optional<Uuid> seal_id = {};
};

struct RestoredLog {
  LogBackup backup;      ///< what it came from
  LogIdentity identity;  ///< new unless the log is back as a whole
  Position head;
  Digest root{};
};

/// Restores and verifies. The log appears in `to` in one step, at the end; until then the folder
/// `log.restoring` is there, which nothing opens and the next try replaces. Errors: already_exists
/// (`to` holds something else), not_found (no such backup or position), invalid_argument (the
/// position lies between events that were recorded together, the keys are of another log), corrupt
/// (the backup is damaged; nothing appears), unavailable (cancelled), locked, io_error.
Result<RestoredLog> restore_log(const LogRestoreOptions& options, const WorkWatch& watch);

/// The log in `source` up to `last`, as a new one in `directory`. The same records, times,
/// ciphertexts and index rows; claims and outcomes as they were. Errors: those of `restore_log`.
Status copy_log_up_to(const Database& source, Position last, const std::string& directory,
                      const LogIdentity& identity, const WorkWatch& watch);

}  // namespace factum
