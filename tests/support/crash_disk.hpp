// What a disk may hold after a power cut: bytes that were not synced are lost, kept in part, or
// garbage; of the names that were made, moved or removed since the folder was synced, the newest
// may still be as they were. RocksDB relies on their order, as file systems with a journal keep it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace factum::test {

/// How often something was done, by name: the coverage of a generator.
using Counts = std::map<std::string, std::uint64_t>;

/// Follows the files of a folder while they are written; they themselves play the page cache.
/// Files it was never told of are durable. Not thread-safe. Throws when the real disk fails.
class CrashDisk {
 public:
  /// `attic`: an existing folder beside those that are followed, for files that are removed but may
  /// come back. Tails of a file may become garbage if `may_be_garbage` says so; else they are cut.
  CrashDisk(std::string attic, std::function<bool(const std::string& path)> may_be_garbage)
      : attic_(std::move(attic)), may_be_garbage_(std::move(may_be_garbage)) {}

  /// A file is going to be made, in place of one that may be there.
  void create(const std::string& path);
  void synced(const std::string& path);
  /// The bytes that were to be synced may never reach the disk, although they can still be read and
  /// a later sync succeeds: so Linux does it.
  void sync_failed(const std::string& path);
  void folder_synced(const std::string& folder);
  void remove(const std::string& path);
  void rename(const std::string& from, const std::string& to);

  /// Leaves in the folders what a disk could hold that lost power now. No file may be open.
  void lose_power(std::mt19937_64& random, Counts& counts);

 private:
  struct File {
    std::string path;  // where it is now
    std::uint64_t synced = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> holes;  // never reach the disk
  };
  struct Change {
    enum class Kind { create, remove, rename };
    Kind kind = Kind::create;
    std::string name;
    std::string to;                  // of a rename
    std::shared_ptr<File> file;      // that was made, removed or renamed
    std::shared_ptr<File> replaced;  // what a rename put into the attic, if anything
  };

  std::shared_ptr<File> file_at(const std::string& path);
  std::shared_ptr<File> to_attic(const std::string& path);
  void move(const std::shared_ptr<File>& file, const std::string& path);
  void undo(const Change& change);
  void undo_unsynced_changes(std::mt19937_64& random, Counts& counts);

  std::string attic_;
  std::function<bool(const std::string&)> may_be_garbage_;
  std::uint64_t in_attic_ = 0;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::vector<Change> changes_;  // since their folder was synced, oldest first
};

}  // namespace factum::test
