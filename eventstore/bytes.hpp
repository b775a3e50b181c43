// Big-endian building and strict reading of length-prefixed bytes, for everything the log writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// Appends fixed-width big-endian integers and length-prefixed texts to a string it does not own.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value) { big_endian<2>(value); }
  void u32(std::uint32_t value) { big_endian<4>(value); }
  void u64(std::uint64_t value) { big_endian<8>(value); }
  void raw(std::string_view bytes) { out_.append(bytes); }
  /// u16be length, then the bytes. The caller has checked that they are at most 65,535.
  void text16(std::string_view bytes) {
    u16(static_cast<std::uint16_t>(bytes.size()));
    raw(bytes);
  }
  /// u32be length, then the bytes.
  void text32(std::string_view bytes) {
    u32(static_cast<std::uint32_t>(bytes.size()));
    raw(bytes);
  }

 private:
  template <std::size_t kBytes>
  void big_endian(std::uint64_t value) {
    char buffer[kBytes];
    for (std::size_t i = 0; i < kBytes; ++i)
      buffer[i] = static_cast<char>((value >> (8 * (kBytes - 1 - i))) & 0xFF);
    out_.append(buffer, kBytes);
  }

  std::string& out_;
};

/// Reads what ByteWriter wrote. Reading beyond the end gives zeros and empty texts and makes `ok`
/// false for good, so that a decoder checks once, at the end. Views point into the input.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  std::string_view text16() { return raw(u16()); }
  std::string_view text32() { return raw(u32()); }
  std::string_view rest() { return raw(bytes_.size()); }
  /// What `rest` would take.
  std::string_view unread() const { return bytes_; }

  std::string_view raw(std::size_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  bool ok() const { return ok_; }
  /// Everything was there and nothing is left.
  bool complete() const { return ok_ && bytes_.empty(); }

 private:
  std::uint64_t big_endian(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : raw(size)) value = (value << 8) | static_cast<std::uint8_t>(c);
    return value;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace factum
