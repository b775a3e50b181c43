#include "core/base/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace factum {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t kSecondsPerDay = 86'400;

std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  return value / divisor - ((value % divisor != 0 && value < 0) ? 1 : 0);
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool has(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

std::optional<std::int64_t> offset_seconds(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  const auto hours = digits(zone, 1, 2);
  const auto minutes = digits(zone, 4, 2);
  const bool signed_zone = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  if (!signed_zone || !hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

// Reads ".123456789" at `at`, moves `at` behind it, gives microseconds.
std::optional<std::int64_t> fraction(std::string_view text, std::size_t& at) {
  if (!has(text, at, '.')) return 0;
  std::int64_t micros = 0;
  std::size_t count = 0;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
    if (count < 6) micros = micros * 10 + (text[at] - '0');
  }
  if (count == 0 || count > 9) return std::nullopt;
  for (; count < 6; ++count) micros *= 10;
  return micros;
}

constexpr std::size_t kTimestampBytes = std::string_view("2026-01-31T12:00:00.000000Z").size();

// At least `width` digits, with zeros before them. Neither printf nor to_chars: both show in
// profiles of answers full of times.
void append_digits(std::string& text, int value, std::size_t width) {
  std::array<char, 12> digits{};
  char* first = digits.data() + digits.size();
  for (std::size_t count = 0; count < width || value > 0; ++count, value /= 10)
    *--first = static_cast<char>('0' + value % 10);
  text.append(first, digits.data() + digits.size());
}

void append_date(std::string& text, Date date) {
  const year_month_day ymd{sys_days{std::chrono::days{date.value()}}};
  const int year = static_cast<int>(ymd.year());
  if (year < 0) text += '-';
  append_digits(text, year < 0 ? -year : year, 4);
  text += '-';
  append_digits(text, static_cast<int>(static_cast<unsigned>(ymd.month())), 2);
  text += '-';
  append_digits(text, static_cast<int>(static_cast<unsigned>(ymd.day())), 2);
}

}  // namespace

std::string to_string(Date date) {
  std::string text;
  append_date(text, date);
  return text;
}

std::string to_string(Timestamp instant) {
  std::string text;
  text.reserve(kTimestampBytes);
  append_to(text, instant);
  return text;
}

void append_to(std::string& out, Timestamp instant) {
  const std::int64_t seconds = floor_div(instant.value(), kMicrosPerSecond);
  const std::int64_t micros = instant.value() - seconds * kMicrosPerSecond;
  const std::int64_t days = floor_div(seconds, kSecondsPerDay);
  const auto of_day = static_cast<int>(seconds - days * kSecondsPerDay);
  append_date(out, Date(static_cast<std::int32_t>(days)));
  out += 'T';
  append_digits(out, of_day / 3600, 2);
  out += ':';
  append_digits(out, of_day / 60 % 60, 2);
  out += ':';
  append_digits(out, of_day % 60, 2);
  out += '.';
  append_digits(out, static_cast<int>(micros), 6);
  out += 'Z';
}

Result<Date> parse_date(std::string_view text) {
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  if (text.size() != 10 || !y || !m || !d || text[4] != '-' || text[7] != '-') {
    return fail(ErrorCode::invalid_argument, "a date is written YYYY-MM-DD");
  }
  const year_month_day ymd{year{*y}, month{static_cast<unsigned>(*m)},
                           day{static_cast<unsigned>(*d)}};
  if (!ymd.ok()) return fail(ErrorCode::invalid_argument, "this day does not exist");
  return Date(static_cast<std::int32_t>(sys_days{ymd}.time_since_epoch().count()));
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto wrong = [] {
    return fail(ErrorCode::invalid_argument,
                "a time is written YYYY-MM-DDThh:mm:ss[.ffffff]Z or with an offset");
  };
  if (text.size() < 20 || !(text[10] == 'T' || text[10] == 't' || text[10] == ' ')) return wrong();
  FACTUM_TRY(const Date date, parse_date(text.substr(0, 10)));
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!hour || !minute || !second || !has(text, 13, ':') || !has(text, 16, ':')) return wrong();
  if (*hour > 23 || *minute > 59 || *second > 60)
    return fail(ErrorCode::invalid_argument, "this time of day does not exist");
  std::size_t at = 19;
  const auto micros = fraction(text, at);
  const auto offset = offset_seconds(text.substr(at));
  if (!micros || !offset) return wrong();
  const std::int64_t seconds =
      date.value() * kSecondsPerDay + *hour * 3600 + *minute * 60 + *second - *offset;
  return Timestamp(seconds * kMicrosPerSecond + *micros);
}

Date date_of(Timestamp instant) {
  return Date(static_cast<std::int32_t>(floor_div(instant.value(), kMicrosPerDay)));
}

Timestamp start_of(Date date) { return Timestamp(date.value() * kMicrosPerDay); }

}  // namespace factum
