// SHA-256, HMAC-SHA-256 and HKDF with contexts that are reused per thread.
#pragma once

#include "core/es/event_store.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace factum {

/// SHA-256 of the parts, one after the other. About 0.6 µs for 400 bytes. Source: FIPS 180-4.
Digest sha256(std::initializer_list<std::string_view> parts);
Digest sha256(std::string_view bytes);

/// HMAC-SHA-256 of the parts, one after the other. `key`: any length. Source: RFC 2104.
Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// 32 bytes derived from `secret` for one purpose. Source: RFC 5869 with an empty salt.
Digest hkdf_sha256(std::string_view secret, std::string_view purpose);

/// The bytes of a digest as text, for keys and values on disk.
inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// Reads 32 raw bytes. The caller has checked the length.
Digest to_digest(std::string_view bytes);

}  // namespace factum
