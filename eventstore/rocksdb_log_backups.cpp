#include "eventstore/rocksdb_log_backups.hpp"

#include "eventstore/backup_metas.hpp"
#include "eventstore/folder_lock.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/rocksdb_log_check.hpp"
#include "eventstore/signed_note.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBytesPerCallback = std::uint64_t{1} << 20;

rocksdb::BackupEngineOptions engine_options(const BackupFolder& folder) {
  rocksdb::BackupEngineOptions options(folder.log_directory());
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.callback_trigger_interval_size = kBytesPerCallback;
  return options;
}

Result<std::unique_ptr<rocksdb::BackupEngine>> open_engine(const BackupFolder& folder) {
  FACTUM_CHECK(check_backup_metas(folder.log_directory()));
  rocksdb::BackupEngine* raw = nullptr;
  const auto status =
      rocksdb::BackupEngine::Open(engine_options(folder), rocksdb::Env::Default(), &raw);
  if (!status.ok()) return fail(error_of(status));
  return std::unique_ptr<rocksdb::BackupEngine>(raw);
}

Status dropped(const rocksdb::Status& status) {
  if (status.ok() || status.IsNotFound()) return {};
  return fail(error_of(status));
}

Status drop(const BackupFolder& folder, rocksdb::BackupEngine& engine, std::int64_t id) {
  FACTUM_CHECK(dropped(engine.DeleteBackup(static_cast<rocksdb::BackupID>(id))));
  return folder.forget(id);
}

// What interruptions left. They can leave copies only that are newer than every finished backup,
// and only where the folder says that one began.
class LeftOvers {
 public:
  // Errors: corrupt (there are copies that no interruption explains: their manifests are lost).
  static Result<LeftOvers> find(const BackupFolder& folder, const rocksdb::BackupEngine& engine,
                                const std::vector<LogBackup>& finished) {
    LeftOvers found;
    FACTUM_TRY(const auto begun, folder.begun());
    FACTUM_TRY(found.withdrawn_, folder.withdrawn());
    const std::int64_t newest = finished.empty() ? 0 : finished.back().id;
    std::vector<rocksdb::BackupInfo> infos;
    engine.GetBackupInfo(&infos);
    for (const rocksdb::BackupInfo& info : infos) {
      const std::int64_t id = info.backup_id;
      if (found.is_withdrawn(id)) continue;
      if (begun && id > std::max(newest, *begun)) {
        found.unfinished_.push_back(id);
      } else if (finished.empty()) {
        return fail(ErrorCode::corrupt, "there are copies in " + folder.log_directory() +
                                            " and no manifest of any: bring " + folder.directory() +
                                            "/manifests back, or begin a new folder of backups");
      }
    }
    std::vector<rocksdb::BackupID> corrupt;
    engine.GetCorruptedBackups(&corrupt);
    found.whole_ = corrupt.empty() && infos.size() >= finished.size();
    return found;
  }

  Status clear(const BackupFolder& folder, rocksdb::BackupEngine& engine) const {
    for (const std::int64_t id : withdrawn_) FACTUM_CHECK(drop(folder, engine, id));
    for (const std::int64_t id : unfinished_)
      FACTUM_CHECK(dropped(engine.DeleteBackup(static_cast<rocksdb::BackupID>(id))));
    // Files of a backup whose list of files does not read look like nobody's; they stay.
    return whole_ ? dropped(engine.GarbageCollect()) : Status();
  }

 private:
  bool is_withdrawn(std::int64_t id) const {
    return std::find(withdrawn_.begin(), withdrawn_.end(), id) != withdrawn_.end();
  }

  std::vector<std::int64_t> withdrawn_;
  std::vector<std::int64_t> unfinished_;
  bool whole_ = false;
};

tl::unexpected<Error> damaged(const std::string& directory, std::int64_t id,
                              const std::string& what) {
  return fail(ErrorCode::corrupt, "backup " + std::to_string(id) + " in " + directory +
                                      " is damaged: " + what + "; begin a new folder of backups");
}

// The newest checkpoint that a data folder has a copy of; empty = none.
std::string newest_checkpoint(const std::string& data_directory) {
  std::ifstream file(fs::path(data_directory) / "checkpoint", std::ios::binary);
  std::string note((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return note.size() <= LogBackup::kNoteBytesMax ? note : std::string();
}

// Lets RocksDB's own check of a backup, which cannot be stopped, end at the next part of a file.
class WatchedFiles final : public rocksdb::FileSystemWrapper {
 public:
  WatchedFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "WatchedFiles"; }

  // Null: nobody watches. Not while files are read.
  void watch(const WorkWatch* watch) { watch_ = watch; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    const auto status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
    if (status.ok() && watch_ != nullptr)
      *file = std::make_unique<WatchedFile>(std::move(*file), *watch_);
    return status;
  }

 private:
  class WatchedFile final : public rocksdb::FSSequentialFileOwnerWrapper {
   public:
    WatchedFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, const WorkWatch& watch)
        : FSSequentialFileOwnerWrapper(std::move(file)), watch_(watch) {}

    rocksdb::IOStatus Read(std::size_t bytes, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) override {
      if (watch_.cancelled()) return rocksdb::IOStatus::Aborted("interrupted");
      return FSSequentialFileOwnerWrapper::Read(bytes, options, result, scratch, debug);
    }

   private:
    const WorkWatch& watch_;
  };

  const WorkWatch* watch_ = nullptr;
};

class EngineBackup final : public OpenBackup {
 public:
  Status open(const BackupFolder& folder, std::int64_t id) {
    FACTUM_CHECK(check_backup_metas(folder.log_directory()));
    directory_ = folder.directory();
    id_ = static_cast<rocksdb::BackupID>(id);
    rocksdb::BackupEngineReadOnly* raw = nullptr;
    auto options = engine_options(folder);
    options.backup_env = env_.get();
    const auto opened = rocksdb::BackupEngineReadOnly::Open(options, rocksdb::Env::Default(), &raw);
    if (!opened.ok()) return fail(error_of(opened));
    engine_.reset(raw);
    const auto status = engine_->GetBackupInfo(id_, &info_, true);
    if (!status.ok()) return damaged(directory_, id_, status.ToString());
    auto database = Database::look_at(info_.name_for_open, info_.env_for_open.get());
    if (!database) return damaged(directory_, id_, database.error().message);
    database_ = std::move(*database);
    return {};
  }

  const Database& database() const override { return *database_; }

  Status verify_files(const WorkWatch& watch) const override {
    files_->watch(&watch);
    const auto status = engine_->VerifyBackup(id_, true);
    files_->watch(nullptr);
    if (watch.cancelled()) return fail(ErrorCode::unavailable, "the check was interrupted");
    if (status.ok()) return {};
    if (!status.IsCorruption() && !status.IsNotFound()) return fail(error_of(status));
    return damaged(directory_, id_, status.ToString());
  }

  Status copy_to(const std::string& directory) const override {
    const auto status = engine_->RestoreDBFromBackup(id_, directory, directory);
    if (status.ok()) return {};
    if (status.IsCorruption() || status.IsNotFound())
      return damaged(directory_, id_, status.ToString());
    return fail(error_of(status));
  }

  std::int64_t bytes() const override { return static_cast<std::int64_t>(info_.size); }

 private:
  std::string directory_;
  rocksdb::BackupID id_ = 0;
  const std::shared_ptr<WatchedFiles> files_ = std::make_shared<WatchedFiles>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::unique_ptr<rocksdb::BackupEngineReadOnly> engine_;
  rocksdb::BackupInfo info_;
  std::unique_ptr<Database> database_;  // reads through the files of info_
};

class EngineBackups final : public LogBackups {
 public:
  EngineBackups(const RocksdbLog& log, LogBackupOptions options)
      : log_(log), options_(std::move(options)), folder_(options_.directory) {}

  Result<LogBackup> make(const WorkWatch& watch) override {
    FACTUM_CHECK(folder_.make());
    FACTUM_TRY(const auto lock, FolderLock::acquire(folder_.directory()));
    FACTUM_TRY(const auto finished, folder_.list());
    FACTUM_CHECK(folder_.check_is_of(log_.log_id(), finished));
    LogBackup backup;
    backup.created = options_.clock->now();
    backup.checkpoint = newest_checkpoint(options_.data_directory);
    FACTUM_TRY(backup.event_types, read_event_types(options_.data_directory));
    LeftOvers left_overs;
    {
      FACTUM_TRY(const auto engine, open_engine(folder_));
      FACTUM_TRY(left_overs, LeftOvers::find(folder_, *engine, finished));
      FACTUM_CHECK(folder_.claim(log_.log_id()));
      FACTUM_CHECK(folder_.begin(finished.empty() ? 0 : finished.back().id));
      const std::int64_t before = folder_.bytes();
      FACTUM_TRY(backup.id, copy(*engine, watch));
      backup.new_bytes = folder_.bytes() - before;
    }
    auto verified = verify(backup, watch);
    FACTUM_TRY(const auto engine, open_engine(folder_));
    if (!verified) {
      ignore_error(dropped(engine->DeleteBackup(static_cast<rocksdb::BackupID>(backup.id))),
                   "without a manifest it is dropped after the next backup");
      return fail(std::move(verified).error());
    }
    FACTUM_CHECK(folder_.write_manifest(*verified));
    FACTUM_CHECK(left_overs.clear(folder_, *engine));
    FACTUM_CHECK(folder_.end());
    return verified;
  }

  Result<std::vector<LogBackup>> list(std::size_t count_max) const override {
    return folder_.list(count_max);
  }
  Result<std::size_t> keep(std::size_t count) override { return keep_backups(folder_, count); }

 private:
  // Gives the number of the copy.
  Result<std::int64_t> copy(rocksdb::BackupEngine& engine, const WorkWatch& watch) {
    rocksdb::BackupID id = 0;
    std::uint64_t copied = 0;
    FACTUM_CHECK(log_.use_database([&](const Database& database, const auto& wanted_back) {
      rocksdb::CreateBackupOptions options;
      // Files that are flushed are shared by later backups; a write-ahead log never is.
      options.flush_before_backup = true;
      options.progress_callback = [&] {
        watch.on_progress("copy", copied += kBytesPerCallback, 0);
        if (watch.cancelled() || wanted_back()) engine.StopBackup();
      };
      const auto status = engine.CreateNewBackup(options, &database.db(), &id);
      if (status.IsIncomplete())
        return Status(fail(ErrorCode::unavailable, "the backup was interrupted"));
      return status.ok() ? Status() : Status(fail(error_of(status)));
    }));
    return std::int64_t{id};
  }

  // What was copied is what was written: by the checksums of the files, and by the records.
  Result<LogBackup> verify(LogBackup backup, const WorkWatch& watch) const {
    watch.on_progress("verify", 0, 0);
    FACTUM_TRY(const auto copy, OpenBackup::open(folder_, backup.id));
    FACTUM_CHECK(copy->verify_files(watch));
    FACTUM_TRY(const CheckedLog checked, check_records(copy->database(), watch));
    FACTUM_CHECK(check_checkpoint(copy->database(), checked, backup.checkpoint));
    backup.log_id = copy->database().log_id();
    backup.head = checked.head;
    backup.root = base64(view(checked.root));
    backup.bytes = copy->bytes();
    backup.verified = options_.clock->now();
    return backup;
  }

  const RocksdbLog& log_;
  const LogBackupOptions options_;
  const BackupFolder folder_;
};

}  // namespace

Result<std::unique_ptr<OpenBackup>> OpenBackup::open(const BackupFolder& folder, std::int64_t id) {
  auto backup = std::make_unique<EngineBackup>();
  FACTUM_CHECK(backup->open(folder, id));
  return std::unique_ptr<OpenBackup>(std::move(backup));
}

std::unique_ptr<LogBackups> make_log_backups(const RocksdbLog& log, LogBackupOptions options) {
  return std::make_unique<EngineBackups>(log, std::move(options));
}

Result<std::size_t> keep_backups(const BackupFolder& folder, std::size_t count) {
  if (count == 0) return fail(ErrorCode::invalid_argument, "at least one backup is kept");
  FACTUM_TRY(const auto before, folder.list());
  if (before.size() <= count) return 0;
  FACTUM_TRY(const auto lock, FolderLock::acquire(folder.directory()));
  FACTUM_TRY(const auto finished, folder.list());
  FACTUM_TRY(const auto engine, open_engine(folder));
  std::size_t gone = 0;
  for (; gone + count < finished.size(); ++gone) {
    const std::int64_t id = finished[gone].id;
    FACTUM_CHECK(folder.withdraw(id));
    FACTUM_CHECK(drop(folder, *engine, id));
  }
  return gone;
}

}  // namespace factum
