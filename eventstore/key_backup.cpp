#include "eventstore/key_backup.hpp"

#include "core/base/folder_name.hpp"
#include "eventstore/file.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/key_slots.hpp"
#include "eventstore/pause.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace factum {
namespace {

namespace fs = std::filesystem;

// A slot that is being overwritten reads right a moment later.
constexpr int kReadsMax = 20;
constexpr std::chrono::milliseconds kBetweenTries{100};
// In a copy that belongs to a log which has not appeared yet: the folder of that log.
constexpr std::string_view kRestoring = "restoring";
// All that a copy may hold.
constexpr std::array<std::string_view, 9> kFiles{"slots.keys", "tree.keys", "epoch.keys",
                                                 "index.key",  "root.key",  "signing.key",
                                                 "handovers",  "signed",    kRestoring};

std::string path_in(const std::string& folder, std::string_view name) {
  return (fs::path(folder) / name).string();
}

tl::unexpected<Error> no_keys(const std::string& folder) {
  return fail(ErrorCode::not_found, "there are no keys in " + folder);
}

CopiedKeys count(std::string_view slots) {
  CopiedKeys counted;
  std::size_t unread = 0;  // at the end they are free, in the middle damaged
  for (std::size_t at = 0; at + kKeySlotBytes <= slots.size(); at += kKeySlotBytes) {
    const auto slot = decode_key_slot(slots.substr(at, kKeySlotBytes));
    if (!slot) {
      ++unread;
    } else if (slot->state != KeySlotState::free) {
      ++counted.slots;
      counted.damaged += unread;
      unread = 0;
    }
  }
  return counted;
}

// The slots, read again as long as one of them does not read and still changes.
Result<std::string> read_slots(const std::string& folder) {
  const std::string path = path_in(folder, "slots.keys");
  FACTUM_TRY(auto slots, read_private_file(path));
  if (!slots) return no_keys(folder);
  for (int reads = 1; reads < kReadsMax && count(*slots).damaged > 0; ++reads) {
    std::this_thread::yield();
    FACTUM_TRY(auto again, read_private_file(path));
    if (!again || *again == *slots) break;
    slots = std::move(again);
  }
  return std::move(*slots);
}

Status copy_file(const KeyCopyOptions& options, const std::string& target, std::string_view name) {
  FACTUM_TRY(const auto bytes, read_private_file(path_in(options.from, name)));
  return bytes ? write_private_file(path_in(target, name), *bytes) : Status();
}

// The tree of keys is replaced as a whole, by way of tree.next while keys are destroyed; slots
// under another one would not open.
Result<CopiedKeys> copy_tree(const KeyCopyOptions& options, const std::string& target) {
  for (int tries = 0; tries < kReadsMax; ++tries) {
    if (tries > 0) pause_for(kBetweenTries);
    FACTUM_TRY(const auto before, read_private_file(path_in(options.from, "tree.keys")));
    if (!before) return no_keys(options.from);
    FACTUM_TRY(const std::string slots, read_slots(options.from));
    if (options.root_key) FACTUM_CHECK(copy_file(options, target, "epoch.keys"));
    FACTUM_CHECK(copy_file(options, target, "index.key"));  // of the first format
    FACTUM_TRY(const bool destroying, file_exists(path_in(options.from, "tree.next")));
    FACTUM_TRY(const auto after, read_private_file(path_in(options.from, "tree.keys")));
    if (before != after || destroying) continue;
    FACTUM_CHECK(write_private_file(path_in(target, "slots.keys"), slots));
    FACTUM_CHECK(write_private_file(path_in(target, "tree.keys"), *before));
    return count(slots);
  }
  return fail(ErrorCode::unavailable,
              "the keys in " + options.from + " changed all the while; try again");
}

// Whether there is a copy that an interrupted restore into the same folder made.
Result<bool> is_unfinished(const KeyCopyOptions& options) {
  if (options.restoring_for.empty()) return false;
  FACTUM_TRY(const auto target, read_private_file(path_in(options.to, kRestoring)));
  return target && *target == options.restoring_for;
}

Status check_empty(const std::string& folder) {
  std::error_code failed;
  const bool empty = !fs::exists(folder, failed) || fs::is_empty(folder, failed);
  if (failed)
    return fail(ErrorCode::io_error,
                "cannot look at the folder " + folder + ": " + failed.message());
  if (empty) return {};
  return fail(ErrorCode::already_exists,
              "the folder " + folder + " is not empty; keys are copied into a new one");
}

bool is_key_file(const fs::directory_entry& entry) {
  std::string name = entry.path().filename().string();
  constexpr std::string_view kBeingWritten = ".new";
  if (name.ends_with(kBeingWritten)) name.resize(name.size() - kBeingWritten.size());
  std::error_code failed;
  return entry.symlink_status(failed).type() == fs::file_type::regular &&
         std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end();
}

Result<CopiedKeys> copy_by_way_of(const std::string& target, const KeyCopyOptions& options) {
  std::error_code failed;
  fs::create_directories(fs::absolute(target).parent_path(), failed);
  FACTUM_CHECK(make_private_folder(target));
  if (!options.restoring_for.empty())
    FACTUM_CHECK(write_private_file(path_in(target, kRestoring), options.restoring_for));
  FACTUM_TRY(const CopiedKeys copied, copy_tree(options, target));
  if (options.root_key) FACTUM_CHECK(copy_file(options, target, "root.key"));
  if (options.signing_key) {
    FACTUM_CHECK(copy_file(options, target, "signing.key"));
    FACTUM_CHECK(copy_file(options, target, "handovers"));
    FACTUM_CHECK(copy_file(options, target, "signed"));
  }
  if (std::rename(target.c_str(), options.to.c_str()) != 0)
    return fail(ErrorCode::io_error, "cannot rename " + target);
  FACTUM_CHECK(sync_folder(fs::absolute(options.to).parent_path().string()));
  return copied;
}

}  // namespace

Result<CopiedKeys> copy_keys(const KeyCopyOptions& options) {
  KeyCopyOptions bare = options;
  bare.to = bare_folder(options.to);
  const std::string target = beside_folder(bare.to, ".part");
  FACTUM_TRY(const bool unfinished, is_unfinished(bare));
  if (unfinished) FACTUM_CHECK(drop_key_copy(bare.to));
  FACTUM_CHECK(check_empty(bare.to));
  FACTUM_CHECK(drop_key_copy(target));
  auto copied = copy_by_way_of(target, bare);
  if (!copied) ignore_error(drop_key_copy(target), "what failed is told");
  return copied;
}

Status finish_key_copy(const std::string& folder) {
  std::error_code failed;
  fs::remove(path_in(folder, kRestoring), failed);
  if (failed) return fail(ErrorCode::io_error, "cannot remove " + path_in(folder, kRestoring));
  return sync_folder(folder);
}

Status drop_key_copy(const std::string& folder) {
  std::error_code failed;
  if (fs::symlink_status(folder, failed).type() == fs::file_type::not_found) return {};
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (!is_key_file(*entry)) {
      return fail(ErrorCode::already_exists,
                  folder + " is in the way and is no copy of keys that was interrupted: there is " +
                      entry->path().filename().string() + " in it; move it away");
    }
    files.push_back(entry->path());
  }
  for (const fs::path& file : files)
    if (!failed) fs::remove(file, failed);
  if (!failed) fs::remove(folder, failed);
  if (failed) return fail(ErrorCode::io_error, "cannot remove " + folder + ": " + failed.message());
  return {};
}

Result<CopiedKeys> count_key_slots(const std::string& directory) {
  FACTUM_TRY(const std::string slots, read_slots(directory));
  return count(slots);
}

}  // namespace factum
