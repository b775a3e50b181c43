#include "core/es/canonical_json.hpp"

#include "core/es/json_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace factum {
namespace {

constexpr std::uint64_t kIntegerMax = std::uint64_t{1} << 53;

// Characters that end a run of plain ones in a string: quotes, escapes, and what must be escaped.
constexpr std::array<bool, 256> kStops = [] {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops[static_cast<unsigned char>('"')] = true;
  stops[static_cast<unsigned char>('\\')] = true;
  return stops;
}();

bool is_plain(char c) { return !kStops[static_cast<unsigned char>(c)]; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The character that a two-character escape stands for, or nothing.
std::optional<char> unescaped(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return {};
  }
}

// Whether "\u00" and these two digits are how a control character has to be written.
bool is_long_escape(std::string_view digits) {
  if (digits.size() != 2 || (digits[0] != '0' && digits[0] != '1')) return false;
  if (!is_digit(digits[1]) && (digits[1] < 'a' || digits[1] > 'f')) return false;
  constexpr std::string_view kShorter = "89acd";  // \b \t \n \f \r
  return digits[0] == '1' || kShorter.find(digits[1]) == std::string_view::npos;
}

// The text of a string that has been scanned, without quotes.
std::string plain_text(std::string_view scanned) {
  std::string text;
  for (std::size_t at = 0; at < scanned.size(); ++at) {
    if (scanned[at] != '\\') {
      text.push_back(scanned[at]);
    } else if (const auto short_one = unescaped(scanned[++at])) {
      text.push_back(*short_one);
    } else {
      unsigned code = 0;
      std::from_chars(scanned.data() + at + 1, scanned.data() + at + 5, code, 16);
      text.push_back(static_cast<char>(code));
      at += 4;
    }
  }
  return text;
}

bool names_ascend(std::string_view before, std::string_view name) {
  const bool escapes =
      before.find('\\') != std::string_view::npos || name.find('\\') != std::string_view::npos;
  if (!escapes) return utf16_less(before, name);
  return utf16_less(plain_text(before), plain_text(name));
}

// Takes values from the front of a text. Each method is false where the form does not go on.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }

  bool object(std::size_t depth) {
    if (depth > kCanonicalDepthMax || !take("{")) return false;
    if (take("}")) return true;
    std::optional<std::string_view> before;
    do {
      std::string_view name;
      if (!string(name) || (before && !names_ascend(*before, name))) return false;
      before = name;
      if (!take(":") || !value(depth)) return false;
    } while (take(","));
    return take("}");
  }

 private:
  bool take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  bool value(std::size_t depth) {
    std::string_view text;
    if (text_.starts_with('"')) return string(text);
    if (text_.starts_with('{')) return object(depth + 1);
    if (text_.starts_with('[')) return list(depth + 1);
    return integer() || take("true") || take("false") || take("null");
  }

  bool list(std::size_t depth) {
    if (depth > kCanonicalDepthMax || !take("[")) return false;
    if (take("]")) return true;
    do {
      if (!value(depth)) return false;
    } while (take(","));
    return take("]");
  }

  bool integer() {
    const std::size_t sign = text_.starts_with('-') ? 1 : 0;
    std::uint64_t number = 0;
    const char* const first = text_.data() + sign;
    const auto read = std::from_chars(first, text_.data() + text_.size(), number);
    if (read.ec != std::errc{} || number > kIntegerMax) return false;
    const auto digits = static_cast<std::size_t>(read.ptr - first);
    if (*first == '0' && (digits > 1 || sign == 1)) return false;
    text_.remove_prefix(sign + digits);
    return true;
  }

  // Gives the text between the quotes, with its escapes.
  bool string(std::string_view& scanned) {
    if (!take("\"")) return false;
    std::size_t at = 0;
    for (; at < text_.size() && text_[at] != '"'; ++at) {
      if (is_plain(text_[at])) continue;
      if (text_[at] != '\\') return false;
      if (++at == text_.size()) return false;
      if (unescaped(text_[at])) continue;
      if (text_.substr(at, 3) != "u00" || !is_long_escape(text_.substr(at + 3, 2))) return false;
      at += 4;
    }
    if (at >= text_.size()) return false;
    scanned = text_.substr(0, at);
    text_.remove_prefix(at + 1);
    return true;
  }

  std::string_view text_;
};

}  // namespace

// Without converting: the order differs from that of UTF-8 bytes only where U+E000 to U+FFFF (lead
// bytes EE, EF) meet what UTF-16 writes as surrogates (F0 to F4).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (left == a.end() || right == b.end()) return a.size() < b.size();
  const auto one = static_cast<unsigned char>(*left);
  const auto other = static_cast<unsigned char>(*right);
  const bool one_high = one == 0xEE || one == 0xEF;
  const bool other_high = other == 0xEE || other == 0xEF;
  if (one_high && other >= 0xF0) return false;
  if (other_high && one >= 0xF0) return true;
  return one < other;
}

Status check_canonical_object(std::string_view json) {
  Scan scan(json);
  if (is_utf8(json) && scan.object(1) && scan.at_end()) return {};
  return fail(ErrorCode::corrupt, "the data of the record is not one object of canonical JSON");
}

}  // namespace factum
