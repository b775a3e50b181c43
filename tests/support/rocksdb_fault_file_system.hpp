// A file system for RocksDB whose power can be cut and whose disk fails when a test wishes.
#pragma once

#include "tests/support/crash_disk.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace factum::test {

enum class DiskFault {
  write_error,             ///< a part is written, then EIO
  no_space,                ///< a part is written, then ENOSPC; new files neither
  sync_error,              ///< EIO, and what was to be synced may never reach the disk
  read_error,              ///< EIO
  short_read,              ///< fewer bytes than there are
  flipped_bit,             ///< one bit of what was read is wrong
  flipped_bit_at_opening,  ///< the same, of files that are read as a whole: MANIFEST, log
};

/// Thread rule: every method is safe from any thread; `lose_power` when all databases are closed.
class FaultFileSystem {
 public:
  /// `attic`: a folder of its own, made when missing. The same seed and the same calls in the same
  /// order give the same faults.
  FaultFileSystem(std::string attic, std::uint64_t seed);
  ~FaultFileSystem();
  FaultFileSystem(const FaultFileSystem&) = delete;
  FaultFileSystem& operator=(const FaultFileSystem&) = delete;

  /// For DBOptions; lives as long as the object.
  rocksdb::Env* env() const;

  /// The power goes at the `operations`-th write, sync or change of a name from now on, 1 = next;
  /// just before or just after it. From then on everything fails.
  void cut_power_at(std::uint64_t operations);
  bool is_cut() const;
  /// Leaves on disk what it may hold now, and brings the power back. The disk loses power also if
  /// it was not cut before.
  void lose_power();

  /// From the `first`-th operation of that kind on, 1 = next, `times` of them fail.
  void inject(DiskFault fault, std::uint64_t first, std::uint64_t times);
  /// Nothing fails any more.
  void heal();

  /// What was done so far, by name.
  Counts counts() const;

 private:
  struct State;
  class Files;

  std::shared_ptr<State> state_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace factum::test
