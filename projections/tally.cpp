#include "projections/tally.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

CurrencyTally& tally_in(Tallies& tallies, const std::string& currency) {
  auto place = std::lower_bound(
      tallies.begin(), tallies.end(), currency,
      [](const CurrencyTally& item, const std::string& code) { return item.sum.currency < code; });
  if (place == tallies.end() || place->sum.currency != currency)
    place = tallies.insert(place, CurrencyTally{.count = 0, .sum = Money{0, currency}});
  return *place;
}

void drop_empty(Tallies& tallies) {
  std::erase_if(tallies, [](const CurrencyTally& item) { return item.count == 0; });
}

}  // namespace

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void tally(Tallies& tallies, const std::optional<Money>& amount, std::int64_t times) {
  if (!amount) return;
  CurrencyTally& item = tally_in(tallies, amount->currency);
  item.count += times;
  item.sum.minor = wrapping_add(item.sum.minor, wrapping_multiply(amount->minor, times));
  drop_empty(tallies);
}

void merge(Tallies& tallies, const Tallies& more) {
  for (const CurrencyTally& added : more) {
    CurrencyTally& item = tally_in(tallies, added.sum.currency);
    item.count += added.count;
    item.sum.minor = wrapping_add(item.sum.minor, added.sum.minor);
  }
  drop_empty(tallies);
}

void add_sum(std::vector<Money>& sums, const Money& amount, std::int64_t times) {
  auto place = std::lower_bound(
      sums.begin(), sums.end(), amount.currency,
      [](const Money& item, const std::string& code) { return item.currency < code; });
  if (place == sums.end() || place->currency != amount.currency)
    place = sums.insert(place, Money{0, amount.currency});
  place->minor = wrapping_add(place->minor, wrapping_multiply(amount.minor, times));
}

Money sum_in(const std::vector<Money>& sums, std::string_view currency) {
  for (const Money& sum : sums) {
    if (sum.currency == currency) return sum;
  }
  return Money{0, std::string(currency)};
}

Money sum_in(const Tallies& tallies, std::string_view currency) {
  for (const CurrencyTally& item : tallies) {
    if (item.sum.currency == currency) return item.sum;
  }
  return Money{0, std::string(currency)};
}

Money mean_of(const Money& total, std::int64_t count) {
  FACTUM_ASSERT(count > 0);
  const std::int64_t whole = total.minor / count;
  const std::int64_t rest = total.minor % count;
  const std::int64_t twice = rest < 0 ? -rest : rest;
  const std::int64_t step = twice >= count - twice ? (total.minor < 0 ? -1 : 1) : 0;
  return {whole + step, total.currency};
}

std::optional<double> percent_of(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace factum::projections
