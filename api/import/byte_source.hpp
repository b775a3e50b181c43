// Where import bytes come from: a file, decompressed on the way when it is gzip or zstd.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace factum::importing {

/// A stream of bytes, read once from front to back. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills at most `capacity` bytes at `out` and gives how many; 0 only at the end. Errors:
  /// io_error (the disk), corrupt (compressed data that is damaged or ends too early; the message
  /// says which).
  virtual Result<std::size_t> read(char* out, std::size_t capacity) = 0;
  /// Bytes taken from the file so far, before decompression; for progress.
  virtual std::uint64_t bytes_consumed() const = 0;
};

/// Opens `path` and looks at its first bytes: gzip (RFC 1952, also several members), zstd (RFC
/// 8878, also several frames), else plain. Errors: not_found, io_error (also for a folder).
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

/// A source over bytes in memory, decompressed in the same way.
std::unique_ptr<ByteSource> memory_byte_source(std::string bytes);

/// Size of a file on disk in bytes; 0 if it cannot be told.
std::uint64_t file_bytes(const std::string& path);

}  // namespace factum::importing
