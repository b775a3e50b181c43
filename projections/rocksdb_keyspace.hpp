// One generation in RocksDB: a column family with its rows and, below 01, their past.
#pragma once

#include "core/es/view_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Status;
class WriteBatch;
struct ColumnFamilyOptions;
struct Options;
struct WriteOptions;
}  // namespace rocksdb

namespace factum::projections {

/// The open database; closed when nobody uses it any more.
struct ViewDatabase {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* default_family = nullptr;
  std::uint64_t past_step = 0;

  ViewDatabase();
  ViewDatabase(const ViewDatabase&) = delete;
  ViewDatabase& operator=(const ViewDatabase&) = delete;
  ~ViewDatabase();
};

/// The column family of a generation.
struct ViewFamily {
  std::shared_ptr<ViewDatabase> database;
  rocksdb::ColumnFamilyHandle* handle = nullptr;

  ViewFamily(std::shared_ptr<ViewDatabase> opened, rocksdb::ColumnFamilyHandle* of)
      : database(std::move(opened)), handle(of) {}
  ViewFamily(const ViewFamily&) = delete;
  ViewFamily& operator=(const ViewFamily&) = delete;
  ~ViewFamily();
};

/// An error about a failed operation: corrupt or io_error.
tl::unexpected<Error> view_failure(const rocksdb::Status& status, std::string_view doing);
/// Whether a database that does not open is damaged, so that it is made anew; one that is locked,
/// on a full disk or not allowed is not.
bool is_damage(const rocksdb::Status& status);
/// How views are written: without a log, as they can be built anew.
rocksdb::WriteOptions without_log();

/// Which tables keep their past, and how it is written.
class PastTables {
 public:
  /// `tables`: see Projection::past_tables. `step`: positions.
  PastTables(std::string tables, std::uint64_t step) : tables_(std::move(tables)), step_(step) {}

  bool none() const { return tables_.empty(); }
  /// See ViewKeyspace::commit_limit.
  Position commit_limit(Position position) const;
  /// Adds the past of a row, if it is kept, as of a commit with `position`. Errors: io_error.
  Status add(rocksdb::WriteBatch& batch, const ViewFamily& family, const RowChange& change,
             Position position) const;

 private:
  std::string tables_;
  std::uint64_t step_;
};

using ViewFamilies = std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>>;

/// A database of keyspaces with its families by name, the default one left out.
struct OpenedViews {
  std::shared_ptr<ViewDatabase> database;
  ViewFamilies families;
};
/// Opens or makes it, with these options for every family. Fills `opened` if that works.
rocksdb::Status open_views(const rocksdb::Options& options, const std::string& path,
                           OpenedViews& opened);
/// Makes a family, in a database whose options are those of every family. Errors: io_error.
Result<std::shared_ptr<ViewFamily>> make_family(const std::shared_ptr<ViewDatabase>& database,
                                                const rocksdb::ColumnFamilyOptions& options,
                                                const std::string& name);
/// Whether every table in the folder is in use. Errors: unavailable (somebody still reads what was
/// dropped), io_error.
Status check_no_old_tables(const ViewDatabase& database);
/// Makes what was committed durable, at once or (`wait` = false) soon. Errors: io_error.
Status flush_families(const std::vector<std::shared_ptr<ViewFamily>>& families, bool wait);

/// Adds the writing or erasing of a row. Errors: io_error.
Status add_row(rocksdb::WriteBatch& batch, const ViewFamily& family, const RowChange& change);
/// Writes a batch with the position of its family. Errors: io_error, corrupt.
Status write_rows(rocksdb::WriteBatch& batch, const ViewFamily& family, Position position);
/// The position of a family; 0 if nothing was written. Errors: io_error, corrupt.
Result<Position> position_of(const ViewFamily& family);

/// Errors: corrupt, io_error.
Result<std::shared_ptr<ViewKeyspace>> open_rocksdb_keyspace(
    const std::shared_ptr<ViewFamily>& family, const std::string& past_tables);

/// The numbers of the steps in which rows of a range changed.
Result<std::set<std::uint64_t>> rocksdb_past_steps(const ViewFamily& family, const RowRange& range);

/// Rows as they were after the first `steps` steps. Safe from any thread.
std::unique_ptr<ViewReader> read_rocksdb_past(const std::shared_ptr<ViewFamily>& family,
                                              std::uint64_t steps);

}  // namespace factum::projections
