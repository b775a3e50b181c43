// Integers of 128 bits as text and as bytes of rows.
#include "core/base/wide.hpp"

#include "core/es/field_visitor.hpp"
#include "core/es/json_writer.hpp"
#include "core/es/row_codec.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

constexpr Int128 kMost = static_cast<Int128>(~UInt128{0} >> 1);

struct Row {
  Int128 number = 0;
  static void describe(FieldVisitor& v, Row& r) { v.shown("number", r.number, "Number"); }
};

}  // namespace

TEST_CASE("wide integers are written in digits") {
  CHECK(to_string(Int128{0}) == "0");
  CHECK(to_string(Int128{-7}) == "-7");
  CHECK(to_string(kMost) == "170141183460469231731687303715884105727");
  CHECK(to_string(-kMost - 1) == "-170141183460469231731687303715884105728");
}

TEST_CASE("wide integers are JSON numbers below 2^53 and texts from there on") {
  CHECK(to_json(Row{(Int128{1} << 53) - 1}) == R"({"number":9007199254740991})");
  CHECK(to_json(Row{Int128{1} << 53}) == R"({"number":"9007199254740992"})");
  CHECK(to_json(Row{-(Int128{1} << 53)}) == R"({"number":"-9007199254740992"})");
}

TEST_CASE("wide integers come back from rows, and short ones take few bytes") {
  for (const Int128 number : {Int128{0}, Int128{-1}, Int128{INT64_MAX}, Int128{INT64_MIN},
                              Int128{INT64_MAX} * 1000, kMost, -kMost, -kMost - 1}) {
    CAPTURE(to_string(number));
    const auto back = decode_row<Row>(encode_row(Row{number}));
    REQUIRE(back);
    CHECK(to_string(back->number) == to_string(number));
  }
  CHECK(encode_row(Row{63}).size() == 1);
  CHECK_FALSE(decode_row<Row>(std::string(20, '\xFF')));
}

}  // namespace factum
