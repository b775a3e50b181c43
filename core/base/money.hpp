// Money: integer minor units and an ISO 4217 code; amounts of different currencies are never added.
#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// The largest amount that is recorded, either way, in minor units. It leaves room for any price in
/// any currency, is exact in every language that reads JSON, and lets 128 bits hold the sum of as
/// many amounts as a log has positions, also times 100: 10^15 x 2^63 x 100 < 2^127.
inline constexpr std::int64_t kMoneyMinorMax = 1'000'000'000'000'000;

/// An amount. `minor` counts the smallest unit of `currency` (cents for EUR, yen for JPY); may be
/// negative.
struct Money {
  std::int64_t minor = 0;
  std::string currency;

  friend bool operator==(const Money&, const Money&) = default;
};

/// True for what may be recorded.
constexpr bool is_within_bounds(std::int64_t minor) {
  return minor >= -kMoneyMinorMax && minor <= kMoneyMinorMax;
}
/// True for an active ISO 4217 alphabetic code, upper case. O(log n).
bool is_currency(std::string_view code);
/// Decimal places of the minor unit (2 for EUR, 0 for JPY, 3 for KWD). Source: ISO 4217. Unknown
/// codes: 2.
int minor_digits(std::string_view code);
/// True for plain decimals: an optional sign, digits, and a point with or without digits behind it.
bool is_decimal(std::string_view text);
/// Reads a decimal such as "-12.50" exactly; more decimals than the currency has are rounded half
/// to even. Errors: invalid_argument, limit_exceeded beyond kMoneyMinorMax.
Result<Money> parse_money(std::string_view decimal, std::string_view currency);

}  // namespace factum
