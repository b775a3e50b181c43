// CRC-32C (Castagnoli), as RocksDB's write-ahead log and the keystore use it.
#pragma once

#include <cstdint>
#include <string_view>

namespace factum {

/// The checksum of `bytes`, or of what came before followed by `bytes` when `before` is given.
/// Source: RFC 3720 appendix B.4.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace factum
