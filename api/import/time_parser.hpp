// Reads dates and times as other systems write them, in a time zone, into instants and days.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

/// Reads local times of one format and one zone.
///
/// Format: %Y year (4 digits), %y year (2 digits: 69–99 are 19xx, 00–68 are 20xx), %m month, %d
/// day, %H hour 0–23, %I hour 1–12 with %p AM or PM, %M minute, %S second, %f fraction of a second
/// (1 to 9 digits, beyond six cut off), %z offset (Z, +hh:mm or +hhmm), %b English month name
/// (three letters),
/// %% a percent sign; anything else must be there as written. Numbers may lack leading zeros,
/// except %Y. What is not in the format is 1 January, 00:00:00; a year must be there.
///
/// Zone: an IANA name ("Europe/London"). A local time that happens twice (clocks set back) means
/// the first of the two; one that never happens (clocks set forward) is read with the offset that
/// was in force before the gap, so 02:30 in a gap of one hour is the instant called 03:30. Not
/// thread-safe.
class TimeParser {
 public:
  /// Errors: invalid_argument for an unknown zone or an unknown letter after %.
  static Result<TimeParser> make(std::string format, const std::string& zone);

  TimeParser(TimeParser&&) noexcept;
  TimeParser& operator=(TimeParser&&) noexcept;
  ~TimeParser();

  /// The instant. Errors: invalid_argument, without the text. O(text), plus a search in the zone's
  /// transitions when the time leaves the period of the call before.
  Result<Timestamp> instant(std::string_view text);
  /// The calendar day as written, whatever the zone. Errors: invalid_argument.
  Result<Date> day(std::string_view text) const;

 private:
  struct Zone;
  TimeParser(std::string format, std::unique_ptr<Zone> zone);

  std::string format_;
  std::unique_ptr<Zone> zone_;
};

}  // namespace factum::importing
