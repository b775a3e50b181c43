// Instants and dates: UTC microseconds, calendar days, and their RFC 3339 text forms.
#pragma once

#include "core/base/result.hpp"
#include "core/base/strong_type.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// Microseconds since 1970-01-01T00:00:00Z; negative before.
using Timestamp = StrongType<struct TimestampTag, std::int64_t>;
/// Days since 1970-01-01 in the proleptic Gregorian calendar.
using Date = StrongType<struct DateTag, std::int32_t>;

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// RFC 3339 in UTC with six decimals: "2026-11-21T08:00:00.000000Z". Years 0000 to 9999.
std::string to_string(Timestamp instant);
/// Appends the same to `out`.
void append_to(std::string& out, Timestamp instant);
/// "2026-11-21".
std::string to_string(Date date);
/// Reads RFC 3339 with any offset and up to nine decimals (beyond six cut off). Errors:
/// invalid_argument.
Result<Timestamp> parse_timestamp(std::string_view text);
/// Reads "YYYY-MM-DD". Errors: invalid_argument, also for days that do not exist.
Result<Date> parse_date(std::string_view text);
/// The UTC day an instant lies in.
Date date_of(Timestamp instant);
/// The first microsecond of a UTC day.
Timestamp start_of(Date date);

/// The present moment; a manual one in tests. Thread rule: safe for any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() = 0;
};

}  // namespace factum
