#include "core/crm/money_sums.hpp"

#include <algorithm>
#include <limits>

namespace factum::crm {
namespace {

// The sum in this currency, made if there is none.
Money& sum_for(std::vector<Money>& sums, const std::string& currency) {
  const auto place = std::lower_bound(
      sums.begin(), sums.end(), currency,
      [](const Money& sum, const std::string& wanted) { return sum.currency < wanted; });
  if (place != sums.end() && place->currency == currency) return *place;
  return *sums.insert(place, Money{0, currency});
}

std::int64_t end_of_range(bool above) {
  using Range = std::numeric_limits<std::int64_t>;
  return above ? Range::max() : Range::min();
}

}  // namespace

void add_to(std::vector<Money>& sums, const Money& amount) {
  std::int64_t& sum = sum_for(sums, amount.currency).minor;
  if (__builtin_add_overflow(sum, amount.minor, &sum)) sum = end_of_range(amount.minor > 0);
}

void take_from(std::vector<Money>& sums, const Money& amount) {
  std::int64_t& sum = sum_for(sums, amount.currency).minor;
  if (__builtin_sub_overflow(sum, amount.minor, &sum)) sum = end_of_range(amount.minor < 0);
}

std::int64_t sum_in(const std::vector<Money>& sums, std::string_view currency) {
  const auto found = std::find_if(sums.begin(), sums.end(),
                                  [&](const Money& sum) { return sum.currency == currency; });
  return found == sums.end() ? 0 : found->minor;
}

}  // namespace factum::crm
