#include "api/app_doctor.hpp"

#include "core/crm/catalog.hpp"
#include "core/es/extension_types.hpp"
#include "eventstore/backup_folder.hpp"
#include "eventstore/folder_lock.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/key_backup.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/keystore.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/rocksdb_log_check.hpp"
#include "eventstore/root_key.hpp"
#include "eventstore/signed_note.hpp"
#include "eventstore/system_sources.hpp"
#include "eventstore/wal_check.hpp"
#include "projections/registry.hpp"
#include "projections/rocksdb_view_look.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <type_traits>

namespace factum::api {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMebibyte = std::uintmax_t{1} << 20;
constexpr std::uintmax_t kReserveMebibytes = 256;
constexpr std::int64_t kDayMicros = 86'400'000'000;
// How often a log is looked at again whose files go under the look.
constexpr int kLooksMax = 5;

class Examination {
 public:
  Examination(const DoctorOptions& options, const WorkWatch& watch,
              const std::function<void(const Finding&)>& on_finding)
      : options_(options),
        watch_(watch),
        on_finding_(on_finding),
        data_(options.folders.data),
        keys_(options.folders.keys_or_default()) {}

  void run() {
    if (!check_log_is_there()) return;
    check_lock();
    check_room();
    check_wal_files();
    open_log();
    if (database_ && !options_.quick) check_content();
    check_keys();
    if (database_) check_signed();
    check_backups();
    check_views();
    check_event_types();
  }

 private:
  void ok(std::string check, std::string text) {
    on_finding_({std::move(check), Health::ok, std::move(text), {}});
  }
  void tell(Health health, std::string check, std::string text, std::string advice) {
    on_finding_({std::move(check), health, std::move(text), std::move(advice)});
  }

  bool check_log_is_there() {
    std::error_code failed;
    if (fs::exists(data_ + "/log/CURRENT", failed)) return true;
    tell(Health::error, "data", "there is no log in " + data_,
         "name the data folder with --data, or restore one from a backup");
    return false;
  }

  void check_lock() {
    ok("lock", is_running() ? "a program has the folder open" : "no program has the folder open");
  }

  void check_room() {
    std::error_code failed;
    const auto space = fs::space(data_, failed);
    if (failed) {
      return tell(Health::unchecked, "disk", "the disk does not tell how much room is left",
                  failed.message());
    }
    const std::uintmax_t left = space.available / kMebibyte;
    const std::string text = std::to_string(left) + " MiB left";
    if (left < kReserveMebibytes) {
      return tell(Health::error, "disk", text,
                  "make room: with less than 256 MiB nothing is recorded");
    }
    if (left < 8 * kReserveMebibytes)
      return tell(Health::warning, "disk", text, "make room soon: below 256 MiB writes stop");
    ok("disk", text);
  }

  void check_wal_files() {
    if (running_) {
      return tell(Health::unchecked, "tail", "the end of the log is being written", {});
    }
    const auto torn = wal_has_torn_end(data_ + "/log");
    if (!torn) return tell_of_log("tail", torn.error());
    ok("tail", *torn ? "the last record is incomplete: it was never acknowledged, and the next "
                       "start cuts it off"
                     : "the write-ahead log reads to its end");
  }

  void open_log() {
    auto database = Database::look_at(data_ + "/log");
    // RocksDB calls a file that went between two looks at the folder a corruption, too.
    for (int looks = 1; !database && looks < kLooksMax && is_running(); ++looks)
      database = Database::look_at(data_ + "/log");
    if (!database) {
      if (database.error().code == ErrorCode::unsupported_format)
        return tell(Health::error, "format", database.error().message, {});
      if (running_) return tell_of_change("format", database.error());
      return tell_of_log("format", database.error());
    }
    database_ = std::move(*database);
    ok("format", "format 1, log " + database_->log_id().to_string());
  }

  void check_content() {
    if (const auto blocks = look_again_at(&check_blocks); !blocks) {
      tell_of_log("blocks", blocks.error());
    } else {
      ok("blocks", "every block has its checksum");
    }
    const auto checked =
        look_again_at([this](const Database& database) { return check_records(database, watch_); });
    if (!checked) return tell_of_log("records", checked.error());
    ok("records", std::to_string(checked->head.value()) + " without a gap, root " +
                      base64(view(checked->root)));
  }

  // A program that runs replaces files and removes the old ones: what was not found is looked for
  // in the files of now.
  template <class Check>
  std::invoke_result_t<Check, const Database&> look_again_at(Check check) {
    auto result = check(*database_);
    for (int looks = 1; !result && looks < kLooksMax; ++looks) {
      if (result.error().code != ErrorCode::io_error || !is_running()) break;
      auto now = Database::look_at(data_ + "/log");
      if (!now) continue;
      database_ = std::move(*now);
      result = check(*database_);
    }
    return result;
  }

  // One that starts meanwhile counts too.
  bool is_running() {
    running_ = running_ || FolderLock::is_held(data_ + "/log");
    return running_;
  }

  // Only damage is a reason to give up the log that is there.
  void tell_of_log(const std::string& check, const Error& error) {
    if (error.code == ErrorCode::corrupt)
      return tell(Health::error, check, error.message, "restore the log from a backup");
    if (error.code == ErrorCode::unavailable)
      return tell(Health::unchecked, check, error.message, {});
    if (running_) return tell_of_change(check, error);
    tell(Health::error, check, error.message,
         "see whether the disk and the rights on its files are right, then look again");
  }
  void tell_of_change(const std::string& check, const Error& error) {
    tell(Health::unchecked, check,
         "a program that runs changed files while they were read: " + error.message,
         "look again, or when no program has the folder open");
  }

  bool is_private(const std::string& path, fs::perms allowed) {
    std::error_code failed;
    const auto status = fs::status(path, failed);
    return failed || (status.permissions() & ~allowed & fs::perms::mask) == fs::perms::none;
  }

  void check_keys() {
    std::error_code failed;
    if (!fs::exists(keys_ + "/tree.keys", failed)) {
      return tell(Health::error, "keys", "there are no keys in " + keys_,
                  "name their folder with --keys, or bring it back from its backup");
    }
    if (const auto place = check_key_place(options_.folders); !place)
      tell(Health::error, "key place", place.error().message, "move the keys elsewhere");
    check_key_rights();
    const auto slots = count_key_slots(keys_);
    if (!slots) {
      tell(Health::error, "keys", slots.error().message, {});
    } else if (slots->damaged > 0) {
      tell(Health::error, "keys", std::to_string(slots->damaged) + " slots do not read",
           "look for an older copy of the keys; what they opened looks damaged until then");
    } else {
      ok("keys", std::to_string(slots->slots) + " keys, every slot reads");
    }
    check_key_owner();
    if (const auto root = read_root_key(keys_, options_.root_key_hex); !root) {
      tell(Health::warning, "root key", root.error().message,
           "it is not kept here; see that it is where you expect it");
    } else {
      ok("root key", options_.root_key_hex.empty() ? "in root.key" : "given from outside");
    }
  }

  void check_key_rights() {
    std::string open;
    if (!is_private(keys_, fs::perms::owner_all)) open = keys_;
    std::error_code failed;
    for (fs::directory_iterator entry(keys_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (!is_private(entry->path().string(), fs::perms::owner_read | fs::perms::owner_write))
        open = entry->path().string();
    }
    if (open.empty()) return ok("key rights", "nobody else may read the keys");
    tell(Health::error, "key rights", "others have rights on " + open,
         "chmod 700 the folder and 600 the files");
  }

  void check_key_owner() {
    const auto tree = read_private_file(keys_ + "/tree.keys");
    if (!tree || !*tree) return;  // the rights on it were looked at
    const auto head = read_key_tree_head(**tree);
    if (!head) {
      return tell(Health::error, "keys", head.error().message,
                  "look for an older copy of the keys: without tree.keys none of them opens");
    }
    if (database_ && head->seal_id != database_->identity().seal_id)
      tell(Health::error, "keys", "the keys in " + keys_ + " are those of another log",
           "name the ones of this log with --keys");
  }

  void check_signed() {
    const auto note = read_private_file(keys_ + "/signed");
    if (!note) return tell(Health::error, "checkpoint", note.error().message, {});
    if (!*note) return ok("checkpoint", "nothing was signed yet");
    const auto head = database_->last_position();
    if (!head) return tell(Health::error, "checkpoint", head.error().message, {});
    const auto contained = check_checkpoint(*database_, {*head, {}}, **note);
    if (contained) return ok("checkpoint", "the log contains what was signed last");
    if (running_) {
      return tell(Health::unchecked, "checkpoint",
                  "the log is being written: " + contained.error().message, {});
    }
    tell(Health::error, "checkpoint", contained.error().message,
         "this looks like a log from a backup: nothing more is signed; see docs/operations.md");
  }

  void check_backups() {
    const std::string folder = options_.folders.backups_or_default();
    if (const auto place = check_backup_place(options_.folders); !place)
      return tell(Health::error, "backups", place.error().message, "choose another --backups");
    const auto backups = BackupFolder(folder).list();
    if (!backups) return tell(Health::error, "backups", backups.error().message, {});
    if (backups->empty()) {
      return tell(Health::warning, "backups", "there is no backup in " + folder,
                  "factum backup makes one");
    }
    const LogBackup& newest = backups->back();
    if (database_ && newest.log_id != database_->log_id()) {
      return tell(Health::error, "backups", "the backups in " + folder + " are of another log",
                  "name the folder of this log's backups with --backups");
    }
    const std::string text = "the newest of " + std::to_string(backups->size()) + " is of " +
                             to_string(newest.created) + ", up to position " +
                             std::to_string(newest.head.value());
    if (SystemClock().now().value() - newest.created.value() > kDayMicros)
      return tell(Health::warning, "backups", text, "it is older than a day: make one");
    ok("backups", text);
  }

  void check_views() {
    const auto generations = projections::look_at_views(data_ + "/views");
    if (!generations) {
      return tell(running_ ? Health::unchecked : Health::warning, "views",
                  generations.error().message,
                  "the next start makes them anew from the log; nothing is lost");
    }
    std::string behind;
    for (const projections::View& view : projections::all_views()) {
      const auto live =
          std::find_if(generations->begin(), generations->end(), [&](const auto& stored) {
            return stored.live && stored.generation.projection == view.projection.name();
          });
      if (live == generations->end()) {
        behind += " " + view.projection.name() + " (none)";
      } else if (live->generation.version != view.projection.version()) {
        behind += " " + view.projection.name() + " (another version)";
      } else if (database_ && is_ahead(live->position)) {
        behind += " " + view.projection.name() + " (ahead of the log)";
      }
    }
    if (behind.empty())
      return ok("views", std::to_string(generations->size()) + " on disk, of this version");
    tell(Health::warning, "views", "the next start builds anew:" + behind,
         "nothing is lost; the first answers take a while");
  }

  bool is_ahead(Position position) const {
    const auto head = database_->last_position();
    return head && position > *head && !running_;
  }

  void check_event_types() {
    const auto text = read_event_types(data_);
    if (!text) return tell(Health::error, "event types", text.error().message, {});
    if (!*text) return ok("event types", "no own ones");
    const auto types = ExtensionTypes::parse(**text, crm::extension_entities());
    if (!types) return tell(Health::error, "event types", types.error().message, "mend the file");
    ok("event types", std::string(kExtensionFile) + " reads");
  }

  const DoctorOptions& options_;
  const WorkWatch& watch_;
  const std::function<void(const Finding&)>& on_finding_;
  const std::string data_;
  const std::string keys_;
  bool running_ = false;
  std::unique_ptr<Database> database_;
};

}  // namespace

std::string_view to_string(Health health) {
  switch (health) {
    case Health::ok: return "ok";
    case Health::unchecked: return "unchecked";
    case Health::warning: return "warning";
    case Health::error: return "error";
  }
  return "error";
}

void examine(const DoctorOptions& options, const WorkWatch& watch,
             const std::function<void(const Finding&)>& on_finding) {
  Examination(options, watch, on_finding).run();
}

}  // namespace factum::api
