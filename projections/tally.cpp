#include "projections/tally.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

CurrencyTally& tally_in(Tallies& tallies, const std::string& currency) {
  auto place = std::lower_bound(
      tallies.begin(), tallies.end(), currency,
      [](const CurrencyTally& item, const std::string& code) { return item.sum.currency < code; });
  if (place == tallies.end() || place->sum.currency != currency)
    place = tallies.insert(place, CurrencyTally{.count = 0, .sum = MoneySum{0, currency}});
  return *place;
}

void drop_empty(Tallies& tallies) {
  std::erase_if(tallies, [](const CurrencyTally& item) { return item.count == 0; });
}

}  // namespace

void tally(Tallies& tallies, const std::optional<Money>& amount, std::int64_t times) {
  if (!amount) return;
  CurrencyTally& item = tally_in(tallies, amount->currency);
  item.count += times;
  item.sum.minor += Int128{amount->minor} * times;
  drop_empty(tallies);
}

void merge(Tallies& tallies, const Tallies& more) {
  for (const CurrencyTally& added : more) {
    CurrencyTally& item = tally_in(tallies, added.sum.currency);
    item.count += added.count;
    item.sum.minor += added.sum.minor;
  }
  drop_empty(tallies);
}

MoneySum sum_in(const Tallies& tallies, std::string_view currency) {
  for (const CurrencyTally& item : tallies) {
    if (item.sum.currency == currency) return item.sum;
  }
  return MoneySum{0, std::string(currency)};
}

MoneySum mean_of(const MoneySum& total, std::int64_t count) {
  FACTUM_ASSERT(count > 0);
  const Int128 whole = total.minor / count;
  const Int128 rest = total.minor % count;
  const Int128 twice = rest < 0 ? -rest : rest;
  const Int128 step = twice >= count - twice ? (total.minor < 0 ? -1 : 1) : 0;
  return {whole + step, total.currency};
}

std::optional<double> percent_of(Int128 part, Int128 whole) {
  if (whole == 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace factum::projections
