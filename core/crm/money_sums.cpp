#include "core/crm/money_sums.hpp"

#include <algorithm>

namespace factum::crm {

void add_to(MoneySums& sums, const MoneySum& sum, std::int64_t times) {
  auto place = std::lower_bound(
      sums.begin(), sums.end(), sum.currency,
      [](const MoneySum& known, const std::string& wanted) { return known.currency < wanted; });
  if (place == sums.end() || place->currency != sum.currency)
    place = sums.insert(place, MoneySum{0, sum.currency});
  place->minor += sum.minor * times;
}

void add_to(MoneySums& sums, const Money& amount, std::int64_t times) {
  add_to(sums, MoneySum{amount.minor, amount.currency}, times);
}

void add_all(MoneySums& sums, const MoneySums& more, std::int64_t times) {
  for (const MoneySum& sum : more) add_to(sums, sum, times);
}

Int128 sum_in(const MoneySums& sums, std::string_view currency) {
  const auto found = std::find_if(sums.begin(), sums.end(),
                                  [&](const MoneySum& sum) { return sum.currency == currency; });
  return found == sums.end() ? Int128{0} : found->minor;
}

Result<Money> amount_of(const MoneySum& sum) {
  if (sum.minor > kMoneyMinorMax || sum.minor < -kMoneyMinorMax)
    return fail(ErrorCode::limit_exceeded, "this amount has more than 10^15 minor units");
  return Money{static_cast<std::int64_t>(sum.minor), sum.currency};
}

}  // namespace factum::crm
