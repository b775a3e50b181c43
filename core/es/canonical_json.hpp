// The canonical form of JSON that the clear data of events has: RFC 8785 without fractions.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string_view>

namespace factum {

/// How deep objects and lists may stand in each other.
inline constexpr std::size_t kCanonicalDepthMax = 64;

/// The order of member names: that of UTF-16 code units (RFC 8785 §3.2.3). Both are UTF-8.
bool utf16_less(std::string_view a, std::string_view b);

/// Checks that `json` is one object, written in the only way that the form has: members in order
/// and each once, no blanks, no needless escapes, integers up to 2^53 either way. Any input is
/// safe. Errors: corrupt. O(bytes).
Status check_canonical_object(std::string_view json);

}  // namespace factum
