#include "core/base/uuid.hpp"

#include "core/base/hex.hpp"

#include <algorithm>

namespace factum {
namespace {

constexpr std::size_t kTextLength = 36;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_at(std::size_t index) {
  return index == 8 || index == 13 || index == 18 || index == 23;
}

}  // namespace

bool Uuid::is_nil() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(kTextLength);
  append_to(text);
  return text;
}

void Uuid::append_to(std::string& out) const {
  append_hex(out, view().substr(0, 4));
  for (std::size_t group = 4; group < 10; group += 2) {
    out.push_back('-');
    append_hex(out, view().substr(group, 2));
  }
  out.push_back('-');
  append_hex(out, view().substr(10));
}

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextLength)
    return fail(ErrorCode::invalid_argument, "a UUID has 36 characters");
  Uuid id;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < kTextLength; ++byte) {
    if (is_dash_at(i) && text[i++] != '-')
      return fail(ErrorCode::invalid_argument, "a UUID has dashes at fixed places");
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0)
      return fail(ErrorCode::invalid_argument, "a UUID has hexadecimal digits only");
    id.bytes[byte] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return id;
}

Result<Uuid> Uuid::from_bytes(std::string_view raw) {
  Uuid id;
  if (raw.size() != id.bytes.size()) return fail(ErrorCode::corrupt, "a UUID has 16 bytes");
  std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

Uuid make_uuid_v7(std::uint64_t unix_ms, const std::array<std::uint8_t, 10>& random) {
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(unix_ms >> (8 * (5 - i)));
  std::copy(random.begin(), random.end(), id.bytes.begin() + 6);
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0F));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
  return id;
}

}  // namespace factum
