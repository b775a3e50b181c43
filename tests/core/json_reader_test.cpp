// The strictness of reading: everything wrong is reported, by place and never by value.
#include "core/es/json_reader.hpp"

#include "core/es/json_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <vector>

namespace factum {
namespace {

enum class Colour : std::uint8_t { red, green };

struct Line {
  std::int64_t count = 0;
  static void describe(FieldVisitor& v, Line& l) {
    v.fact("count", l.count, "Count", between(1, 9));
  }
};

struct Everything {
  std::string text;
  std::optional<std::string> note;
  std::optional<std::int64_t> number;
  std::optional<std::int16_t> small;
  std::optional<bool> flag;
  std::optional<Uuid> id;
  std::optional<Timestamp> at;
  std::optional<Date> day;
  std::optional<Money> price;
  std::optional<Colour> colour;
  std::vector<Line> lines;
  std::map<std::string, std::int64_t> scores;

  static void describe(FieldVisitor& v, Everything& e);
};

}  // namespace

template <>
struct Symbols<Colour> {
  static constexpr auto kNames = std::to_array<std::string_view>({"red", "green"});
};

namespace {

void Everything::describe(FieldVisitor& v, Everything& e) {
  v.fact("text", e.text, "Text", non_empty(5));
  v.fact("note", e.note, "Note");
  v.fact("number", e.number, "Number");
  v.fact("small", e.small, "16 bits");
  v.fact("flag", e.flag, "Flag");
  v.fact("id", e.id, "Id");
  v.fact("at", e.at, "Time");
  v.fact("day", e.day, "Day");
  v.fact("price", e.price, "Price");
  v.fact("colour", e.colour, "Colour");
  v.fact("lines", e.lines, "Lines", at_most(2));
  v.fact("scores", e.scores, "Scores", at_most(2));
}

// The errors as "pointer code, …", or what was read instead.
std::string errors_of(std::string_view json, const JsonReadOptions& options = {}) {
  const auto read = from_json<Everything>(json, options);
  if (read) return "ok";
  if (read.error().fields.empty()) return std::string(to_string(read.error().code));
  std::string all;
  for (const FieldError& error : read.error().fields)
    all += (all.empty() ? "" : ", ") + error.pointer + " " + error.code;
  return all;
}

}  // namespace

TEST_CASE("a full object is read") {
  const std::string json =
      R"({"text":"abc","note":"n","number":"9223372036854775807","small":-32768,"flag":true,)"
      R"("id":"018bcfe5-6800-7000-8000-000000000001","at":"2026-11-21T08:00:00Z",)"
      R"("day":"2026-11-21","price":{"minor":5,"currency":"EUR"},"colour":"green",)"
      R"("lines":[{"count":1},{"count":9}],"scores":{"a":1,"b":2}})";
  const auto read = from_json<Everything>(json);
  REQUIRE(read);
  CHECK(read->number == INT64_MAX);
  CHECK(read->small == -32768);
  CHECK(read->colour == Colour::green);
  CHECK(read->lines.at(1).count == 9);
  CHECK(read->scores.at("b") == 2);
  CHECK(errors_of(to_json(*read)) == "ok");
}

TEST_CASE("what may be absent may also be null") {
  CHECK(errors_of(R"({"text":"a"})") == "ok");
  CHECK(errors_of(R"({"text":"a","note":null,"lines":null,"scores":null,"price":null})") == "ok");
  CHECK(errors_of(R"({"text":null})") == "/text type");
}

TEST_CASE("fields that are missing, unknown or double are reported") {
  CHECK(errors_of("{}") == "/text required");
  CHECK(errors_of(R"({"text":"a","other":1})") == "/other unknown");
  CHECK(errors_of(R"({"text":"a","other":1})", {.stored = true}) == "ok");
  CHECK(errors_of(R"({"text":"a","text":"b"})") == "/text duplicate");
  CHECK(errors_of(R"({"text":"a","scores":{"k":1,"k":2}})") == "/scores duplicate");
  CHECK(errors_of(R"({"text":"a","lines":[{"count":1,"x":2}]})") == "/lines/0/x unknown");
}

TEST_CASE("wrong types are reported where they stand") {
  CHECK(errors_of(R"({"text":1})") == "/text type");
  CHECK(errors_of(R"({"text":"a","number":1.5})") == "/number type");
  CHECK(errors_of(R"({"text":"a","number":1e3})") == "/number type");
  CHECK(errors_of(R"({"text":"a","number":"5"})") == "/number type");
  CHECK(errors_of(R"({"text":"a","number":9223372036854775808})") == "/number type");
  CHECK(errors_of(R"({"text":"a","flag":"true"})") == "/flag type");
  CHECK(errors_of(R"({"text":"a","id":5})") == "/id type");
  CHECK(errors_of(R"({"text":"a","id":"5"})") == "/id format");
  CHECK(errors_of(R"({"text":"a","at":"2026-11-21"})") == "/at format");
  CHECK(errors_of(R"({"text":"a","day":"2026-02-30"})") == "/day format");
  CHECK(errors_of(R"({"text":"a","colour":"blue"})") == "/colour choice");
  CHECK(errors_of(R"({"text":"a","colour":1})") == "/colour choice");
  CHECK(errors_of(R"({"text":"a","lines":{}})") == "/lines type");
  CHECK(errors_of(R"({"text":"a","lines":[7]})") == "/lines/0 type, /lines/0/count required");
  CHECK(errors_of(R"({"text":"a","scores":[1]})") == "/scores type");
  CHECK(errors_of(R"({"text":"a","price":5})").starts_with("/price type"));
  CHECK(errors_of(R"({"text":"a","price":{"minor":1,"currency":"EURO"}})")
            .starts_with("/price/currency"));
  CHECK(errors_of(R"({"text":"a","price":{"minor":1,"currency":"EUR","x":1}})") ==
        "/price/x unknown");
}

TEST_CASE("limits are kept") {
  CHECK(errors_of(R"({"text":""})") == "/text too_short");
  CHECK(errors_of(R"({"text":"abcdef"})") == "/text too_long");
  CHECK(errors_of(R"({"text":"a","small":40000})") == "/small range");
  CHECK(errors_of(R"({"text":"a","lines":[{"count":0}]})") == "/lines/0/count range");
  CHECK(errors_of(R"({"text":"a","lines":[{"count":1},{"count":1},{"count":1}]})") ==
        "/lines too_many");
  CHECK(errors_of(R"({"text":"a","scores":{"a":1,"b":1,"c":1}})") == "/scores too_many");
}

TEST_CASE("texts are read without invisible ends, and blank ones are empty") {
  CHECK(errors_of(R"({"text":" \u3000\u200b"})") == "/text too_short");
  CHECK(errors_of(R"({"text":"\u0001"})") == "/text too_short");
  const auto read = from_json<Everything>(R"({"text":"  ab c\n ","note":"\u00a0"})");
  REQUIRE(read);
  CHECK(read->text == "ab c");
  CHECK(read->note == "");
}

TEST_CASE("amounts have a bound") {
  const auto with_price = [](const std::string& minor) {
    return R"({"text":"a","price":{"currency":"EUR","minor":)" + minor + "}}";
  };
  CHECK(errors_of(with_price("1000000000000000")) == "ok");
  CHECK(errors_of(with_price("-1000000000000000")) == "ok");
  CHECK(errors_of(with_price("1000000000000001")) == "/price/minor range");
  CHECK(errors_of(with_price("-1000000000000001")) == "/price/minor range");
  CHECK(errors_of(with_price("\"9223372036854775807\"")) == "/price/minor range");
}

TEST_CASE("what was stored before there were bounds is read as it is") {
  const auto read = from_json<Everything>(
      R"({"text":" ","note":" n ","price":{"currency":"EUR","minor":"9223372036854775807"}})",
      {.stored = true});
  REQUIRE(read);
  CHECK(read->text == " ");
  CHECK(read->note == " n ");
  CHECK(read->price->minor == INT64_MAX);
}

TEST_CASE("several errors come at once, but not without end") {
  CHECK(errors_of(R"({"text":"","flag":1,"other":2})") ==
        "/text too_short, /flag type, /other unknown");
  std::string many = R"({"text":"a")";
  for (int i = 0; i < 500; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  const auto read = from_json<Everything>(many + "}");
  REQUIRE_FALSE(read);
  CHECK(read.error().fields.size() == 50);
}

TEST_CASE("pointers are escaped as RFC 6901 asks") {
  CHECK(errors_of(R"({"text":"a","a/b~c":1})") == "/a~1b~0c unknown");
  CHECK(errors_of(R"({"text":"a","scores":{"a/b":"x"}})") == "/scores/a~1b type");
}

TEST_CASE("errors never repeat a value") {
  const auto read = from_json<Everything>(
      R"({"text":"secret-7","id":"secret-7","colour":"secret-7","at":"secret-7"})");
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("secret") == std::string::npos);
  for (const FieldError& error : read.error().fields)
    CHECK(error.detail.find("secret") == std::string::npos);
}

TEST_CASE("what is no JSON is refused with a reason") {
  for (const char* text : {"", " ", "{", "[1,", "{\"text\":}", "nul", "{\"a\":\"\\uD800\"}",
                           "{\"a\":\"\xff\"}", "{} {}", "{'a':1}"}) {
    CAPTURE(text);
    CHECK(errors_of(text) == "invalid_argument");
  }
  CHECK(errors_of("[]") == " type, /text required");
}

TEST_CASE("deep nesting is refused before it costs anything") {
  CHECK(errors_of(std::string(33, '[') + std::string(33, ']')) == "limit_exceeded");
  CHECK(errors_of(std::string(100'000, '[') + std::string(100'000, ']')) == "limit_exceeded");
}

TEST_CASE("a member is found by name and minified") {
  CHECK(json_member(R"({"a": [1, 2], "b":3})", "a").value_or("") == "[1,2]");
  CHECK(json_member(R"({"a":1})", "b").error().code == ErrorCode::not_found);
  CHECK(json_member("{", "b").error().code == ErrorCode::invalid_argument);
}

TEST_CASE("only an object is an object") {
  CHECK(check_json_object(R"({"a":1})"));
  CHECK(check_json_object("[1]").error().code == ErrorCode::invalid_argument);
  CHECK(check_json_object("{").error().code == ErrorCode::invalid_argument);
}

TEST_CASE("no bytes at all make the reader fail in another way than by an error") {
  CHECK(rc::check([](const std::string& bytes, std::uint16_t place, char letter) {
    std::string json =
        R"({"text":"abc","lines":[{"count":1}],"scores":{"a":1},"price":{"minor":5,"currency":"EUR"}})";
    json[place % json.size()] = letter;
    ignore_error(from_json<Everything>(json), "any answer will do");
    ignore_error(from_json<Everything>(bytes), "any answer will do");
  }));
}

}  // namespace factum
