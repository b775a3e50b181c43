// Reads numbers as other systems write them into plain decimal text, exactly.
#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace factum::importing {

/// Which characters a file uses in its numbers.
struct NumberStyle {
  char decimal = '.';     ///< `.` or `,`
  char thousands = '\0';  ///< between groups of three digits; none by default
};

/// A decimal without thousands, plus sign, exponent, superfluous zeros: "-1234.5". Reads digits
/// with an optional sign, fraction and power of ten ("1.5e-3", |power| ≤ 30). Groups, where there
/// are any, must be complete. Errors: invalid_argument, limit_exceeded beyond 60 digits.
Result<std::string> plain_decimal(std::string_view text, NumberStyle style = {});

/// A whole number; "17850.0" is 17850. Errors: those of `plain_decimal`, invalid_argument for a
/// fraction that is not zero, limit_exceeded beyond 64 bits.
Result<std::int64_t> whole_number(std::string_view text, NumberStyle style = {});

/// The product of two plain decimals, exactly. Errors: invalid_argument, limit_exceeded.
Result<std::string> multiply_decimals(std::string_view left, std::string_view right);
/// The sum and the difference of two plain decimals, exactly. Errors: as multiply_decimals.
Result<std::string> add_decimals(std::string_view left, std::string_view right);
Result<std::string> subtract_decimals(std::string_view left, std::string_view right);

}  // namespace factum::importing
