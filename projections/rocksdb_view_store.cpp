#include "projections/rocksdb_view_store.hpp"

#include "core/base/contract.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace factum::projections {
namespace {

// No key of a view sorts before it: tables are letters.
const std::string kPositionKey("\0position", 9);
const std::string kFirstKey("\1");
const std::string kLivePrefix = "live.";
const std::string kLogKey = "log";
constexpr int kOpenFilesMax = 1024;
constexpr std::size_t kBlockBytes = 8 * 1024;

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

tl::unexpected<Error> failed(const rocksdb::Status& status, std::string_view doing) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt : ErrorCode::io_error;
  return fail(code, "the views database fails while " + std::string(doing) +
                        (status.IsNoSpace() ? ": no space left on the disk"
                                            : ": " + std::string(to_string(code))));
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

std::string position_bytes(Position position) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(position.value() >> shift));
  return bytes;
}

Position read_position(std::string_view bytes) {
  std::uint64_t number = 0;
  for (char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return Position(number);
}

rocksdb::WriteOptions no_log() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

// The open database; closed when nobody uses it any more.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyOptions family_options;
  rocksdb::ColumnFamilyHandle* default_family = nullptr;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (db && default_family != nullptr)
      db->DestroyColumnFamilyHandle(default_family).PermitUncheckedError();
  }
};

struct Family {
  std::shared_ptr<Database> database;
  rocksdb::ColumnFamilyHandle* handle = nullptr;

  Family(std::shared_ptr<Database> opened, rocksdb::ColumnFamilyHandle* of)
      : database(std::move(opened)), handle(of) {}
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() { database->db->DestroyColumnFamilyHandle(handle).PermitUncheckedError(); }
};

// The rows as one commit left them; shared by all readers until the next commit.
struct Picture {
  std::shared_ptr<Family> family;
  const rocksdb::Snapshot* snapshot;
  Position position;

  Picture(std::shared_ptr<Family> of, Position at)
      : family(std::move(of)), snapshot(family->database->db->GetSnapshot()), position(at) {}
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  ~Picture() { family->database->db->ReleaseSnapshot(snapshot); }

  rocksdb::ReadOptions read_options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    return options;
  }
};

class RocksdbReader final : public ViewReader {
 public:
  explicit RocksdbReader(std::shared_ptr<const Picture> picture) : picture_(std::move(picture)) {}

  Position position() const override { return picture_->position; }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    std::string value;
    const auto status =
        db().Get(picture_->read_options(), picture_->family->handle, slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>{};
    if (!status.ok()) return failed(status, "reading a row");
    return std::optional<std::string>(std::move(value));
  }

  Status scan(const RowRange& range, const OnRow& on_row) const override {
    rocksdb::ReadOptions options = picture_->read_options();
    const std::string from = std::max(range.from, kFirstKey);
    const rocksdb::Slice lower = slice(from);
    const rocksdb::Slice upper = slice(range.to);
    options.iterate_lower_bound = &lower;
    if (!range.to.empty()) {
      if (range.to <= from) return {};
      options.iterate_upper_bound = &upper;
    }
    const std::unique_ptr<rocksdb::Iterator> rows(
        db().NewIterator(options, picture_->family->handle));
    std::size_t left = range.limit;
    if (range.backwards)
      rows->SeekToLast();
    else
      rows->SeekToFirst();
    while (left > 0 && rows->Valid()) {
      --left;
      if (!on_row(rows->key().ToStringView(), rows->value().ToStringView())) return {};
      if (range.backwards)
        rows->Prev();
      else
        rows->Next();
    }
    if (!rows->status().ok()) return failed(rows->status(), "reading rows");
    return {};
  }

 private:
  rocksdb::DB& db() const { return *picture_->family->database->db; }

  std::shared_ptr<const Picture> picture_;
};

class RocksdbKeyspace final : public ViewKeyspace {
 public:
  RocksdbKeyspace(std::shared_ptr<Family> family, Position position)
      : family_(std::move(family)), picture_(std::make_shared<const Picture>(family_, position)) {}

  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<RocksdbReader>(picture());
  }
  Position position() const override { return picture()->position; }

  Status commit(const std::vector<RowChange>& changes, Position position) override {
    rocksdb::WriteBatch batch;
    for (const RowChange& change : changes) {
      const auto added = change.value ? batch.Put(family_->handle, change.key, *change.value)
                                      : batch.Delete(family_->handle, change.key);
      if (!added.ok()) return failed(added, "collecting rows");
    }
    const auto added = batch.Put(family_->handle, kPositionKey, position_bytes(position));
    if (!added.ok()) return failed(added, "collecting rows");
    const auto written = family_->database->db->Write(no_log(), &batch);
    if (!written.ok()) return failed(written, "writing rows");
    auto fresh = std::make_shared<const Picture>(family_, position);
    const std::lock_guard lock(mutex_);
    picture_ = std::move(fresh);
    return {};
  }

 private:
  std::shared_ptr<const Picture> picture() const {
    const std::lock_guard lock(mutex_);
    return picture_;
  }

  const std::shared_ptr<Family> family_;
  mutable std::mutex mutex_;  // guards picture_
  std::shared_ptr<const Picture> picture_;
};

class RocksdbGenerationStore final : public GenerationStore {
 public:
  RocksdbGenerationStore(std::shared_ptr<Database> database,
                         std::map<Generation, std::shared_ptr<Family>> families)
      : database_(std::move(database)), families_(std::move(families)) {}

  std::vector<Generation> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Generation> all;
    for (const auto& [generation, family] : families_) all.push_back(generation);
    return all;
  }

  Result<std::shared_ptr<ViewKeyspace>> open(const Generation& generation) override {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Family>& family = families_[generation];
    if (!family) {
      rocksdb::ColumnFamilyHandle* handle = nullptr;
      const auto made =
          database_->db->CreateColumnFamily(database_->family_options, generation.name(), &handle);
      if (!made.ok()) {
        families_.erase(generation);
        return failed(made, "making a keyspace");
      }
      family = std::make_shared<Family>(database_, handle);
    }
    std::string bytes;
    const auto status =
        database_->db->Get(rocksdb::ReadOptions(), family->handle, kPositionKey, &bytes);
    if (!status.ok() && !status.IsNotFound()) return failed(status, "reading a position");
    return std::shared_ptr<ViewKeyspace>(
        std::make_shared<RocksdbKeyspace>(family, read_position(bytes)));
  }

  Status drop(const Generation& generation) override {
    const std::lock_guard lock(mutex_);
    const auto found = families_.find(generation);
    if (found == families_.end()) return {};
    const auto status = database_->db->DropColumnFamily(found->second->handle);
    families_.erase(found);
    if (!status.ok()) return failed(status, "dropping a keyspace");
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
    if (status.ok() && known == log_id.view()) return false;
    if (!status.ok() && !status.IsNotFound()) return failed(status, "reading its own names");
    const auto generations = list();
    for (const Generation& generation : generations) FACTUM_CHECK(drop(generation));
    FACTUM_CHECK(remember(kLogKey, log_id.view()));
    return !generations.empty();
  }

  Status flush(bool wait) override {
    std::vector<std::shared_ptr<Family>> families;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [generation, family] : families_) families.push_back(family);
    }
    Handles handles;
    for (const auto& family : families) handles.push_back(family->handle);
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;
    const auto status = database_->db->Flush(options, handles);
    if (!status.ok()) return failed(status, "flushing");
    return {};
  }

 private:
  // Durable at once: the default family holds nothing else.
  Status remember(const std::string& key, std::string_view value) {
    const auto written = database_->db->Put(no_log(), database_->default_family, key, slice(value));
    if (!written.ok()) return failed(written, "writing its own names");
    const auto flushed = database_->db->Flush(rocksdb::FlushOptions(), database_->default_family);
    if (!flushed.ok()) return failed(flushed, "writing its own names");
    return {};
  }

  const std::shared_ptr<Database> database_;
  mutable std::mutex mutex_;  // guards families_
  std::map<Generation, std::shared_ptr<Family>> families_;
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
  family.write_buffer_size = std::max<std::size_t>(options.write_buffer_bytes / 4, 1 << 20);
  family.max_write_buffer_number = 3;
  family.memtable_whole_key_filtering = true;
  family.memtable_prefix_bloom_size_ratio = 0.02;
  return family;
}

rocksdb::DBOptions database_options(const RocksdbViewOptions& options) {
  rocksdb::DBOptions database;
  if (options.env != nullptr) database.env = options.env;
  database.create_if_missing = true;
  database.db_write_buffer_size = options.write_buffer_bytes;
  database.max_background_jobs = 2;
  database.max_open_files = kOpenFilesMax;
  database.info_log_level = rocksdb::WARN_LEVEL;
  database.keep_log_file_num = 2;
  return database;
}

struct Opened {
  rocksdb::Status status;
  std::unique_ptr<GenerationStore> store;
};

Opened open_once(const RocksdbViewOptions& options) {
  const auto settings = database_options(options);
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(settings, options.path, &names).ok())
    names = {rocksdb::kDefaultColumnFamilyName};
  auto database = std::make_shared<Database>();
  database->family_options = family_options(options);
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  wanted.reserve(names.size());
  for (const std::string& name : names) wanted.emplace_back(name, database->family_options);
  Handles handles;
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(settings, options.path, wanted, &handles, &raw);
  if (!status.ok()) return {status, nullptr};
  database->db.reset(raw);
  std::map<Generation, std::shared_ptr<Family>> families;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    const auto generation = Generation::parse(handle->GetName());
    if (generation)
      families[*generation] = std::make_shared<Family>(database, handle);
    else if (handle->GetName() == rocksdb::kDefaultColumnFamilyName)
      database->default_family = handle;
    else
      database->db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  return {status,
          std::make_unique<RocksdbGenerationStore>(std::move(database), std::move(families))};
}

// Damage that a rebuild mends; a lock, a full disk or missing rights are not.
bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported() ||
         status.IsPathNotFound();
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
  if (!opened.store) return failed(opened.status, "opening it");
  return std::move(opened.store);
}

}  // namespace factum::projections
