#include "projections/rocksdb_bulk_load.hpp"

#include "projections/rocksdb_view_keys.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace factum::projections {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{16} << 20;
constexpr std::size_t kBuffersBytes = std::size_t{64} << 20;
constexpr std::size_t kCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kReadAheadBytes = std::size_t{1} << 20;
constexpr std::size_t kTableBytes = std::size_t{64} << 20;
constexpr int kOpenFilesMax = 1024;
constexpr int kNever = 1 << 30;
constexpr std::uint64_t kRowsPerLook = 1024;

// Rows stay in files as they were flushed: they are merged once, when they are ingested.
rocksdb::Options load_options(rocksdb::Env* env) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  table.block_size = kBlockBytes;
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.max_background_jobs = 2;
  options.max_open_files = kOpenFilesMax;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.db_write_buffer_size = kBuffersBytes;
  options.write_buffer_size = kBufferBytes;
  options.max_write_buffer_number = 4;
  options.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
  options.allow_concurrent_memtable_write = false;  // the vector wants it so
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.disable_auto_compactions = true;
  options.level0_slowdown_writes_trigger = kNever;
  options.level0_stop_writes_trigger = kNever;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  return options;
}

// Table files for one family; each holds rows of one table only, so that it fits between the rows
// of others.
class TableFiles {
 public:
  TableFiles(const ViewFamily& target, std::string prefix)
      : target_(target), prefix_(std::move(prefix)) {}
  TableFiles(const TableFiles&) = delete;
  TableFiles& operator=(const TableFiles&) = delete;
  ~TableFiles() {
    writer_.reset();
    std::error_code ignored;  // those that were ingested are gone
    for (const std::string& file : files_) fs::remove(file, ignored);
  }

  rocksdb::Status add(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    if (writer_ && (key[0] != table_ || writer_->FileSize() > kTableBytes)) {
      if (const auto closed = close(); !closed.ok()) return closed;
    }
    if (!writer_) {
      if (const auto opened = open(); !opened.ok()) return opened;
      table_ = key[0];
    }
    return writer_->Put(key, value);
  }

  rocksdb::Status ingest() {
    if (const auto closed = close(); !closed.ok()) return closed;
    if (files_.empty()) return rocksdb::Status::OK();
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.snapshot_consistency = false;  // nobody reads a generation that is being built
    options.write_global_seqno = false;
    return target_.database->db->IngestExternalFile(target_.handle, files_, options);
  }

 private:
  rocksdb::Status open() {
    rocksdb::DB& db = *target_.database->db;
    writer_ = std::make_unique<rocksdb::SstFileWriter>(
        rocksdb::EnvOptions(db.GetDBOptions()), db.GetOptions(target_.handle), target_.handle);
    files_.push_back(prefix_ + std::to_string(files_.size()) + ".sst");
    return writer_->Open(files_.back());
  }
  rocksdb::Status close() {
    if (!writer_) return rocksdb::Status::OK();
    const auto finished = writer_->Finish();
    writer_.reset();
    return finished;
  }

  const ViewFamily& target_;
  const std::string prefix_;
  std::vector<std::string> files_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  char table_ = '\0';
};

Status copy_rows(const ViewFamily& loaded, TableFiles& files, Settling& settling) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kReadAheadBytes;
  const std::unique_ptr<rocksdb::Iterator> rows(
      loaded.database->db->NewIterator(options, loaded.handle));
  std::uint64_t unreported = 0;
  for (rows->Seek(std::string(1, kPastTable)); rows->Valid(); rows->Next()) {
    if (++unreported == kRowsPerLook) {
      if (settling.cancelled) return fail(ErrorCode::unavailable, "the build was stopped");
      settling.rows_done += std::exchange(unreported, 0);
    }
    const auto added = files.add(rows->key(), rows->value());
    if (!added.ok()) return view_failure(added, "sorting rows");
  }
  if (!rows->status().ok()) return view_failure(rows->status(), "sorting rows");
  return {};
}

}  // namespace

BulkLoads::BulkLoads(std::string folder, rocksdb::Env* env)
    : folder_(std::move(folder)),
      options_(std::make_shared<const rocksdb::Options>(load_options(env))) {}

// Damaged rows are forgotten: a build that misses them begins anew.
Status BulkLoads::open_database() {
  if (database_) return {};
  OpenedViews views;
  auto opened = open_views(*options_, folder_, views);
  if (is_damage(opened)) {
    std::error_code ignored;  // then opening fails again
    fs::remove_all(folder_, ignored);
    opened = open_views(*options_, folder_, views);
  }
  if (!opened.ok()) return view_failure(opened, "opening the rows of a build");
  database_ = std::move(views.database);
  families_ = std::move(views.families);
  return {};
}

Result<std::shared_ptr<ViewFamily>> BulkLoads::open(const std::string& generation) {
  const std::lock_guard lock(mutex_);
  FACTUM_CHECK(open_database());
  if (const auto known = families_.find(generation); known != families_.end()) return known->second;
  FACTUM_TRY(auto family, make_family(database_, *options_, generation));
  families_[generation] = family;
  return family;
}

Status BulkLoads::drop(const std::string& generation) {
  const std::lock_guard lock(mutex_);
  std::error_code problem;
  if (!database_ && !fs::exists(folder_, problem)) return {};
  FACTUM_CHECK(open_database());
  rocksdb::Status dropped;
  if (const auto found = families_.find(generation); found != families_.end()) {
    dropped = database_->db->DropColumnFamily(found->second->handle);
    families_.erase(found);
  }
  // Somebody may still hold what was dropped; then the folder goes the next time.
  if (!families_.empty() || database_.use_count() != 1) {
    if (!dropped.ok()) return view_failure(dropped, "dropping the rows of a build");
    return {};
  }
  dropped.PermitUncheckedError();  // all of it goes
  database_.reset();
  fs::remove_all(folder_, problem);
  if (problem) return fail(ErrorCode::io_error, "the rows of a build cannot be removed");
  return {};
}

Status BulkLoads::purge() {
  FACTUM_CHECK(drop({}));
  std::error_code failed;
  if (!fs::exists(folder_, failed)) return {};
  return fail(ErrorCode::unavailable, "rows of a build are still there");
}

Status BulkLoads::flush(bool wait) {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ViewFamily>> all;
  for (const auto& [name, family] : families_) all.push_back(family);
  return flush_families(all, wait);
}

Status BulkLoads::ingest(const std::string& generation, const ViewFamily& target,
                         Settling& settling) {
  {
    FACTUM_TRY(const auto loaded, open(generation));
    TableFiles files(target, folder_ + "/" + generation + ".");
    FACTUM_CHECK(copy_rows(*loaded, files, settling));
    const auto ingested = files.ingest();
    if (!ingested.ok()) return view_failure(ingested, "taking over sorted rows");
  }
  return drop(generation);
}

std::uint64_t BulkLoads::rows(const std::string& generation) const {
  const std::lock_guard lock(mutex_);
  const auto found = families_.find(generation);
  std::uint64_t rows = 0;
  if (found != families_.end())
    database_->db->GetIntProperty(found->second->handle, rocksdb::DB::Properties::kEstimateNumKeys,
                                  &rows);
  return rows;
}

}  // namespace factum::projections
