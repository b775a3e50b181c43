// What of a text can be seen: names and codes are kept without invisible ends, and not at all if
// nothing of them shows.
#pragma once

#include <string_view>

namespace factum {

/// The text without white space, control characters and invisible characters (zero-width ones,
/// direction marks, fillers) at both ends. Joiners and selectors that are part of a sign stay.
/// `text` is UTF-8; bytes that are not are kept. O(bytes).
std::string_view trimmed(std::string_view text);
/// True if nothing of the text shows, also signs that only belong to another one; of the empty text
/// too. O(bytes).
bool is_blank(std::string_view text);

}  // namespace factum
