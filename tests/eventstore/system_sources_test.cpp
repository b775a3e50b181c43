#include "eventstore/system_sources.hpp"

#include "tests/support/manual_clock.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

TEST_CASE("UUIDv7 of one source increase, also when the clock stands still or steps back") {
  ManualClock clock;
  UuidV7Source source(clock);
  Uuid last = source.next();
  for (int i = 0; i < 100'000; ++i) {
    if (i == 50'000) clock.advance(-60'000'000);
    const Uuid id = source.next();
    REQUIRE(last < id);
    REQUIRE((id.bytes[6] >> 4) == 7);
    REQUIRE((id.bytes[8] >> 6) == 2);
    last = id;
  }
}

TEST_CASE("two sources at the same instant give different ids") {
  ManualClock clock;
  UuidV7Source one(clock);
  UuidV7Source other(clock);
  CHECK(one.next() != other.next());
}

TEST_CASE("the system clock gives microseconds since 1970") {
  SystemClock clock;
  CHECK(clock.now() > parse_timestamp("2024-01-01T00:00:00Z").value());
}
