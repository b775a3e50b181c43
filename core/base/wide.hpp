// Integers of 128 bits, for sums that no log can make overflow.
#pragma once

#include <string>

namespace factum {

// ISO C++ has no name for these types; __extension__ says that we know, and works with typedef
// only. NOLINTBEGIN(modernize-use-using): see above
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;
// NOLINTEND(modernize-use-using)

/// The number in decimal digits. O(digits).
std::string to_string(Int128 value);

}  // namespace factum
