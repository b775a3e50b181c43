#include "eventstore/rocksdb_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace factum {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr int kBloomBitsPerKey = 10;

std::size_t write_buffer_bytes(Family family, std::size_t records) {
  switch (family) {
    case Family::records:
    case Family::slots:
    case Family::tags: return records;
    case Family::meta:
    case Family::claims:
    case Family::claim_history:
    case Family::idempotency:
    case Family::tiles: return std::max(records / 4, kMiB);
  }
  return records;
}

bool is_point_read(Family family) {
  return family == Family::claims || family == Family::idempotency;
}

rocksdb::BlockBasedTableOptions table_options(Family family,
                                              const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Records are read in long runs and one by one: 16 KiB scans at nine tenths of the speed of
  // 64 KiB and reads a quarter of the bytes for one event.
  table.block_size = family == Family::records ? 16 * 1024 : 8 * 1024;
  if (is_point_read(family))
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  return table;
}

}  // namespace

rocksdb::DBOptions database_options(const EventStoreOptions& options) {
  rocksdb::DBOptions db;
  if (options.faults.env != nullptr) db.env = options.faults.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // A torn last record was never acknowledged and is dropped; wal_check refuses what looks torn but
  // is followed by good records. No archive and no recycling: erased data must not linger in them.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.recycle_log_file_num = 0;
  db.WAL_ttl_seconds = 0;
  db.WAL_size_limit_MB = 0;
  // A family that is rarely written would otherwise keep old WAL files, and start-up, long.
  db.max_total_wal_size = 3 * options.write_buffer_bytes;
  // Parallel flushes can misorder updates after a failed one in 7.8 (fixed in 7.9).
  db.max_background_jobs = 2;
  // A failed write is dealt with by closing and opening again; RocksDB must not retry behind it.
  db.max_bgerror_resume_count = 0;
  db.paranoid_checks = true;
  db.max_open_files = -1;
  db.allow_concurrent_memtable_write = false;
  db.bytes_per_sync = kMiB;
  // RocksDB's own LOG names files and settings, no keys or values; it is kept short all the same.
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.keep_log_file_num = 2;
  // Manifests say where tables begin and end, and keys of claims are digests of personal values: a
  // new one with every edit keeps none of those that were erased.
  db.max_manifest_file_size = 1;
  db.max_log_file_size = kMiB;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const EventStoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(family, cache)));
  cf.write_buffer_size = write_buffer_bytes(family, options.write_buffer_bytes);
  cf.max_write_buffer_number = 2;
  cf.level_compaction_dynamic_level_bytes = true;
  cf.target_file_size_base = (family == Family::records ? 128 : 64) * kMiB;
  cf.max_bytes_for_level_base = 256 * kMiB;
  // The default of 30 days would rewrite immutable files every month.
  cf.ttl = 0;
  cf.periodic_compaction_seconds = 0;
  // Ciphertext does not compress, and lengths after compression would speak about its content;
  // hashes do not compress either.
  const bool random = family == Family::slots || family == Family::tiles;
  cf.compression = random ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  cf.bottommost_compression = cf.compression;
  cf.enable_blob_files = false;
  if (is_point_read(family)) {
    cf.memtable_prefix_bloom_size_ratio = 0.05;
    cf.memtable_whole_key_filtering = true;
  }
  return cf;
}

}  // namespace factum
