// Bytes as lower-case hexadecimal digits, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace factum {

inline void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  char* to = out.data() + before;
  for (const char c : bytes) {
    *to++ = kDigits[static_cast<unsigned char>(c) >> 4];
    *to++ = kDigits[static_cast<unsigned char>(c) & 15];
  }
}

inline std::string to_hex(std::string_view bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

inline void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  append_hex(out, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

inline std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

/// The bytes; nothing if the text is not an even number of lower-case digits.
inline std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(16 * high + low));
  }
  if (text.size() % 2 != 0) return {};
  return bytes;
}

}  // namespace factum
