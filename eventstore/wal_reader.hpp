// Reads the records of a RocksDB write-ahead log file, and says where it stops being readable.
//
//   file     = blocks of 32 KiB; a fragment never crosses a block, fewer than 7 bytes at its end
//   are
//              padding
//   fragment = u32le masked CRC-32C of (type, payload), u16le length, u8 type, payload
//   type     = 1 whole record, 2 first, 3 middle, 4 last part
//   record   = u64le sequence number of its first update, u32le number of updates, updates
//
// Source: RocksDB wiki, "Write Ahead Log File Format"; db/log_format.h of 7.8.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace factum {

/// How far a file could be read.
struct WalEnd {
  bool clean = true;            ///< every byte belongs to a record, or is zero to the end
  std::size_t good_bytes = 0;   ///< end of the last whole record
  bool written_behind = false;  ///< not clean, and a later record was started behind the bad one
  /// Number of the first update, and of the one behind the last whole record: RocksDB numbers
  /// updates without gaps across files, from 1 on. 0 = there is no record.
  std::uint64_t first_update = 0;
  std::uint64_t next_update = 0;
};

/// Calls `take` for every whole record in order, up to the first bad one. Any bytes are safe.
WalEnd read_wal(std::string_view file, const std::function<void(std::string_view)>& take);

}  // namespace factum
