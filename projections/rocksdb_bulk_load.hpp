// Rows that a build writes but does not read back. They are kept apart in the order of writing,
// which costs least, sorted once at the end, and become tables of their generation as they are.
#pragma once

#include "projections/generation_store.hpp"
#include "projections/rocksdb_keyspace.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace factum::projections {

/// A database of its own in `folder`, there while something is being loaded: one family per
/// generation. Thread rule: every method is safe from any thread.
class BulkLoads {
 public:
  /// `env`: see RocksdbViewOptions.
  BulkLoads(std::string folder, rocksdb::Env* env);

  /// The rows collected for a generation so far. Errors: io_error.
  Result<std::shared_ptr<ViewFamily>> open(const std::string& generation);
  /// Forgets them; the folder goes with the last. Errors: io_error.
  Status drop(const std::string& generation);
  /// Removes what nobody holds any more. Errors: unavailable (somebody does), io_error.
  Status purge();
  /// Errors: io_error.
  Status flush(bool wait);
  /// Makes the rows of a generation tables of `target` and forgets them. Cost: reads, merges and
  /// writes all of them. Errors: unavailable (cancelled; nothing has happened), corrupt, io_error.
  Status ingest(const std::string& generation, const ViewFamily& target, Settling& settling);
  /// About how many rows are collected for a generation.
  std::uint64_t rows(const std::string& generation) const;

 private:
  Status open_database();

  const std::string folder_;
  const std::shared_ptr<const rocksdb::Options> options_;
  mutable std::mutex mutex_;  // guards the rest
  std::shared_ptr<ViewDatabase> database_;
  ViewFamilies families_;
};

/// The keyspace of a build: tables of rows that its fold reads are in `target`, the others and the
/// past in `loaded`. A table that is read for the first time after it was written moves over. The
/// past cannot be read. Errors: corrupt, io_error.
Result<std::shared_ptr<ViewKeyspace>> open_bulk_keyspace(const std::shared_ptr<ViewFamily>& target,
                                                         const std::shared_ptr<ViewFamily>& loaded,
                                                         const std::string& past_tables);

}  // namespace factum::projections
