// The check of canonical JSON against the examples of RFC 8785 and what it has to refuse.
#include "core/es/canonical_json.hpp"

#include "tests/support/real_data.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace factum;
using namespace factum::test;

namespace {

bool is_canonical(std::string_view json) { return check_canonical_object(json).has_value(); }

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 1; i < depth; ++i) text += R"({"a":)";
  return text + "{}" + std::string(depth - 1, '}');
}

}  // namespace

TEST_CASE("canonical objects are accepted") {
  for (const std::string_view json :
       {"{}", R"({"a":[],"b":{}})", R"({"a":[null,true,false,0,-1,"",[1,2],{"c":"d"}]})",
        R"({"a":9007199254740992,"b":-9007199254740992})", R"({"":1," ":2})",
        R"({"\b":1,"\n":1,"\u000b":1,"\r":1,"\u001f":1," ":1})", "{\"a\":\"\x7f/\\\\\\\"\"}",
        "{\"\xF0\x9F\x98\x80\":1,\"\xEE\x80\x80\":1}"})
    CHECK_MESSAGE(is_canonical(json), json);
  CHECK(is_canonical(nested(kCanonicalDepthMax)));
}

TEST_CASE("what is not the one way to write an object is refused") {
  for (const std::string_view json : {"",
                                      "[]",
                                      "1",
                                      "{",
                                      "{}x",
                                      "{ }",
                                      " {}",
                                      R"({"b":1,"a":1})",
                                      R"({"a":1,"a":1})",
                                      R"({"a":1,})",
                                      R"({"a":1.5})",
                                      R"({"a":1e3})",
                                      R"({"a":01})",
                                      R"({"a":-0})",
                                      R"({"a":-})",
                                      R"({"a":9007199254740993})",
                                      R"({"a":18446744073709551617})",
                                      R"({"a":NaN})",
                                      R"({"a":nul})",
                                      R"({"a":"\u0041"})",
                                      R"({"a":"\/"})",
                                      R"({"a":"\u000a"})",
                                      R"({"a":"\u001F"})",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\xff\"}",
                                      R"({"a":"\ud800"})",
                                      "{\"a\":\"\xED\xA0\x80\"}",
                                      R"({"a":[1 ]})",
                                      R"({"a":[1,]})",
                                      R"({"a"})",
                                      "{a:1}",
                                      R"({"a":")",
                                      R"({"a":"\)",
                                      R"({"a":"\u)",
                                      R"({"\n":1,"\b":1})",
                                      "{\"\xEE\x80\x80\":1,\"\xF0\x9F\x98\x80\":1}",
                                      "\xEF\xBB\xBF{}"})
    CHECK_MESSAGE(!is_canonical(json), json);
  CHECK_FALSE(is_canonical(nested(kCanonicalDepthMax + 1)));
  CHECK_FALSE(is_canonical(R"({"a":)" + std::string(100'000, '[')));
}

TEST_CASE("no cut of a canonical object is one, and no flipped bit of it crashes") {
  const std::string whole = R"({"a":[null,true,-1,"x\n\u0001"],"b":{"c":"€"},"d":false})";
  REQUIRE(is_canonical(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(is_canonical(std::string_view(whole).substr(0, size)));
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    if (!is_canonical(changed)) ++refused;
  }
  CHECK(refused > 300);
}

TEST_CASE("the canonical outputs of RFC 8785 are accepted and its inputs are not") {
  const auto folder = real_data("vectors/json-canonicalization-rfc8785");
  if (folder.empty()) return;
  std::size_t accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "output")) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const std::string output = file_text(entry.path());
    // Events have no fractions, and are objects.
    const bool ours = output.starts_with('{') && output.find("e+") == std::string::npos;
    CHECK(is_canonical(output) == ours);
    if (ours) ++accepted;
    CHECK_FALSE(is_canonical(file_text(folder / "input" / name)));
  }
  CHECK(accepted >= 3);
}
