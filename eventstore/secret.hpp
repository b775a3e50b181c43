// Keys in memory: zeroed when they go, never copied into a core dump, wrapped under other keys.
#pragma once

#include "core/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// A 32-byte key that is zeroed on destruction.
class SecretKey {
 public:
  static constexpr std::size_t kBytes = 32;

  SecretKey() = default;
  ~SecretKey();
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;

  /// A fresh random key. Source: OpenSSL RAND_priv_bytes.
  static SecretKey random();
  /// Takes 32 raw bytes. Errors: corrupt on any other length.
  static Result<SecretKey> from_bytes(std::string_view raw);

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  const unsigned char* data() const { return bytes_.data(); }
  unsigned char* data() { return bytes_.data(); }

 private:
  std::array<unsigned char, kBytes> bytes_{};
};

inline constexpr std::size_t kWrappedKeyBytes = SecretKey::kBytes + 8;

/// Wraps a key under another: 40 bytes. Source: AES-256 key wrap with padding, RFC 5649.
std::string wrap_key(const SecretKey& wrapping, const SecretKey& key);
/// Errors: corrupt when `wrapping` is not the key it was wrapped under, or a byte was changed.
Result<SecretKey> unwrap_key(const SecretKey& wrapping, std::string_view wrapped);

/// Memory for keys that is neither swapped out nor dumped, as far as the system lets us; zeroed at
/// the end.
class SecretPages {
 public:
  explicit SecretPages(std::size_t keys);
  ~SecretPages();
  SecretPages(const SecretPages&) = delete;
  SecretPages& operator=(const SecretPages&) = delete;

  SecretKey& operator[](std::size_t index) { return keys_[index]; }
  const SecretKey& operator[](std::size_t index) const { return keys_[index]; }

 private:
  const std::size_t bytes_;
  SecretKey* keys_ = nullptr;
};

}  // namespace factum
