#include "core/base/money.hpp"

#include <algorithm>
#include <array>

namespace factum {
namespace {

// Active codes of ISO 4217, sorted.
constexpr std::array<std::string_view, 156> kCurrencies = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD",
    "CDF", "CHF", "CLF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF",
    "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD",
    "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP",
    "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
    "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB",
    "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD",
    "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
    "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU",
    "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW"};
constexpr std::array<std::string_view, 15> kNoDecimals = {"BIF", "CLP", "DJF", "GNF", "ISK",
                                                          "JPY", "KMF", "KRW", "PYG", "RWF",
                                                          "UGX", "VND", "VUV", "XAF", "XOF"};
constexpr std::array<std::string_view, 7> kThreeDecimals = {"BHD", "IQD", "JOD", "KWD",
                                                            "LYD", "OMR", "TND"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& sorted, std::string_view code) {
  return std::binary_search(sorted.begin(), sorted.end(), code);
}

// False once the amount is too large.
bool push_digit(std::int64_t& value, int digit) {
  value = value * 10 + digit;
  return is_within_bounds(value);
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Half to even on the decimals that do not fit.
bool rounds_up(std::string_view rest, bool odd) {
  if (rest.empty() || rest[0] < '5') return false;
  if (rest[0] > '5') return true;
  const bool above_half =
      std::any_of(rest.begin() + 1, rest.end(), [](char c) { return c != '0'; });
  return above_half || odd;
}

}  // namespace

bool is_currency(std::string_view code) { return contains(kCurrencies, code); }

int minor_digits(std::string_view code) {
  if (contains(kNoDecimals, code) || code == "XPF") return 0;
  if (code == "CLF") return 4;
  return contains(kThreeDecimals, code) ? 3 : 2;
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const bool has_part = dot + 1 < text.size();
  return (dot > 0 || has_part) && is_digits(text.substr(0, dot)) &&
         (!has_part || is_digits(text.substr(dot + 1)));
}

Result<Money> parse_money(std::string_view decimal, std::string_view currency) {
  if (!is_currency(currency))
    return fail(ErrorCode::invalid_argument, "this is not an ISO 4217 currency code");
  if (!is_decimal(decimal)) {
    return fail(ErrorCode::invalid_argument, "an amount is a plain decimal number");
  }
  const bool negative = decimal.starts_with('-');
  if (negative || decimal.starts_with('+')) decimal.remove_prefix(1);
  const std::size_t dot = std::min(decimal.find('.'), decimal.size());
  const std::string_view whole = decimal.substr(0, dot);
  const std::string_view part = dot < decimal.size() ? decimal.substr(dot + 1) : std::string_view{};
  const auto places = static_cast<std::size_t>(minor_digits(currency));
  std::int64_t minor = 0;
  bool fits = true;
  for (char c : whole) fits = fits && push_digit(minor, c - '0');
  for (std::size_t i = 0; i < places; ++i)
    fits = fits && push_digit(minor, i < part.size() ? part[i] - '0' : 0);
  if (fits && part.size() > places && rounds_up(part.substr(places), minor % 2 != 0))
    fits = is_within_bounds(++minor);
  if (!fits) return fail(ErrorCode::limit_exceeded, "this amount has more than 10^15 minor units");
  return Money{negative ? -minor : minor, std::string(currency)};
}

}  // namespace factum
