// Sums of amounts, one per currency: amounts of different currencies are never added.
#pragma once

#include "core/base/money.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace factum::crm {

/// Adds `amount` to the sum of its currency. `sums` stay sorted by currency. A sum that would pass
/// 64 bits stays at their end.
void add_to(std::vector<Money>& sums, const Money& amount);
/// Takes `amount` away in the same way.
void take_from(std::vector<Money>& sums, const Money& amount);
/// The sum in one currency, in minor units; 0 if there is none.
std::int64_t sum_in(const std::vector<Money>& sums, std::string_view currency);
/// The sum of the amounts of lines; nothing for no lines or several currencies.
template <class Lines>
std::optional<Money> sum_of(const Lines& lines) {
  std::vector<Money> sums;
  for (const auto& line : lines) add_to(sums, line.amount);
  return sums.size() == 1 ? std::optional(sums.front()) : std::nullopt;
}

}  // namespace factum::crm
