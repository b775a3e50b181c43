#include "api/url.hpp"

#include <algorithm>
#include <optional>

namespace factum::api {
namespace {

constexpr std::size_t kParametersMax = 64;
constexpr std::string_view kHex = "0123456789ABCDEF";

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Length of the UTF-8 sequence that `lead` starts; 0 if it cannot start one. Source: RFC 3629 §4.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(bytes[0]));
    if (length == 0 || length > bytes.size() || bytes[0] == '\0') return false;
    const auto rest = bytes.substr(1, length - 1);
    if (!std::all_of(rest.begin(), rest.end(), is_continuation)) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

Result<std::string> decode(std::string_view encoded, bool plus_is_space) {
  std::string text;
  text.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%') {
      const auto high = i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : std::nullopt;
      const auto low = i + 2 < encoded.size() ? hex_digit(encoded[i + 2]) : std::nullopt;
      if (!high || !low) {
        return fail(ErrorCode::invalid_argument, "the URL has a broken percent escape");
      }
      text.push_back(static_cast<char>(*high << 4 | *low));
      i += 2;
    } else {
      text.push_back(plus_is_space && encoded[i] == '+' ? ' ' : encoded[i]);
    }
  }
  if (!is_text(text)) {
    return fail(ErrorCode::invalid_argument, "the URL is not UTF-8 text once decoded");
  }
  return text;
}

}  // namespace

Result<std::string> decode_segment(std::string_view encoded) { return decode(encoded, false); }

Result<QueryValues> decode_query(std::string_view query) {
  QueryValues values;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    if (values.size() == kParametersMax) {
      return fail(ErrorCode::invalid_argument, "the URL has more than 64 parameters");
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    FACTUM_TRY(std::string name, decode(part.substr(0, equals), true));
    FACTUM_TRY(std::string value,
               decode(equals < part.size() ? part.substr(equals + 1) : std::string_view{}, true));
    values.emplace_back(std::move(name), std::move(value));
  }
  return values;
}

std::string encode_component(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (letter || digit || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(c);
      continue;
    }
    encoded.push_back('%');
    encoded.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    encoded.push_back(kHex[static_cast<unsigned char>(c) & 0x0F]);
  }
  return encoded;
}

}  // namespace factum::api
