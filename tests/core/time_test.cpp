#include "core/base/time.hpp"

#include <doctest/doctest.h>

using namespace factum;

TEST_CASE("an instant is written as RFC 3339 with microseconds and read back") {
  for (const char* text :
       {"1970-01-01T00:00:00.000000Z", "2016-02-29T23:59:59.999999Z", "1969-12-31T23:59:59.000001Z",
        "0001-02-03T04:05:06.000070Z", "9999-12-31T00:00:00.000000Z"}) {
    const auto instant = parse_timestamp(text);
    REQUIRE(instant);
    CHECK(to_string(*instant) == text);
  }
}

TEST_CASE("offsets are applied and short or long fractions read") {
  CHECK(to_string(*parse_timestamp("2026-01-01T08:00:00+08:00")) == "2026-01-01T00:00:00.000000Z");
  CHECK(to_string(*parse_timestamp("2025-12-31T23:30:00.5-01:30")) ==
        "2026-01-01T01:00:00.500000Z");
  CHECK(to_string(*parse_timestamp("2026-01-01T00:00:00.123456789Z")) ==
        "2026-01-01T00:00:00.123456Z");
}

TEST_CASE("what is not a time is refused") {
  for (const char* text : {"", "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00+8:00", "2026-01-01T00:00:00Zx"}) {
    CHECK_FALSE(parse_timestamp(text));
  }
  CHECK_FALSE(parse_date("2025-02-29"));
  CHECK_FALSE(parse_date("2025-2-9"));
}

TEST_CASE("an instant before 1970 lies in the right day") {
  CHECK(to_string(date_of(*parse_timestamp("1969-12-31T23:59:59.999999Z"))) == "1969-12-31");
  CHECK(start_of(date_of(Timestamp(kMicrosPerDay + 5))) == Timestamp(kMicrosPerDay));
}
