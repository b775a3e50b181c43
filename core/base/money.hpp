// Money: integer minor units and an ISO 4217 code; amounts of different currencies are never added.
#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// An amount. `minor` counts the smallest unit of `currency` (cents for EUR, yen for JPY); may be
/// negative.
struct Money {
  std::int64_t minor = 0;
  std::string currency;

  friend bool operator==(const Money&, const Money&) = default;
};

/// True for an active ISO 4217 alphabetic code, upper case. O(log n).
bool is_currency(std::string_view code);
/// Decimal places of the minor unit (2 for EUR, 0 for JPY, 3 for KWD). Source: ISO 4217. Unknown
/// codes: 2.
int minor_digits(std::string_view code);
/// Reads a decimal such as "-12.50" exactly; more decimals than the currency has are rounded half
/// to even. Errors: invalid_argument, limit_exceeded beyond 64 bits.
Result<Money> parse_money(std::string_view decimal, std::string_view currency);

}  // namespace factum
