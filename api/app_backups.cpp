#include "api/app_backups.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/key_backup.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/keystore.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_backups.hpp"
#include "eventstore/rocksdb_log_restore.hpp"
#include "eventstore/signed_note.hpp"
#include "eventstore/system_sources.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace factum::api {
namespace {

namespace fs = std::filesystem;

Result<fs::path> resolved(const std::string& folder) {
  std::error_code failed;
  fs::path path = fs::weakly_canonical(fs::absolute(folder, failed), failed);
  if (failed) return fail(ErrorCode::io_error, "cannot resolve the folder " + folder);
  return path.has_filename() ? path : path.parent_path();
}

// Whether one lies in the other, or both are the same.
Result<bool> overlap(const std::string& one, const std::string& other) {
  FACTUM_TRY(const fs::path a, resolved(one));
  FACTUM_TRY(const fs::path b, resolved(other));
  const auto [a_at, b_at] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return a_at == a.end() || b_at == b.end();
}

Status check_apart(const std::string& folder, const std::string& other, const std::string& why) {
  FACTUM_TRY(const bool together, overlap(folder, other));
  if (!together) return {};
  return fail(ErrorCode::invalid_argument, "the folders " + folder + " and " + other +
                                               " are the same, or one lies in the other: " + why);
}

}  // namespace

Status check_backup_place(const Folders& folders) {
  const std::string backups = folders.backups_or_default();
  FACTUM_CHECK(check_apart(backups, folders.data,
                           "a backup in the data folder is lost with it; name another one"));
  FACTUM_CHECK(check_apart(backups, folders.keys_or_default(),
                           "backups of the log travel, and keys beside them would open them"));
  std::error_code failed;
  if (!fs::exists(fs::path(backups) / "tree.keys", failed)) return {};
  return fail(ErrorCode::invalid_argument,
              "the folder " + backups + " holds keys; a backup of the log goes elsewhere");
}

Status check_key_place(const Folders& folders) {
  return check_apart(folders.keys_or_default(), folders.data,
                     "backups and copies of the data must not hold keys");
}

Result<LogBackup> make_backup(const Folders& folders, const WorkWatch& watch) {
  FACTUM_CHECK(check_backup_place(folders));
  std::error_code failed;
  if (!fs::exists(folders.data + "/log", failed)) {
    return fail(ErrorCode::not_found,
                "there is no log in " + folders.data + "; name the data folder with --data");
  }
  SystemClock clock;
  EventStoreOptions options;
  options.directory = folders.data + "/log";
  options.clock = &clock;
  FACTUM_TRY(const auto log, open_rocksdb_event_store(std::move(options)));
  return make_log_backups(*log, {folders.backups_or_default(), folders.data, &clock})->make(watch);
}

Result<std::vector<LogBackup>> list_backups(const std::string& directory) {
  std::error_code failed;
  if (!fs::is_directory(directory, failed)) {
    return fail(ErrorCode::not_found,
                "there is no folder of backups " + directory + "; name it with --backups");
  }
  return BackupFolder(directory).list();
}

Result<std::size_t> keep_backups(const std::string& directory, std::size_t count) {
  return factum::keep_backups(BackupFolder(directory), count);
}

Result<KeyCopy> back_up_keys(const Folders& folders, const std::string& target,
                             bool with_root_key) {
  const std::string to = bare_folder(target);
  FACTUM_CHECK(check_apart(to, folders.backups_or_default(),
                           "keys beside a backup of the log would open it; name another folder"));
  FACTUM_CHECK(check_apart(to, folders.data, "keys never lie with the data"));
  FACTUM_CHECK(check_apart(to, folders.keys_or_default(), "a copy there is lost with the keys"));
  std::error_code failed;
  if (fs::exists(fs::path(to).parent_path() / "manifests", failed)) {
    return fail(ErrorCode::invalid_argument,
                "the folder of " + to + " holds backups of a log; keys go elsewhere");
  }
  FACTUM_TRY(const CopiedKeys copied, copy_keys({.from = folders.keys_or_default(),
                                                 .to = to,
                                                 .root_key = with_root_key,
                                                 .signing_key = true}));
  return KeyCopy{copied.slots, copied.damaged};
}

namespace {

// Keys come first: a log without keys is of no use, and keys without a log do no harm. Until the
// log is there they say whose they are, so that a restore that was killed can be repeated.
Status copy_keys_for(const RestoreRequest& request, const std::string& new_keys) {
  if (request.keys.empty()) {
    return fail(ErrorCode::invalid_argument,
                "a log up to an earlier point is another log and gets a copy of the keys: name "
                "the present ones with --keys");
  }
  FACTUM_CHECK(check_apart(new_keys, request.to, "keys never lie with the data"));
  FACTUM_CHECK(check_apart(new_keys, request.from, "keys never lie with backups of the log"));
  std::error_code failed;
  if (fs::exists(fs::path(request.to) / "log", failed) || failed) {
    return fail(ErrorCode::already_exists,
                "there is a log in " + request.to +
                    " already; a restore never overwrites, name a new folder");
  }
  FACTUM_TRY(const fs::path to, resolved(request.to));
  FACTUM_TRY(const CopiedKeys copied, copy_keys({.from = bare_folder(request.keys),
                                                 .to = new_keys,
                                                 .root_key = true,
                                                 .signing_key = false,
                                                 .restoring_for = to.string()}));
  static_cast<void>(copied);
  return {};
}

Result<Uuid> seal_id_of_keys(const std::string& keys) {
  FACTUM_TRY(const auto tree, read_private_file(keys + "/tree.keys"));
  FACTUM_TRY(const KeyTreeHead head, read_key_tree_head(tree.value_or("")));
  return head.seal_id;
}

}  // namespace

Result<RestoreAnswer> restore(const RestoreRequest& request, const WorkWatch& watch) {
  FACTUM_CHECK(check_apart(request.to, request.from, "name a folder outside the backups"));
  const bool part = request.to_position || request.as_of;
  const std::string new_keys = Folders{request.to, request.new_keys, {}}.keys_or_default();
  if (part) FACTUM_CHECK(copy_keys_for(request, new_keys));
  SystemClock clock;
  LogRestoreOptions options{.from = request.from,
                            .id = request.id,
                            .to = bare_folder(request.to),
                            .clock = &clock,
                            .as_of = request.as_of};
  if (request.to_position) options.to_position = Position(*request.to_position);
  if (part) {
    FACTUM_TRY(options.seal_id, seal_id_of_keys(new_keys));
  }
  auto restored = restore_log(options, watch);
  if (!restored) {
    // Somebody else who restores into the folder waits for the same keys.
    if (part && restored.error().code != ErrorCode::locked)
      ignore_error(drop_key_copy(new_keys), "the same command replaces it");
    return fail(std::move(restored).error());
  }
  if (part) FACTUM_CHECK(finish_key_copy(new_keys));
  return RestoreAnswer{restored->backup, restored->identity.log_id, restored->head,
                       base64(view(restored->root)), part ? new_keys : std::string()};
}

}  // namespace factum::api
