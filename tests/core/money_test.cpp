#include "core/base/money.hpp"

#include <doctest/doctest.h>

using namespace factum;

TEST_CASE("a decimal becomes minor units of its currency") {
  CHECK(parse_money("1234.5", "EUR") == Money{123450, "EUR"});
  CHECK(parse_money("-0.01", "USD") == Money{-1, "USD"});
  CHECK(parse_money("500", "JPY") == Money{500, "JPY"});
  CHECK(parse_money("1.234", "KWD") == Money{1234, "KWD"});
}

TEST_CASE("decimals beyond the minor unit round half to even") {
  CHECK(parse_money("0.125", "EUR")->minor == 12);
  CHECK(parse_money("0.135", "EUR")->minor == 14);
  CHECK(parse_money("0.1250001", "EUR")->minor == 13);
  CHECK(parse_money("-0.125", "EUR")->minor == -12);
}

TEST_CASE("amounts that are none, or too large, are refused") {
  CHECK_FALSE(parse_money("", "EUR"));
  CHECK_FALSE(parse_money(".", "EUR"));
  CHECK_FALSE(parse_money("1e5", "EUR"));
  CHECK_FALSE(parse_money("1,50", "EUR"));
  CHECK_FALSE(parse_money("1", "eur"));
  CHECK(parse_money("10000000000000.00", "EUR")->minor == kMoneyMinorMax);
  CHECK(parse_money("-10000000000000.00", "EUR")->minor == -kMoneyMinorMax);
  CHECK(parse_money("9999999999999.999", "EUR")->minor == kMoneyMinorMax);
  for (const char* text : {"10000000000000.01", "10000000000000.006", "-10000000000000.01",
                           "92233720368547758.08", "340282366920938463463374607431768211456"}) {
    CAPTURE(text);
    CHECK(parse_money(text, "EUR").error().code == ErrorCode::limit_exceeded);
  }
}
