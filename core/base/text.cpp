#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace factum {
namespace {

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Sources: White_Space, Cc, and those of Default_Ignorable_Code_Point that stand alone, in Unicode
// 15. Sorted. U+2800 is the empty braille pattern.
constexpr auto kInvisible = std::to_array<CodeRange>({
    {0x0000, 0x0020},
    {0x007F, 0x00A0},
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x061C, 0x061C},
    {0x115F, 0x1160},
    {0x1680, 0x1680},
    {0x17B4, 0x17B5},
    {0x180E, 0x180E},
    {0x2000, 0x200F},
    {0x2028, 0x202F},
    {0x205F, 0x206F},
    {0x2800, 0x2800},
    {0x3000, 0x3000},
    {0x3164, 0x3164},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF9, 0xFFFB},
});

// What shows nothing by itself but belongs to the sign before it, so that it stays at an end:
// variation selectors, tags, controls of musical notation; and code points that are no characters.
constexpr auto kDependent = std::to_array<CodeRange>({
    {0xFDD0, 0xFDEF},
    {0xFE00, 0xFE0F},
    {0xFFFE, 0xFFFF},
    {0x1D159, 0x1D159},
    {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
});

template <std::size_t N>
bool is_one_of(const std::array<CodeRange, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const CodeRange& range) {
    return code >= range.first && code <= range.last;
  });
}

bool is_invisible(char32_t code) { return is_one_of(kInvisible, code); }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The code point of one encoded character. Broken ones are visible here.
char32_t code_of(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const auto bits = [&](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3F); };
  constexpr char32_t kVisible = U'x';
  if (character.size() == 1) return byte(0) < 0x80 ? byte(0) : kVisible;
  if (character.size() == 2) return (static_cast<char32_t>(byte(0) & 0x1F) << 6) | bits(1);
  if (character.size() == 3)
    return (static_cast<char32_t>(byte(0) & 0x0F) << 12) | (bits(1) << 6) | bits(2);
  if (character.size() == 4) {
    return (static_cast<char32_t>(byte(0) & 0x07) << 18) | (bits(1) << 12) | (bits(2) << 6) |
           bits(3);
  }
  return kVisible;
}

std::size_t size_of_first(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && is_continuation(text[size])) ++size;
  return size;
}

std::size_t size_of_last(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && is_continuation(text[text.size() - size])) ++size;
  return size;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = size_of_first(text);
    if (!is_invisible(code_of(text.substr(0, size)))) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    const std::size_t size = size_of_last(text);
    if (!is_invisible(code_of(text.substr(text.size() - size)))) break;
    text.remove_suffix(size);
  }
  return text;
}

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = size_of_first(text);
    const char32_t code = code_of(text.substr(0, size));
    if (!is_invisible(code) && !is_one_of(kDependent, code)) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace factum
