#include "api/import/text_number.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace factum::importing {
namespace {

constexpr std::size_t kDigitsMax = 60;
constexpr int kPowerMax = 30;

/// digits · 10^-scale, with a sign.
struct Decimal {
  bool negative = false;
  std::string digits;
  int scale = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

tl::unexpected<Error> not_a_number() {
  return fail(ErrorCode::invalid_argument, "this is not a number of the expected format");
}

/// Takes the digits in front of the decimal sign; false if groups of thousands are not complete.
bool take_whole(std::string_view& text, char thousands, std::string& digits) {
  std::size_t in_group = 0;
  bool grouped = false;
  while (!text.empty()) {
    const char c = text[0];
    if (thousands != '\0' && c == thousands) {
      if (in_group == 0 || in_group > 3 || (grouped && in_group != 3)) return false;
      grouped = true;
      in_group = 0;
    } else if (is_digit(c)) {
      digits += c;
      ++in_group;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return !grouped || in_group == 3;
}

bool take_power(std::string_view& text, int& power) {
  text.remove_prefix(1);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), power);
  if (failed != std::errc{} || std::abs(power) > kPowerMax) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

Result<Decimal> read_decimal(std::string_view text, NumberStyle style) {
  Decimal number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (!take_whole(text, style.thousands, number.digits)) return not_a_number();
  if (!text.empty() && text[0] == style.decimal) {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text[0])) {
      number.digits += text[0];
      ++number.scale;
      text.remove_prefix(1);
    }
  }
  if (number.digits.empty()) return not_a_number();
  int power = 0;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E') && !take_power(text, power)) {
    return not_a_number();
  }
  if (!text.empty()) return not_a_number();
  if (number.digits.size() > kDigitsMax) {
    return fail(ErrorCode::limit_exceeded, "a number of more than 60 digits");
  }
  number.scale -= power;
  return number;
}

std::string write_decimal(Decimal number) {
  if (number.scale < 0) {
    number.digits.append(static_cast<std::size_t>(-number.scale), '0');
    number.scale = 0;
  }
  const auto scale = static_cast<std::size_t>(number.scale);
  if (number.digits.size() <= scale) number.digits.insert(0, scale + 1 - number.digits.size(), '0');
  std::string whole = number.digits.substr(0, number.digits.size() - scale);
  std::string fraction = number.digits.substr(number.digits.size() - scale);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  std::string text = fraction.empty() ? whole : whole + "." + fraction;
  return number.negative && text != "0" ? "-" + text : text;
}

std::string multiply_digits(const std::string& left, const std::string& right) {
  std::string product(left.size() + right.size(), '\0');
  for (std::size_t i = left.size(); i-- > 0;) {
    int carry = 0;
    for (std::size_t j = right.size(); j-- > 0;) {
      const int sum = product[i + j + 1] + (left[i] - '0') * (right[j] - '0') + carry;
      product[i + j + 1] = static_cast<char>(sum % 10);
      carry = sum / 10;
    }
    product[i] = static_cast<char>(product[i] + carry);
  }
  for (char& digit : product) digit = static_cast<char>(digit + '0');
  return product;
}

/// Gives both numbers the same scale and the same number of digits.
void align(Decimal& one, Decimal& other) {
  const int scale = std::max({one.scale, other.scale, 0});
  for (Decimal* number : {&one, &other}) {
    number->digits.append(static_cast<std::size_t>(scale - number->scale), '0');
    number->scale = scale;
  }
  const std::size_t width = std::max(one.digits.size(), other.digits.size()) + 1;
  for (Decimal* number : {&one, &other}) {
    number->digits.insert(0, width - number->digits.size(), '0');
  }
}

/// left + right, or left - right when left ≥ right; both aligned.
std::string combine_digits(const std::string& left, const std::string& right, bool subtract) {
  std::string result(left.size(), '0');
  int carry = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    int digit = left[i] - '0' + carry + (subtract ? '0' - right[i] : right[i] - '0');
    carry = digit < 0 ? -1 : digit / 10;
    if (digit < 0) digit += 10;
    result[i] = static_cast<char>('0' + digit % 10);
  }
  return result;
}

Decimal sum_of(Decimal one, Decimal other) {
  align(one, other);
  if (one.negative == other.negative) {
    return {one.negative, combine_digits(one.digits, other.digits, false), one.scale};
  }
  if (one.digits < other.digits) std::swap(one, other);
  return {one.negative, combine_digits(one.digits, other.digits, true), one.scale};
}

}  // namespace

Result<std::string> plain_decimal(std::string_view text, NumberStyle style) {
  FACTUM_TRY(Decimal number, read_decimal(text, style));
  return write_decimal(std::move(number));
}

Result<std::int64_t> whole_number(std::string_view text, NumberStyle style) {
  FACTUM_TRY(const std::string plain, plain_decimal(text, style));
  if (plain.find('.') != plain.npos) {
    return fail(ErrorCode::invalid_argument, "this is not a whole number");
  }
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (failed != std::errc{} || end != plain.data() + plain.size()) {
    return fail(ErrorCode::limit_exceeded, "a whole number beyond 64 bits");
  }
  return value;
}

Result<std::string> multiply_decimals(std::string_view left, std::string_view right) {
  FACTUM_TRY(const Decimal one, read_decimal(left, {}));
  FACTUM_TRY(const Decimal other, read_decimal(right, {}));
  Decimal product{one.negative != other.negative, multiply_digits(one.digits, other.digits),
                  one.scale + other.scale};
  return write_decimal(std::move(product));
}

Result<std::string> add_decimals(std::string_view left, std::string_view right) {
  FACTUM_TRY(Decimal one, read_decimal(left, {}));
  FACTUM_TRY(Decimal other, read_decimal(right, {}));
  return write_decimal(sum_of(std::move(one), std::move(other)));
}

Result<std::string> subtract_decimals(std::string_view left, std::string_view right) {
  FACTUM_TRY(Decimal one, read_decimal(left, {}));
  FACTUM_TRY(Decimal other, read_decimal(right, {}));
  other.negative = !other.negative;
  return write_decimal(sum_of(std::move(one), std::move(other)));
}

}  // namespace factum::importing
