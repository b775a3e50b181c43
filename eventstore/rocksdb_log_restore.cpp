#include "eventstore/rocksdb_log_restore.hpp"

#include "core/es/extension_types.hpp"
#include "eventstore/folder_lock.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/rocksdb_log_backups.hpp"
#include "eventstore/rocksdb_log_check.hpp"
#include "eventstore/rocksdb_reader.hpp"
#include "eventstore/signed_note.hpp"
#include "eventstore/system_sources.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinished = "log.restoring";
constexpr const char* kCheckpoint = "checkpoint";
constexpr std::chrono::milliseconds kLookEvery{100};

// The small files beside a log, also while they are being written.
constexpr std::array<std::string_view, 4> kSmallFiles{kExtensionFile, "event_types.json.new",
                                                      kCheckpoint, "checkpoint.new"};

// What an interrupted restore may leave. The small files are written last, and removed first.
bool is_left_over(const fs::path& folder, const fs::path& name) {
  if (name == kUnfinished || name == "factum.lock") return true;
  std::error_code failed;
  return std::find(kSmallFiles.begin(), kSmallFiles.end(), name.string()) != kSmallFiles.end() &&
         fs::exists(folder / kUnfinished, failed);
}

// Makes the folder if need be, and refuses one that is in use for something.
Status prepare_folder(const fs::path& folder) {
  std::error_code failed;
  if (fs::create_directories(folder, failed); failed)
    return fail(ErrorCode::io_error,
                "the folder " + folder.string() + " cannot be made: " + failed.message());
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (is_left_over(folder, entry->path().filename())) continue;
    return fail(ErrorCode::already_exists, "the folder " + folder.string() +
                                               " is not empty: there is " +
                                               entry->path().filename().string() +
                                               "; a restore never overwrites, name a new folder");
  }
  if (failed) return fail(ErrorCode::io_error, "cannot list the folder " + folder.string());
  return {};
}

Status sync_files(const fs::path& folder) {
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->is_regular_file(failed)) FACTUM_CHECK(sync_file(entry->path().string()));
  }
  if (failed) return fail(ErrorCode::io_error, "cannot list the folder " + folder.string());
  return sync_folder(folder.string());
}

// Copying cannot be asked how far it is, so a thread looks at what is there.
class CopyProgress {
 public:
  CopyProgress(const std::string& directory, std::int64_t bytes, const WorkWatch& watch)
      : thread_([this, folder = BackupFolder(directory), bytes, &watch] {
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, kLookEvery, [&] { return done_; })) {
            watch.on_progress("copy", static_cast<std::uint64_t>(folder.bytes()),
                              static_cast<std::uint64_t>(bytes));
          }
        }) {}
  ~CopyProgress() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  CopyProgress(const CopyProgress&) = delete;
  CopyProgress& operator=(const CopyProgress&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

// The position to cut at; appends are atomic and stay so.
Result<Position> cut_of(const Database& source, const LogBackup& backup,
                        const LogRestoreOptions& options) {
  const Position head = backup.head;
  if (options.as_of) {
    if (*options.as_of > backup.created) {
      return fail(ErrorCode::not_found, "backup " + std::to_string(backup.id) + " was made at " +
                                            to_string(backup.created) +
                                            "; it does not know what was recorded after that");
    }
    FACTUM_TRY(const Position last, position_at(source, *options.as_of, head));
    if (last.value() == 0)
      return fail(ErrorCode::not_found, "nothing was recorded up to that instant");
    return last;
  }
  const Position last = *options.to_position;
  if (last.value() == 0 || last > head) {
    return fail(ErrorCode::not_found, "the backup has the positions 1 to " +
                                          std::to_string(head.value()) + ", not " +
                                          std::to_string(last.value()));
  }
  if (last == head) return last;
  FACTUM_TRY(const Timestamp here, source.recorded_at(last));
  FACTUM_TRY(const Timestamp next, source.recorded_at(Position(last.value() + 1)));
  if (here != next) return last;
  FACTUM_TRY(const Position after, position_at(source, here, head));
  FACTUM_TRY(const Position before, position_at(source, Timestamp(here.value() - 1), head));
  return fail(ErrorCode::invalid_argument,
              "the positions " + std::to_string(before.value() + 1) + " to " +
                  std::to_string(after.value()) +
                  " were recorded together, as a whole or not at all; name " +
                  std::to_string(before.value()) + " or " + std::to_string(after.value()));
}

Status check_claim_history(const Database& source, Position last) {
  const Position from = source.identity().claim_history_from;
  if (last >= from) return {};
  return fail(ErrorCode::not_found,
              "which values were taken (e-mail addresses, external ids) is known from position " +
                  std::to_string(from.value()) +
                  " on, since a version of factum before did not keep it; name that position or a "
                  "later one");
}

class Restore {
 public:
  Restore(const LogRestoreOptions& options, const WorkWatch& watch)
      : options_(options), watch_(watch), folder_(options.from) {}

  Result<RestoredLog> run() {
    FACTUM_TRY(restored_.backup, folder_.find(options_.id));
    FACTUM_CHECK(prepare_folder(options_.to));
    FACTUM_TRY(const auto lock, FolderLock::acquire(options_.to));
    FACTUM_CHECK(clear());
    auto done = copy_and_verify();
    if (!done) {
      ignore_error(clear(), "the next try does it");
      drop_lock_file();
      return fail(std::move(done).error());
    }
    return restored_;
  }

 private:
  Status copy_and_verify() {
    FACTUM_TRY(const auto backup, OpenBackup::open(folder_, restored_.backup.id));
    const bool whole = !options_.to_position && !options_.as_of;
    FACTUM_CHECK(whole ? copy_whole(*backup) : copy_part(*backup));
    FACTUM_CHECK(sync_files(unfinished()));
    FACTUM_CHECK(verify(backup->database(), whole));
    FACTUM_CHECK(write_small_files(whole));
    return appear();
  }

  fs::path unfinished() const { return fs::path(options_.to) / kUnfinished; }

  Status clear() const {
    std::error_code failed;
    for (const std::string_view name : kSmallFiles) {
      if (fs::remove(fs::path(options_.to) / name, failed); failed)
        return fail(ErrorCode::io_error, "cannot remove " + std::string(name));
    }
    fs::remove_all(unfinished(), failed);
    if (failed) return fail(ErrorCode::io_error, "cannot remove " + unfinished().string());
    return {};
  }

  Status copy_whole(const OpenBackup& backup) {
    restored_.identity = backup.database().identity();
    const CopyProgress progress(unfinished().string(), backup.bytes(), watch_);
    FACTUM_CHECK(backup.copy_to(unfinished().string()));
    return watch_.cancelled() ? Status(fail(ErrorCode::unavailable, "the restore was interrupted"))
                              : Status();
  }

  Status copy_part(const OpenBackup& backup) {
    const Database& source = backup.database();
    FACTUM_CHECK(check_source(source));
    FACTUM_TRY(const Position last, cut_of(source, restored_.backup, options_));
    FACTUM_CHECK(check_claim_history(source, last));
    restored_.identity = source.identity();
    if (options_.seal_id && *options_.seal_id != restored_.identity.seal_id) {
      return fail(ErrorCode::invalid_argument,
                  "the keys are those of another log; name those of the log in the backup");
    }
    restored_.identity.log_id = UuidV7Source(*options_.clock).next();
    return copy_log_up_to(source, last, unfinished().string(), restored_.identity, watch_);
  }

  // What is cut has to be what the manifest speaks of.
  Status check_source(const Database& source) const {
    FACTUM_TRY(const Position head, source.last_position());
    FACTUM_TRY(const Digest root, tree_root(stored_rows(source, head), head.value()));
    if (head != restored_.backup.head || base64(view(root)) != restored_.backup.root) {
      return fail(ErrorCode::corrupt, "backup " + std::to_string(restored_.backup.id) +
                                          " is not what its manifest says; take another backup");
    }
    return check_checkpoint(source, {head, root}, restored_.backup.checkpoint);
  }

  // The records are the judge: their root is the one of the manifest, and that of the original log
  // at the same place.
  Status verify(const Database& source, bool whole) {
    FACTUM_TRY(const auto database, Database::look_at(unfinished().string()));
    FACTUM_TRY(const CheckedLog checked, check_records(*database, watch_));
    restored_.head = checked.head;
    restored_.root = checked.root;
    if (whole) {
      const bool same = checked.head == restored_.backup.head &&
                        base64(view(checked.root)) == restored_.backup.root;
      if (!same) return not_the_same("what the manifest says");
      return check_checkpoint(*database, checked, restored_.backup.checkpoint);
    }
    FACTUM_TRY(const Position head, source.last_position());
    FACTUM_TRY(const Digest root, tree_root(stored_rows(source, head), checked.head.value()));
    return root == checked.root ? Status() : not_the_same("the beginning of the backup");
  }

  static Status not_the_same(std::string_view what) {
    return fail(ErrorCode::corrupt,
                "the restored log is not " + std::string(what) + "; take another backup");
  }

  // What was signed of the log holds for all of it again: verifiers find it before it is served.
  Status write_small_files(bool whole) const {
    const fs::path to(options_.to);
    const LogBackup& backup = restored_.backup;
    if (backup.event_types)
      FACTUM_CHECK(write_private_file((to / kExtensionFile).string(), *backup.event_types));
    if (!whole || backup.checkpoint.empty()) return {};
    return write_private_file((to / kCheckpoint).string(), backup.checkpoint);
  }

  Status appear() const {
    const fs::path log = fs::path(options_.to) / "log";
    if (std::rename(unfinished().c_str(), log.c_str()) != 0)
      return fail(ErrorCode::io_error, "cannot rename " + unfinished().string());
    drop_lock_file();
    return sync_folder(options_.to);
  }

  void drop_lock_file() const {
    std::error_code ignored;
    fs::remove(fs::path(options_.to) / "factum.lock", ignored);
  }

  const LogRestoreOptions& options_;
  const WorkWatch& watch_;
  const BackupFolder folder_;
  RestoredLog restored_;
};

}  // namespace

Result<RestoredLog> restore_log(const LogRestoreOptions& options, const WorkWatch& watch) {
  return Restore(options, watch).run();
}

}  // namespace factum
