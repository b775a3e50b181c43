#include "api/cursor.hpp"

#include <array>
#include <cstdint>

namespace factum::api {
namespace {

constexpr std::size_t kIvBytes = 16;
constexpr std::size_t kCursorBytesMax = 2048;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string iv_of(Sealer& sealer, std::string_view scope, std::string_view place) {
  std::string input(scope);
  input.push_back('\0');
  input.append(place);
  const Digest digest = sealer.digest("cursor.iv", input);
  return std::string(digest.begin(), digest.begin() + kIvBytes);
}

// Its own inverse.
std::string with_stream(Sealer& sealer, std::string_view iv, std::string_view bytes) {
  std::string mixed(bytes);
  Digest block{};
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    if (i % block.size() == 0) {
      std::string input(iv);
      const auto count = static_cast<std::uint32_t>(i / block.size());
      for (int shift = 24; shift >= 0; shift -= 8)
        input.push_back(static_cast<char>(count >> shift & 0xFF));
      block = sealer.digest("cursor.stream", input);
    }
    mixed[i] = static_cast<char>(static_cast<unsigned char>(mixed[i]) ^ block[i % block.size()]);
  }
  return mixed;
}

// RFC 4648 §5 without padding.
std::string to_base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text.push_back(kAlphabet[bits >> (count - 6) & 63]);
  }
  if (count > 0) text.push_back(kAlphabet[bits << (6 - count) & 63]);
  return text;
}

std::string from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return bytes;
}

}  // namespace

std::string make_cursor(Sealer& sealer, std::string_view scope, std::string_view place) {
  if (place.empty()) return {};
  const std::string iv = iv_of(sealer, scope, place);
  return to_base64url(iv + with_stream(sealer, iv, place));
}

Result<std::string> open_cursor(Sealer& sealer, std::string_view scope, std::string_view cursor) {
  const auto refused = [] {
    return fail(ErrorCode::invalid_argument,
                "`after` must be the cursor of a page of the same list with the same filters");
  };
  if (cursor.size() > kCursorBytesMax) return refused();
  const std::string bytes = from_base64url(cursor);
  if (bytes.size() <= kIvBytes) return refused();
  const std::string_view iv = std::string_view(bytes).substr(0, kIvBytes);
  std::string place = with_stream(sealer, iv, std::string_view(bytes).substr(kIvBytes));
  if (iv_of(sealer, scope, place) != iv) return refused();
  return place;
}

}  // namespace factum::api
