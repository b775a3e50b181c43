#include "api/import/text_decoder.hpp"

#include "tests/import/import_support.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

TEST_CASE("UTF-8 passes unchanged and a byte order mark is dropped") {
  const std::string text = "name,超市\r\nÅngström,\xF0\x9F\x98\x80\n";
  CHECK(*decode_all(text, Encoding::automatic) == text);
  CHECK(*decode_all("\xEF\xBB\xBF" + text, Encoding::automatic) == text);
  CHECK(*decode_all("\xEF\xBB\xBF" + text, Encoding::utf8) == text);
  CHECK(decode_all("", Encoding::utf8)->empty());
}

TEST_CASE("a byte that is not UTF-8 is named by line and column in characters") {
  const auto read = decode_all("a\r\nb\r超市\xFFx\n", Encoding::automatic);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::corrupt);
  CHECK(read.error().message.find("line 3, column 3: this is not UTF-8 text") == 0);
  CHECK(read.error().message.find("--encoding") != std::string::npos);
}

TEST_CASE("overlong forms, surrogates and values beyond Unicode are not UTF-8") {
  for (const char* bytes :
       {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    CHECK_FALSE(decode_all(std::string("ok") + bytes + " more text", Encoding::utf8));
  }
}

TEST_CASE("a file that ends inside a character is called cut off") {
  const auto utf8 = decode_all("ab\n\xE8\xB6", Encoding::utf8);
  REQUIRE_FALSE(utf8);
  CHECK(utf8.error().message ==
        "line 2, column 1: the file ends inside a character: it is cut off");
  const auto gb = decode_all("ab\n\xB3\xAC\xCA", Encoding::gb18030);
  REQUIRE_FALSE(gb);
  CHECK(gb.error().message == "line 2, column 2: the file ends inside a character: it is cut off");
}

TEST_CASE("GB18030 is read when it is named, and is not UTF-8 when it is not") {
  const std::string bytes = "\xB3\xAC\xCA\xD0\n\x81\x30\x81\x30";  // 超市, and a four-byte form
  CHECK(*decode_all(bytes, Encoding::gb18030) == "超市\n\xC2\x80");
  const auto guessed = decode_all(bytes, Encoding::automatic);
  REQUIRE_FALSE(guessed);
  CHECK(guessed.error().message.find("line 1, column 1") == 0);
}

TEST_CASE("what is not GB18030 is named by line") {
  const auto read = decode_all("ok\nok\n\xB3\xAC\xFF\xFF\n", Encoding::gb18030);
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("line 3, column 2: this is not gb18030 text") == 0);
}

TEST_CASE("a UTF-16 byte order mark is obeyed") {
  CHECK(*decode_all(std::string("\xFF\xFE\x85\x8D\x0A\x00", 6), Encoding::automatic) == "超\n");
  CHECK(*decode_all(std::string("\xFE\xFF\x8D\x85\x00\x0A", 6), Encoding::automatic) == "超\n");
  CHECK_FALSE(decode_all(std::string("\xFF\xFE\x85\x8D\x0A", 5), Encoding::automatic));
}

TEST_CASE("characters split over chunks stay whole in long texts") {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "超x市\n";
  CHECK(*decode_all(text, Encoding::automatic) == text);
}

TEST_CASE("encodings have three names") {
  CHECK(*parse_encoding("AUTO") == Encoding::automatic);
  CHECK(*parse_encoding("utf-8") == Encoding::utf8);
  CHECK(*parse_encoding("GB18030") == Encoding::gb18030);
  CHECK_FALSE(parse_encoding("latin1"));
}
