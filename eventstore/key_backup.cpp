#include "eventstore/key_backup.hpp"

#include "eventstore/key_files.hpp"
#include "eventstore/key_slots.hpp"

#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>

namespace factum {
namespace {

namespace fs = std::filesystem;

// A slot that is being overwritten reads right a moment later.
constexpr int kReadsMax = 20;

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

// The tree of keys is replaced as a whole; slots under another one would not open.
Result<CopiedKeys> copy_tree(const KeyCopyOptions& options, const std::string& target) {
  for (int tries = 0; tries < kReadsMax; ++tries) {
    FACTUM_TRY(const auto before, read_private_file(path_in(options.from, "tree.keys")));
    if (!before) return no_keys(options.from);
    FACTUM_TRY(const std::string slots, read_slots(options.from));
    FACTUM_CHECK(copy_file(options, target, "index.key"));
    FACTUM_TRY(const auto after, read_private_file(path_in(options.from, "tree.keys")));
    if (before != after) continue;
    FACTUM_CHECK(write_private_file(path_in(target, "slots.keys"), slots));
    FACTUM_CHECK(write_private_file(path_in(target, "tree.keys"), *before));
    return count(slots);
  }
  return fail(ErrorCode::unavailable,
              "the keys in " + options.from + " changed all the while; try again");
}

Status check_empty(const std::string& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed) || fs::is_empty(folder, failed)) return {};
  return fail(ErrorCode::already_exists,
              "the folder " + folder + " is not empty; keys are copied into a new one");
}

}  // namespace

Result<CopiedKeys> copy_keys(const KeyCopyOptions& options) {
  FACTUM_CHECK(check_empty(options.to));
  const std::string target = options.to + ".part";
  std::error_code failed;
  fs::remove_all(target, failed);
  fs::create_directories(fs::absolute(target).parent_path(), failed);
  FACTUM_CHECK(make_private_folder(target));
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

Result<CopiedKeys> count_key_slots(const std::string& directory) {
  FACTUM_TRY(const std::string slots, read_slots(directory));
  return count(slots);
}

}  // namespace factum
