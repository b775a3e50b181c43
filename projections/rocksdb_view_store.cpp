#include "projections/rocksdb_view_store.hpp"

#include "projections/rocksdb_bulk_load.hpp"
#include "projections/rocksdb_keyspace.hpp"
#include "projections/rocksdb_view_keys.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace factum::projections {
namespace {

const std::string kLogKey = "log";
constexpr char kStoreFormat = 2;  // 1 kept no past
constexpr int kOpenFilesMax = 1024;
constexpr std::size_t kBlockBytes = 8 * 1024;
constexpr const char* kBuildFolder = "/build";

class RocksdbGenerationStore final : public GenerationStore {
 public:
  RocksdbGenerationStore(std::shared_ptr<ViewDatabase> database,
                         rocksdb::ColumnFamilyOptions family_options,
                         std::map<Generation, std::shared_ptr<ViewFamily>> families,
                         const RocksdbViewOptions& options)
      : database_(std::move(database)),
        family_options_(std::move(family_options)),
        families_(std::move(families)),
        loads_(options.path + kBuildFolder, options.env) {}

  std::vector<Generation> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Generation> all;
    for (const auto& [generation, family] : families_) all.push_back(generation);
    return all;
  }

  Result<std::shared_ptr<ViewKeyspace>> open(const Generation& generation,
                                             const std::string& past_tables) override {
    FACTUM_TRY(const auto family, family_of(generation));
    return open_rocksdb_keyspace(family, past_tables);
  }

  Result<std::shared_ptr<ViewKeyspace>> open_build(const Generation& generation,
                                                   const std::string& past_tables) override {
    FACTUM_TRY(auto rows, family_of(generation));
    FACTUM_TRY(auto loaded, loads_.open(generation.name()));
    FACTUM_TRY(const Position known, position_of(*rows));
    FACTUM_TRY(const Position collected, position_of(*loaded));
    if (collected < known) {
      rows.reset();
      loaded.reset();
      FACTUM_CHECK(drop(generation));
      FACTUM_TRY(rows, family_of(generation));
      FACTUM_TRY(loaded, loads_.open(generation.name()));
    }
    return open_bulk_keyspace(rows, loaded, past_tables);
  }

  Status drop(const Generation& generation) override {
    FACTUM_CHECK(loads_.drop(generation.name()));
    const std::lock_guard lock(mutex_);
    const auto found = families_.find(generation);
    if (found == families_.end()) return {};
    const auto status = database_->db->DropColumnFamily(found->second->handle);
    families_.erase(found);
    if (!status.ok()) return view_failure(status, "dropping a keyspace");
    return {};
  }

  std::optional<Generation> live(const std::string& projection) const override {
    std::string name;
    const auto status = database_->db->Get(rocksdb::ReadOptions(), database_->default_family,
                                           kLivePrefix + projection, &name);
    if (!status.ok()) return std::nullopt;
    auto generation = Generation::parse(name);
    const std::lock_guard lock(mutex_);
    if (generation && !families_.contains(*generation)) return std::nullopt;
    return generation;
  }

  Status set_live(const Generation& generation) override {
    FACTUM_CHECK(flush(true));
    return remember(kLivePrefix + generation.projection, generation.name());
  }

  Result<bool> bind_to(const Uuid& log_id) override {
    std::string known;
    const auto status =
        database_->db->Get(rocksdb::ReadOptions(), database_->default_family, kLogKey, &known);
    const std::string owner = std::string(log_id.view()) + kStoreFormat;
    if (status.ok() && known == owner) return false;
    if (!status.ok() && !status.IsNotFound()) return view_failure(status, "reading its own names");
    const auto generations = list();
    for (const Generation& generation : generations) FACTUM_CHECK(drop(generation));
    FACTUM_CHECK(remember(kLogKey, owner));
    return !generations.empty();
  }

  // The rows that were read are merged before the others lie beside them.
  Status settle(const Generation& generation, Settling& settling) override {
    FACTUM_TRY(const auto family, family_of(generation));
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.canceled = &settling.cancelled;
    const auto status = database_->db->CompactRange(options, family->handle, nullptr, nullptr);
    if (settling.cancelled) return fail(ErrorCode::unavailable, "the build was stopped");
    if (!status.ok()) return view_failure(status, "compacting");
    return loads_.ingest(generation.name(), *family, settling);
  }

  // A compaction that RocksDB began by itself can be in front of ours, for as long as a table
  // takes, and nobody looks at the flag meanwhile: taking away the permission ends the wait at
  // once.
  void cancel(Settling& settling) override {
    settling.cancelled = true;
    database_->db->DisableManualCompaction();
    database_->db->EnableManualCompaction();
  }

  std::uint64_t unsettled_rows(const Generation& generation) const override {
    return loads_.rows(generation.name());
  }

  // Manifests say where tables begin and end: a new one begins with every edit, and it says how
  // things were before it, so that after two none speaks of what was dropped.
  Status purge() override {
    FACTUM_CHECK(loads_.purge());
    for (int edits = 0; edits < 2; ++edits) {
      std::string owner;
      const auto known =
          database_->db->Get(rocksdb::ReadOptions(), database_->default_family, kLogKey, &owner);
      if (!known.ok()) return view_failure(known, "reading its own names");
      FACTUM_CHECK(remember(kLogKey, owner));
      const auto flushed = database_->db->Flush(rocksdb::FlushOptions(), database_->default_family);
      if (!flushed.ok()) return view_failure(flushed, "flushing its own names");
    }
    return check_no_old_tables(*database_);
  }

  // What is collected comes first, see open_build.
  Status flush(bool wait) override {
    FACTUM_CHECK(loads_.flush(wait));
    std::vector<std::shared_ptr<ViewFamily>> all;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [generation, family] : families_) all.push_back(family);
    }
    return flush_families(all, wait);
  }

 private:
  Result<std::shared_ptr<ViewFamily>> family_of(const Generation& generation) {
    const std::lock_guard lock(mutex_);
    if (const auto known = families_.find(generation); known != families_.end())
      return known->second;
    FACTUM_TRY(auto family, make_family(database_, family_options_, generation.name()));
    families_[generation] = family;
    return family;
  }

  // Durable at once: the default family holds nothing else.
  Status remember(const std::string& key, std::string_view value) {
    const auto written = database_->db->Put(without_log(), database_->default_family, key,
                                            rocksdb::Slice(value.data(), value.size()));
    if (!written.ok()) return view_failure(written, "writing its own names");
    const auto flushed = database_->db->Flush(rocksdb::FlushOptions(), database_->default_family);
    if (!flushed.ok()) return view_failure(flushed, "writing its own names");
    return {};
  }

  const std::shared_ptr<ViewDatabase> database_;
  const rocksdb::ColumnFamilyOptions family_options_;
  mutable std::mutex mutex_;  // guards families_
  std::map<Generation, std::shared_ptr<ViewFamily>> families_;
  BulkLoads loads_;
};

rocksdb::ColumnFamilyOptions family_options(const RocksdbViewOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.block_size = kBlockBytes;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.level_compaction_dynamic_level_bytes = true;
  family.write_buffer_size = std::max<std::size_t>(options.write_buffer_bytes / 4, 1 << 20);
  family.max_write_buffer_number = 3;
  family.memtable_whole_key_filtering = true;
  family.memtable_prefix_bloom_size_ratio = 0.02;
  return family;
}

rocksdb::Options options_of(const RocksdbViewOptions& options) {
  rocksdb::Options all(rocksdb::DBOptions(), family_options(options));
  if (options.env != nullptr) all.env = options.env;
  all.create_if_missing = true;
  all.db_write_buffer_size = options.write_buffer_bytes;
  all.max_background_jobs = 2;
  all.max_open_files = kOpenFilesMax;
  all.info_log_level = rocksdb::WARN_LEVEL;
  all.keep_log_file_num = 2;
  all.max_manifest_file_size = 1;  // see purge
  return all;
}

struct Opened {
  rocksdb::Status status;
  std::unique_ptr<GenerationStore> store;
};

Opened open_once(const RocksdbViewOptions& options) {
  const rocksdb::Options settings = options_of(options);
  OpenedViews views;
  const auto status = open_views(settings, options.path, views);
  if (!status.ok()) return {status, nullptr};
  views.database->past_step = options.past_step;
  std::map<Generation, std::shared_ptr<ViewFamily>> families;
  for (auto& [name, family] : views.families) {
    if (const auto generation = Generation::parse(name)) families[*generation] = std::move(family);
  }
  return {status, std::make_unique<RocksdbGenerationStore>(std::move(views.database), settings,
                                                           std::move(families), options)};
}

}  // namespace

Result<std::unique_ptr<GenerationStore>> open_rocksdb_generation_store(
    const RocksdbViewOptions& options) {
  std::error_code problem;
  std::filesystem::create_directories(options.path, problem);
  if (problem) return fail(ErrorCode::io_error, "the folder of the views cannot be made");
  Opened opened = open_once(options);
  if (!opened.store && is_damage(opened.status)) {
    if (options.log) options.log("the views database is damaged; it is removed and built anew");
    std::filesystem::remove_all(options.path, problem);
    if (problem) return fail(ErrorCode::io_error, "the damaged views cannot be removed");
    opened = open_once(options);
  }
  if (!opened.store) return view_failure(opened.status, "opening it");
  return std::move(opened.store);
}

}  // namespace factum::projections
