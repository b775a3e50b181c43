#include "projections/name_tokens.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>

namespace factum::projections {
namespace {

// One stretch of letters of one sort.
struct Word {
  std::u32string letters;
  bool is_ideographic = false;
};

bool is_ideographic(UChar32 letter) {
  UErrorCode problem = U_ZERO_ERROR;
  switch (uscript_getScript(letter, &problem)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL: return true;
    default: return false;
  }
}

icu::UnicodeString folded(std::string_view text) {
  UErrorCode problem = U_ZERO_ERROR;
  const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(problem);
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (U_FAILURE(problem)) return source;
  icu::UnicodeString result = folding->normalize(source, problem);
  return U_FAILURE(problem) ? source : result;
}

// Marks belong to the word they stand in; everything else that is no letter or digit separates.
std::vector<Word> words_of(std::string_view text) {
  const icu::UnicodeString name = folded(text);
  std::vector<Word> words;
  bool inside = false;
  for (std::int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
    const UChar32 letter = name.char32At(i);
    const bool is_mark = (U_GET_GC_MASK(letter) & U_GC_M_MASK) != 0;
    if (!u_isalnum(letter) && !(inside && is_mark)) {
      inside = false;
      continue;
    }
    const bool ideographic = !is_mark && is_ideographic(letter);
    if (!inside || (!is_mark && words.back().is_ideographic != ideographic))
      words.push_back({{}, ideographic});
    words.back().letters.push_back(static_cast<char32_t>(letter));
    inside = true;
  }
  return words;
}

std::string utf8(std::u32string_view letters) {
  icu::UnicodeString text;
  for (const char32_t letter : letters) text.append(static_cast<UChar32>(letter));
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

std::vector<std::string> distinct(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() > kNameKeysMax) keys.resize(kNameKeysMax);
  return keys;
}

void add_pairs(std::vector<std::string>& keys, std::u32string_view letters) {
  for (std::size_t i = 0; i + 1 < letters.size(); ++i) keys.push_back(utf8(letters.substr(i, 2)));
}

}  // namespace

std::vector<std::string> name_keys(std::string_view name) {
  std::vector<std::string> keys;
  for (const Word& word : words_of(name)) {
    const std::u32string_view letters = word.letters;
    if (word.is_ideographic) {
      for (std::size_t i = 0; i < letters.size(); ++i) keys.push_back(utf8(letters.substr(i, 1)));
      add_pairs(keys, letters);
      continue;
    }
    const std::size_t longest = std::min(letters.size(), kPrefixLettersMax);
    for (std::size_t size = std::min<std::size_t>(2, longest); size <= longest; ++size)
      keys.push_back(utf8(letters.substr(0, size)));
  }
  return distinct(std::move(keys));
}

std::vector<std::string> search_keys(std::string_view text) {
  std::vector<std::string> keys;
  for (const Word& word : words_of(text)) {
    const std::u32string_view letters = word.letters;
    if (word.is_ideographic && letters.size() > 1)
      add_pairs(keys, letters);
    else
      keys.push_back(utf8(letters.substr(0, kPrefixLettersMax)));
  }
  return distinct(std::move(keys));
}

}  // namespace factum::projections
