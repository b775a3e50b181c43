#include "api/import/text_number.hpp"
#include "api/import/time_parser.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::importing;

namespace {
std::string read_time(const char* format, const char* zone, const char* text) {
  auto parser = TimeParser::make(format, zone);
  REQUIRE(parser);
  const auto instant = parser->instant(text);
  return instant ? to_string(*instant) : "refused";
}
}  // namespace

TEST_CASE("times are read by their format and zone") {
  CHECK(read_time("%Y-%m-%d %H:%M:%S", "UTC", "2010-12-01 08:26:00") ==
        "2010-12-01T08:26:00.000000Z");
  CHECK(read_time("%Y-%m-%d %H:%M:%S", "Europe/London", "2011-06-01 08:26:00") ==
        "2011-06-01T07:26:00.000000Z");
  CHECK(read_time("%d/%m/%Y %H:%M", "UTC", "29/2/2016 01:16") == "2016-02-29T01:16:00.000000Z");
  CHECK(read_time("%m/%d/%y", "UTC", "12/31/99") == "1999-12-31T00:00:00.000000Z");
  CHECK(read_time("%m/%d/%y", "Asia/Shanghai", "1/2/14") == "2014-01-01T16:00:00.000000Z");
  CHECK(read_time("%d %b %Y %I:%M %p", "UTC", "3 Feb 2020 12:05 AM") ==
        "2020-02-03T00:05:00.000000Z");
  CHECK(read_time("%Y-%m-%dT%H:%M:%S.%f%z", "UTC", "2006-01-11T23:49:42.25+01:00") ==
        "2006-01-11T22:49:42.250000Z");
  CHECK(read_time("%Y%%%m", "UTC", "2020%07") == "2020-07-01T00:00:00.000000Z");
}

TEST_CASE("what the format does not describe is refused") {
  for (const char* text : {"", "2010-12-01", "2010-12-01 24:00:00", "2010-02-30 00:00:00",
                           "2010-12-01 08:26:00 ", "10-12-01 08:26:00", "2010-13-01 08:26:00"}) {
    CHECK(read_time("%Y-%m-%d %H:%M:%S", "UTC", text) == "refused");
  }
  CHECK(read_time("%m/%d", "UTC", "1/2") == "refused");
  CHECK(read_time("%Y %I", "UTC", "2020 5") == "refused");
  CHECK(read_time("%Y %z", "UTC", "2020 +99:00") == "refused");
  CHECK(read_time("%Y %b", "UTC", "2020 Foo") == "refused");
  CHECK(read_time("%Y.%f", "UTC", "2020.1234567890") == "refused");
  CHECK_FALSE(TimeParser::make("%Q", "UTC"));
  CHECK_FALSE(TimeParser::make("%Y", "Mars/Base"));
}

TEST_CASE("a local time that happens twice is the first, one that never happens moves on") {
  const char* format = "%Y-%m-%d %H:%M";
  // Clocks went back from 02:00 to 01:00 on 30 October 2011, and forward at 01:00 on 27 March.
  CHECK(read_time(format, "Europe/London", "2011-10-30 01:30") == "2011-10-30T00:30:00.000000Z");
  CHECK(read_time(format, "Europe/London", "2011-10-30 02:00") == "2011-10-30T02:00:00.000000Z");
  CHECK(read_time(format, "Europe/London", "2011-03-27 01:30") == "2011-03-27T01:30:00.000000Z");
}

TEST_CASE("days are read as written") {
  const auto parser = TimeParser::make("%d.%m.%Y", "Asia/Shanghai");
  REQUIRE(parser);
  CHECK(to_string(*parser->day("1.2.2020")) == "2020-02-01");
  CHECK_FALSE(parser->day("31.2.2020"));
}

TEST_CASE("a parser gives the same answers whatever it read before") {
  auto parser = TimeParser::make("%Y-%m-%d %H:%M", "Europe/London");
  REQUIRE(parser);
  for (const char* text : {"2011-01-01 00:00", "2011-03-27 00:59", "2011-03-27 02:00",
                           "2011-07-01 00:00", "2011-10-30 01:30", "2011-10-29 12:00"}) {
    CHECK(to_string(*parser->instant(text)) == read_time("%Y-%m-%d %H:%M", "Europe/London", text));
  }
}

TEST_CASE("numbers become plain decimals") {
  CHECK(*plain_decimal("0012.500") == "12.5");
  CHECK(*plain_decimal("-0.0") == "0");
  CHECK(*plain_decimal("+.5") == "0.5");
  CHECK(*plain_decimal("1.5e-3") == "0.0015");
  CHECK(*plain_decimal("1.25E2") == "125");
  CHECK(*plain_decimal("12,5", {',', '\0'}) == "12.5");
  CHECK(*plain_decimal("-1.234.567,80", {',', '.'}) == "-1234567.8");
  for (const char* text : {"", "-", ".", "1,5", "1.2.3", "abc", "1 ", "0x10", "1e99", "nan"}) {
    CHECK_FALSE(plain_decimal(text));
  }
  CHECK_FALSE(plain_decimal("12.34.567", {',', '.'}));
  CHECK_FALSE(plain_decimal("1234.567", {',', '.'}));
  CHECK(plain_decimal(std::string(61, '1')).error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("whole numbers may carry a zero fraction") {
  CHECK(*whole_number("17850.0") == 17850);
  CHECK(*whole_number("-6") == -6);
  CHECK_FALSE(whole_number("17850.5"));
  CHECK(whole_number("9223372036854775808").error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("decimals multiply exactly") {
  CHECK(*multiply_decimals("2.55", "6") == "15.3");
  CHECK(*multiply_decimals("-0.001", "1000") == "-1");
  CHECK(*multiply_decimals("99999999999.99", "99999999999.99") == "9999999999998000000000.0001");
  CHECK_FALSE(multiply_decimals("x", "1"));
}
