// Canonical JSON against the vectors of RFC 8785, and what answers look like.
#include "core/es/json_writer.hpp"

#include "core/es/json_reader.hpp"
#include "tests/support/real_data.hpp"
#include "tests/support/sample_visitor.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum {
namespace {

constexpr const char* kVectors = "vectors/json-canonicalization-rfc8785";

template <class T>
std::string canonical(T value) {
  JsonWriter writer(JsonStyle::canonical);
  writer.value(value);
  return writer.take();
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

struct Inner {
  std::int64_t b = 2;
  std::string a = "x";
  static void describe(FieldVisitor& v, Inner& i) {
    v.fact("b", i.b, "Number");
    v.fact("a", i.a, "Text");
  }
};

struct Outer {
  std::optional<std::string> z;
  std::vector<std::string> list;
  std::map<std::string, std::string> map;
  Inner inner;
  bool yes = true;
  static void describe(FieldVisitor& v, Outer& o) {
    v.fact("z", o.z, "Optional");
    v.fact("list", o.list, "List");
    v.fact("map", o.map, "Map");
    v.fact("inner", o.inner, "Object");
    v.fact("yes", o.yes, "Boolean");
  }
};

}  // namespace

TEST_CASE("members of an object stand in the order of their names") {
  CHECK(canonical(Outer{}) == R"({"inner":{"a":"x","b":2},"yes":true})");
}

TEST_CASE("absent values and empty lists and maps are left out of canonical JSON only") {
  Outer outer{"z", {"1"}, {{"k", "v"}}, {}, false};
  CHECK(canonical(outer) ==
        R"({"inner":{"a":"x","b":2},"list":["1"],"map":{"k":"v"},"yes":false,"z":"z"})");
  CHECK(to_json(Outer{}) == R"({"list":[],"map":{},"inner":{"b":2,"a":"x"},"yes":true})");
}

TEST_CASE("integers that not every language reads are texts") {
  CHECK(canonical(std::int64_t{9007199254740991}) == "9007199254740991");
  CHECK(canonical(std::int64_t{9007199254740992}) == R"("9007199254740992")");
  CHECK(canonical(std::int64_t{-9007199254740992}) == R"("-9007199254740992")");
  CHECK(canonical(INT64_MIN) == R"("-9223372036854775808")");
}

TEST_CASE("control characters are escaped in the shortest way, others not at all") {
  CHECK(json_text("\b\t\n\f\r\"\\/") == R"("\b\t\n\f\r\"\\/")");
  CHECK(json_text(std::string("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
  CHECK(json_text("€中😀") == "\"€中😀\"");
}

TEST_CASE("numbers that JSON does not know are null in answers") {
  CHECK(to_json(std::vector<std::string>{}) == "[]");
  JsonWriter writer(JsonStyle::answer);
  double nan = std::nan("");
  writer.value(nan);
  CHECK(writer.take() == "null");
  double half = 0.5;
  writer.value(half);
  CHECK(writer.take() == "0.5");
}

TEST_CASE("maps of texts equal the vectors of RFC 8785") {
  const auto folder = test::real_data(kVectors);
  if (folder.empty()) return;
  for (const std::string name : {"weird.json", "unicode.json"}) {
    CAPTURE(name);
    std::map<std::string, std::string> map;
    const auto read = read_json(test::file_text(folder / "input" / name), {.stored = true},
                                [&](FieldVisitor& reader) { reader.value(map); });
    if (!read) FAIL(read.error().message);
    CHECK(canonical(map) == test::file_text(folder / "output" / name));
  }
}

TEST_CASE("lists of texts equal the vector of RFC 8785") {
  const auto folder = test::real_data(kVectors);
  if (folder.empty()) return;
  std::map<std::string, std::string> map;
  const std::string input = test::file_text(folder / "input" / "french.json");
  REQUIRE(read_json(input, {}, [&](FieldVisitor& reader) { reader.value(map); }));
  CHECK(canonical(map) == test::file_text(folder / "output" / "french.json"));
}

TEST_CASE("keys are sorted by UTF-16 code units") {
  const std::string high = "\xef\xac\xb3";        // U+FB33
  const std::string beyond = "\xf0\x9f\x98\x80";  // U+1F600, in UTF-16 D83D DE00
  const std::map<std::string, std::string> map = {
      {high, "2"}, {beyond, "1"}, {"a", "0"}, {"", "-"}};
  CHECK(canonical(map) ==
        "{\"\":\"-\",\"a\":\"0\",\"" + beyond + "\":\"1\",\"" + high + "\":\"2\"}");
}

TEST_CASE("members of a map have names, at least in requests") {
  const auto read = [](const char* json, bool stored) {
    std::map<std::string, std::string> map;
    return read_json(json, {.stored = stored}, [&](FieldVisitor& reader) { reader.value(map); });
  };
  CHECK(read(R"({"a":"1"})", false));
  CHECK_FALSE(read(R"({"":"1"})", false));
  CHECK_FALSE(read(R"({"a":"1","\u200b":"1"})", false));
  CHECK(read(R"({"":"1"})", true));
}

TEST_CASE("whatever is written is read back") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    const Outer outer = test::sample<Outer>(test::Samples::random, seed);
    const auto read = from_json<Outer>(canonical(outer));
    REQUIRE(read);
    CHECK(canonical(*read) == canonical(outer));
    const auto again = from_json<Outer>(to_json(outer));
    REQUIRE(again);
    CHECK(canonical(*again) == canonical(outer));
  }
}

}  // namespace factum
