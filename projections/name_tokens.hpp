// Names as search sees them: folded words, their beginnings, and pairs of Chinese characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

/// Beginnings of words are kept from two to this many letters.
inline constexpr std::size_t kPrefixLettersMax = 12;
/// Keys of one name; more words are not searchable.
inline constexpr std::size_t kNameKeysMax = 200;

/// What a name is found by: every word (cut at 12 letters) and its beginnings of two letters and
/// more; of Chinese, Japanese and Korean characters each one and each pair of neighbours. Folded by
/// NFKC and case, without duplicates, sorted. Empty for a text without letters or digits. O(bytes).
/// Source: NFKC_Casefold, The Unicode Standard §3.13.
std::vector<std::string> name_keys(std::string_view name);

/// The keys a name must have to match `text`: the words of `text`, cut at 12 letters; of Chinese
/// text the pairs, or the single character. Empty if there is nothing to search for.
std::vector<std::string> search_keys(std::string_view text);

}  // namespace factum::projections
