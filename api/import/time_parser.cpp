#include "api/import/time_parser.hpp"

#include <date/tz.h>

#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace factum::importing {
namespace {

constexpr std::string_view kLetters = "YymdHIpMSfzb%";
constexpr int kFractionDigits = 6;
constexpr int kFractionDigitsMax = 9;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

/// The parts of a written time.
struct Parts {
  int year = -1;
  int month = 1;
  int day = 1;
  int hour = 0;
  bool twelve_hours = false;
  std::optional<bool> afternoon;
  int minute = 0;
  int second = 0;
  int micros = 0;
  std::optional<int> offset_seconds;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  int value = 0;
  while (count < most && count < text.size() && is_digit(text[count])) {
    value = value * 10 + (text[count] - '0');
    ++count;
  }
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take_into(int& target, std::string_view& text, int least, int most) {
  const auto value = take_number(text, 1, 2);
  if (!value || *value < least || *value > most) return false;
  target = *value;
  return true;
}

bool take_fraction(Parts& parts, std::string_view& text) {
  int digits = 0;
  int value = 0;
  while (!text.empty() && is_digit(text[0])) {
    if (digits == kFractionDigitsMax) return false;
    if (digits < kFractionDigits) value = value * 10 + (text[0] - '0');
    ++digits;
    text.remove_prefix(1);
  }
  for (int i = digits; i < kFractionDigits; ++i) value *= 10;
  parts.micros = value;
  return digits > 0;
}

bool take_offset(Parts& parts, std::string_view& text) {
  if (!text.empty() && (text[0] == 'Z' || text[0] == 'z')) {
    text.remove_prefix(1);
    parts.offset_seconds = 0;
    return true;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, 2);
  if (!text.empty() && text[0] == ':') text.remove_prefix(1);
  const auto minutes = take_number(text, 2, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return false;
  parts.offset_seconds = sign * (*hours * 3600 + *minutes * 60);
  return true;
}

bool take_half(Parts& parts, std::string_view& text) {
  if (text.size() < 2 || lower(text[1]) != 'm') return false;
  const char half = lower(text[0]);
  if (half != 'a' && half != 'p') return false;
  parts.afternoon = half == 'p';
  text.remove_prefix(2);
  return true;
}

bool take_month_name(Parts& parts, std::string_view& text) {
  if (text.size() < 3) return false;
  const std::string name{lower(text[0]), lower(text[1]), lower(text[2])};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (name != kMonths[i]) continue;
    parts.month = static_cast<int>(i) + 1;
    text.remove_prefix(3);
    return true;
  }
  return false;
}

bool take_year(Parts& parts, std::string_view& text, std::size_t digits) {
  const auto year = take_number(text, digits, digits);
  if (!year) return false;
  parts.year = digits == 4 ? *year : *year + (*year < 69 ? 2000 : 1900);
  return true;
}

bool take_part(Parts& parts, char letter, std::string_view& text) {
  switch (letter) {
    case 'Y': return take_year(parts, text, 4);
    case 'y': return take_year(parts, text, 2);
    case 'm': return take_into(parts.month, text, 1, 12);
    case 'd': return take_into(parts.day, text, 1, 31);
    case 'H': return take_into(parts.hour, text, 0, 23);
    case 'I': parts.twelve_hours = true; return take_into(parts.hour, text, 1, 12);
    case 'p': return take_half(parts, text);
    case 'M': return take_into(parts.minute, text, 0, 59);
    case 'S': return take_into(parts.second, text, 0, 59);
    case 'f': return take_fraction(parts, text);
    case 'z': return take_offset(parts, text);
    case 'b': return take_month_name(parts, text);
    default: break;
  }
  if (text.empty() || text[0] != letter) return false;
  text.remove_prefix(1);
  return true;
}

Result<Parts> read_parts(std::string_view format, std::string_view text) {
  const auto wrong = [] {
    return fail(ErrorCode::invalid_argument, "this is not a time of the expected format");
  };
  Parts parts;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%') {
      if (!take_part(parts, format[++i], text)) return wrong();
    } else if (text.empty() || text[0] != format[i]) {
      return wrong();
    } else {
      text.remove_prefix(1);
    }
  }
  if (!text.empty() || parts.year < 0) return wrong();
  if (parts.twelve_hours) {
    if (!parts.afternoon) return wrong();
    parts.hour = parts.hour % 12 + (*parts.afternoon ? 12 : 0);
  }
  return parts;
}

Result<date::sys_days> day_of(const Parts& parts) {
  const date::year_month_day day{date::year{parts.year},
                                 date::month{static_cast<unsigned>(parts.month)},
                                 date::day{static_cast<unsigned>(parts.day)}};
  if (!day.ok()) return fail(ErrorCode::invalid_argument, "this day does not exist");
  return date::sys_days{day};
}

Status check_format(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    if (i == format.size() || kLetters.find(format[i]) == kLetters.npos) {
      return fail(ErrorCode::invalid_argument,
                  "a time format knows %Y %y %m %d %H %I %p %M %S %f %z %b %%");
    }
  }
  return {};
}

}  // namespace

/// A zone and the transition-free period around the last question.
struct TimeParser::Zone {
  const date::time_zone* zone = nullptr;
  date::local_seconds sure_from{};
  date::local_seconds sure_to{};
  std::chrono::seconds offset{};

  std::chrono::seconds offset_at(date::local_seconds local) {
    if (local >= sure_from && local < sure_to) return offset;
    const date::local_info info = zone->get_info(local);
    if (info.result == date::local_info::unique) {
      // A day of distance keeps the period clear of what its neighbours overlap.
      const std::chrono::hours margin{24};
      offset = info.first.offset;
      sure_from = date::local_seconds{info.first.begin.time_since_epoch()} + margin;
      sure_to = date::local_seconds{info.first.end.time_since_epoch()} - margin;
    }
    return info.first.offset;
  }
};

TimeParser::TimeParser(std::string format, std::unique_ptr<Zone> zone)
    : format_(std::move(format)), zone_(std::move(zone)) {}
TimeParser::TimeParser(TimeParser&&) noexcept = default;
TimeParser& TimeParser::operator=(TimeParser&&) noexcept = default;
TimeParser::~TimeParser() = default;

Result<TimeParser> TimeParser::make(std::string format, const std::string& zone) {
  FACTUM_CHECK(check_format(format));
  auto found = std::make_unique<Zone>();
  try {
    found->zone = date::locate_zone(zone);
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid_argument, "the time zone \"" + zone + "\" is not known here");
  }
  return TimeParser(std::move(format), std::move(found));
}

Result<Timestamp> TimeParser::instant(std::string_view text) {
  FACTUM_TRY(const Parts parts, read_parts(format_, text));
  FACTUM_TRY(const date::sys_days day, day_of(parts));
  const std::chrono::seconds of_day = std::chrono::hours{parts.hour} +
                                      std::chrono::minutes{parts.minute} +
                                      std::chrono::seconds{parts.second};
  const std::chrono::seconds local = day.time_since_epoch() + of_day;
  try {
    const std::chrono::seconds offset = parts.offset_seconds
                                            ? std::chrono::seconds{*parts.offset_seconds}
                                            : zone_->offset_at(date::local_seconds{local});
    return Timestamp((local - offset).count() * kMicrosPerSecond + parts.micros);
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid_argument, "this time lies outside what its zone covers");
  }
}

Result<Date> TimeParser::day(std::string_view text) const {
  FACTUM_TRY(const Parts parts, read_parts(format_, text));
  FACTUM_TRY(const date::sys_days day, day_of(parts));
  return Date(static_cast<std::int32_t>(day.time_since_epoch().count()));
}

}  // namespace factum::importing
