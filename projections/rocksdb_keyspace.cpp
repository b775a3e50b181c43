#include "projections/rocksdb_keyspace.hpp"

#include "core/base/contract.hpp"
#include "projections/past_key.hpp"
#include "projections/rocksdb_view_keys.hpp"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

namespace factum::projections {
namespace {

namespace fs = std::filesystem;

// Tables are letters; the past of rows is below 01.
const std::string kFirstKey("\2");

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

std::string position_bytes(Position position) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(position.value() >> shift));
  return bytes;
}

// The rows as one commit left them; shared by all readers until the next commit.
struct Picture {
  std::shared_ptr<ViewFamily> family;
  const rocksdb::Snapshot* snapshot;
  Position position;

  Picture(std::shared_ptr<ViewFamily> of, Position at)
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
    if (!status.ok()) return view_failure(status, "reading a row");
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
    if (!rows->status().ok()) return view_failure(rows->status(), "reading rows");
    return {};
  }

 private:
  rocksdb::DB& db() const { return *picture_->family->database->db; }

  std::shared_ptr<const Picture> picture_;
};

class RocksdbKeyspace final : public ViewKeyspace {
 public:
  RocksdbKeyspace(std::shared_ptr<ViewFamily> family, Position position, std::string past_tables)
      : family_(std::move(family)),
        past_(std::move(past_tables), family_->database->past_step),
        picture_(std::make_shared<const Picture>(family_, position)) {}

  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<RocksdbReader>(picture());
  }
  Position position() const override { return picture()->position; }

  Position commit_limit() const override { return past_.commit_limit(position()); }

  Status commit(const std::vector<RowChange>& changes, Position position) override {
    FACTUM_ASSERT(changes.empty() || position <= commit_limit());
    rocksdb::WriteBatch batch;
    for (const RowChange& change : changes) {
      FACTUM_CHECK(add_row(batch, *family_, change));
      FACTUM_CHECK(past_.add(batch, *family_, change, position));
    }
    FACTUM_CHECK(write_rows(batch, *family_, position));
    auto fresh = std::make_shared<const Picture>(family_, position);
    const std::lock_guard lock(mutex_);
    picture_ = std::move(fresh);
    return {};
  }

  std::unique_ptr<ViewReader> rows_at(Position at) const override {
    return read_rocksdb_past(family_, past_.none() ? 0 : std::min(at, position()).value() / step());
  }

  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& ranges) const override {
    std::set<std::uint64_t> steps;
    for (const RowRange& range : ranges) {
      FACTUM_TRY(auto some, rocksdb_past_steps(*family_, range));
      steps.merge(some);
    }
    return past_steps(steps, step());
  }

 private:
  std::uint64_t step() const { return family_->database->past_step; }
  std::shared_ptr<const Picture> picture() const {
    const std::lock_guard lock(mutex_);
    return picture_;
  }

  const std::shared_ptr<ViewFamily> family_;
  const PastTables past_;
  mutable std::mutex mutex_;  // guards picture_
  std::shared_ptr<const Picture> picture_;
};

}  // namespace

ViewDatabase::ViewDatabase() = default;

ViewDatabase::~ViewDatabase() {
  if (db && default_family != nullptr)
    db->DestroyColumnFamilyHandle(default_family).PermitUncheckedError();
}

ViewFamily::~ViewFamily() {
  database->db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

tl::unexpected<Error> view_failure(const rocksdb::Status& status, std::string_view doing) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt : ErrorCode::io_error;
  return fail(code, "the views database fails while " + std::string(doing) +
                        (status.IsNoSpace() ? ": no space left on the disk"
                                            : ": " + std::string(to_string(code))));
}

bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported() ||
         status.IsPathNotFound();
}

rocksdb::WriteOptions without_log() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

rocksdb::Status open_views(const rocksdb::Options& options, const std::string& path,
                           OpenedViews& opened) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok())
    names = {rocksdb::kDefaultColumnFamilyName};
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  wanted.reserve(names.size());
  for (const std::string& name : names) wanted.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  auto status = rocksdb::DB::Open(options, path, wanted, &handles, &raw);
  if (!status.ok()) return status;
  opened.database = std::make_shared<ViewDatabase>();
  opened.database->db.reset(raw);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == rocksdb::kDefaultColumnFamilyName)
      opened.database->default_family = handle;
    else
      opened.families[handle->GetName()] = std::make_shared<ViewFamily>(opened.database, handle);
  }
  return status;
}

Result<std::shared_ptr<ViewFamily>> make_family(const std::shared_ptr<ViewDatabase>& database,
                                                const rocksdb::ColumnFamilyOptions& options,
                                                const std::string& name) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const auto made = database->db->CreateColumnFamily(options, name, &handle);
  if (!made.ok()) return view_failure(made, "making a keyspace");
  return std::make_shared<ViewFamily>(database, handle);
}

Status check_no_old_tables(const ViewDatabase& database) {
  // Files that a reader let go are removed by the next one who looks for them.
  auto looked = database.db->DisableFileDeletions();
  if (looked.ok()) looked = database.db->EnableFileDeletions(false);
  if (!looked.ok()) return view_failure(looked, "removing old tables");
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db->GetLiveFilesMetaData(&files);
  std::set<std::string> live;
  for (const auto& file : files) live.insert(fs::path(file.name).filename().string());
  std::error_code failed;
  for (fs::directory_iterator entry(database.db->GetName(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".sst") && !live.contains(name))
      return fail(ErrorCode::unavailable, "old rows of views are still being read");
  }
  if (failed) return fail(ErrorCode::io_error, "cannot look at the folder of the views");
  return {};
}

Status flush_families(const std::vector<std::shared_ptr<ViewFamily>>& families, bool wait) {
  if (families.empty()) return {};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (const auto& family : families) handles.push_back(family->handle);
  rocksdb::FlushOptions options;
  options.wait = wait;
  options.allow_write_stall = true;
  const auto status = families.front()->database->db->Flush(options, handles);
  if (!status.ok()) return view_failure(status, "flushing");
  return {};
}

Position PastTables::commit_limit(Position position) const {
  if (none()) return Position(UINT64_MAX);
  return Position((position.value() / step_ + 1) * step_);
}

Status PastTables::add(rocksdb::WriteBatch& batch, const ViewFamily& family,
                       const RowChange& change, Position position) const {
  if (tables_ != "*" && tables_.find(change.key.front()) == std::string::npos) return {};
  const std::string key = past_key(past_prefix(change.key), (position.value() - 1) / step_);
  const auto added = batch.Put(family.handle, key, past_value(change.value));
  if (!added.ok()) return view_failure(added, "collecting rows");
  return {};
}

Status add_row(rocksdb::WriteBatch& batch, const ViewFamily& family, const RowChange& change) {
  const auto added = change.value ? batch.Put(family.handle, change.key, *change.value)
                                  : batch.Delete(family.handle, change.key);
  if (!added.ok()) return view_failure(added, "collecting rows");
  return {};
}

Status write_rows(rocksdb::WriteBatch& batch, const ViewFamily& family, Position position) {
  const auto added = batch.Put(family.handle, kPositionKey, position_bytes(position));
  if (!added.ok()) return view_failure(added, "collecting rows");
  const auto written = family.database->db->Write(without_log(), &batch);
  if (!written.ok()) return view_failure(written, "writing rows");
  return {};
}

Result<Position> position_of(const ViewFamily& family) {
  std::string bytes;
  const auto status =
      family.database->db->Get(rocksdb::ReadOptions(), family.handle, kPositionKey, &bytes);
  if (!status.ok() && !status.IsNotFound()) return view_failure(status, "reading a position");
  return read_position(bytes);
}

Result<std::shared_ptr<ViewKeyspace>> open_rocksdb_keyspace(
    const std::shared_ptr<ViewFamily>& family, const std::string& past_tables) {
  FACTUM_TRY(const Position position, position_of(*family));
  return std::shared_ptr<ViewKeyspace>(
      std::make_shared<RocksdbKeyspace>(family, position, past_tables));
}

}  // namespace factum::projections
