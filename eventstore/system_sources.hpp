// Time and ids of the real world: the system clock and UUIDv7 from it and OpenSSL's randomness.
#pragma once

#include "core/base/time.hpp"
#include "core/base/uuid.hpp"

#include <array>
#include <cstddef>
#include <mutex>

namespace factum {

/// Wall-clock time. May step back when the machine's clock is set; the log does not follow it.
class SystemClock final : public Clock {
 public:
  Timestamp now() override;
};

/// Cryptographic randomness, drawn in blocks; a forked child never repeats its parent's bytes.
/// Thread rule: safe for any thread. Source: OpenSSL RAND_bytes (CTR-DRBG).
class RandomBlocks {
 public:
  /// Fills `size` bytes at `out`.
  void fill(void* out, std::size_t size);

 private:
  static constexpr std::size_t kBlockBytes = 4096;
  std::mutex mutex_;
  std::array<unsigned char, kBlockBytes> block_{};  // guarded by mutex_
  std::size_t used_ = kBlockBytes;                  // guarded by mutex_
  int process_ = 0;                                 // guarded by mutex_
};

/// UUIDv7 that always increase within one source, also when the clock stands still or steps back.
/// Source: RFC 9562 §6.2, method 2 (monotonic random).
class UuidV7Source final : public IdSource {
 public:
  /// `clock` must outlive the source.
  explicit UuidV7Source(Clock& clock) : clock_(clock) {}
  Uuid next() override;

 private:
  Clock& clock_;
  RandomBlocks random_;
  std::mutex mutex_;
  Uuid last_;                  // guarded by mutex_
  std::uint64_t last_ms_ = 0;  // guarded by mutex_
};

}  // namespace factum
