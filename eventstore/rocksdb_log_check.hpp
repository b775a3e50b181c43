// Reads a whole log and computes its Merkle root from the records alone.
#pragma once

#include "core/es/log_backups.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/rocksdb_database.hpp"

namespace factum {

/// What the records of a log come to.
struct CheckedLog {
  Position head;
  Digest root{};
};

/// Reads every record: positions without gaps, times that never go back, each hash that of its
/// record, and the root of all of them that of the stored tree. Errors: corrupt (with the first
/// position that is wrong, if it has one), unavailable (cancelled), io_error. O(bytes).
Result<CheckedLog> check_records(const Database& database, const WorkWatch& watch);

/// Reads every block of every table file and compares its checksum. Errors: corrupt, io_error.
Status check_blocks(const Database& database);

/// Looks a signed note up in the stored tree. `note` may be empty. Errors: corrupt (the log is
/// shorter than what was signed, or has other events), invalid_argument (no checkpoint),
/// io_error. O(log n).
Status check_checkpoint(const Database& database, const CheckedLog& checked, std::string_view note);

/// Reads rows of the stored tree of `database` up to `head`; it must not outlive the database.
ReadRow stored_rows(const Database& database, Position head);

}  // namespace factum
