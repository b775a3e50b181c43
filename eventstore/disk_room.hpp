// Keeps a reserve of disk, so that refusing writes is possible before the disk is full: a write
// that fails half-way costs a reopening, and RocksDB needs room for that too.
#pragma once

#include "core/base/result.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace factum {

/// Thread rule: safe from any thread.
class DiskRoom {
 public:
  /// Looks at the file system of `directory`; a reserve of 0 is never reached.
  DiskRoom(std::string directory, std::uint64_t reserve_bytes);

  /// Errors: unavailable when less than the reserve is free. The disk is asked ten times a second
  /// at most; otherwise O(1) without a system call.
  Status check() const;

 private:
  bool is_low() const;

  const std::string directory_;
  const std::uint64_t reserve_bytes_;
  mutable std::atomic<std::int64_t> next_look_{0};  // steady clock, in nanoseconds
  mutable std::atomic<bool> low_{false};
};

}  // namespace factum
