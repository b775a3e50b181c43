// Sums of amounts, one per currency: amounts of different currencies are never added.
#pragma once

#include "core/base/money.hpp"
#include "core/es/field_visitor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// A sum of amounts of one currency. It cannot overflow: see kMoneyMinorMax.
struct MoneySum {
  Int128 minor = 0;
  std::string currency;

  static void describe(FieldVisitor& v, MoneySum& s) {
    v.shown("currency", s.currency, "ISO 4217 code");
    v.shown("minor", s.minor, "The sum in the smallest unit");
  }
  friend bool operator==(const MoneySum&, const MoneySum&) = default;
  friend bool operator==(const MoneySum& sum, const Money& amount) {
    return sum.minor == amount.minor && sum.currency == amount.currency;
  }
};

/// Sorted by currency; a sum of 0 stays.
using MoneySums = std::vector<MoneySum>;

/// Adds `times` × `sum` to the sum of its currency. O(currencies).
void add_to(MoneySums& sums, const MoneySum& sum, std::int64_t times = 1);
void add_to(MoneySums& sums, const Money& amount, std::int64_t times = 1);
/// Adds `times` × every sum of `more`.
void add_all(MoneySums& sums, const MoneySums& more, std::int64_t times = 1);
/// The sum in one currency, in minor units; 0 if there is none.
Int128 sum_in(const MoneySums& sums, std::string_view currency);
/// The sum as a single amount. Errors: limit_exceeded beyond kMoneyMinorMax.
Result<Money> amount_of(const MoneySum& sum);
/// The sum of the amounts of lines; nothing for no lines or several currencies.
template <class Lines>
std::optional<MoneySum> sum_of(const Lines& lines) {
  MoneySums sums;
  for (const auto& line : lines) add_to(sums, line.amount);
  return sums.size() == 1 ? std::optional(sums.front()) : std::nullopt;
}

}  // namespace factum::crm
