// What of a text can be seen.
#include "core/base/text.hpp"

#include <doctest/doctest.h>

#include <rapidcheck.h>
#include <string>

namespace factum {

TEST_CASE("white space and what cannot be seen is taken off both ends, and only there") {
  CHECK(trimmed(" \t Anna Berg\r\n") == "Anna Berg");
  CHECK(trimmed("\xE3\x80\x80李 小明\xE3\x80\x80") == "李 小明");  // U+3000
  CHECK(trimmed("\xC2\xA0"
                "Ångström\xE2\x80\x8B") == "Ångström");  // U+00A0, U+200B
  CHECK(trimmed("\xEF\xBB\xBF"
                "a\xE2\x80\x8B"
                "b\xE2\x80\x8F") ==
        "a\xE2\x80\x8B"
        "b");
  CHECK(trimmed("王") == "王");
  CHECK(trimmed("\xF0\x9F\x98\x80") == "\xF0\x9F\x98\x80");
}

TEST_CASE("a selector that is part of a sign stays") {
  const std::string heart = "\xE2\x9D\xA4\xEF\xB8\x8F";  // U+2764 U+FE0F
  CHECK(trimmed(" " + heart + " ") == heart);
}

TEST_CASE("a text is blank when nothing of it shows") {
  for (const char* text :
       {"", " ", "\t\n", "\x01\x7F", "\xE3\x80\x80", "\xE2\x80\x8B", "\xEF\xBB\xBF \xE2\x81\xA0",
        "\xE3\x85\xA4", "\xE2\xA0\x80", "\xC2\x85", "\xC2\xAD"}) {
    CAPTURE(text);
    CHECK(is_blank(text));
  }
  for (const char* text : {"a", "中", ".", " - ", "\xF0\x9F\x98\x80"}) {
    CAPTURE(text);
    CHECK_FALSE(is_blank(text));
  }
}

TEST_CASE("what is no UTF-8 is kept, and what is trimmed stays as it is when trimmed again") {
  CHECK(trimmed(" \xC3 ") == "\xC3");
  CHECK(trimmed("\x80") == "\x80");
  CHECK(rc::check([](const std::string& text) {
    RC_ASSERT(trimmed(trimmed(text)) == trimmed(text));
    RC_ASSERT(text.find(trimmed(text)) != std::string::npos);
  }));
}

TEST_CASE("signs that only belong to another one are blank by themselves and stay behind it") {
  for (const char* text :
       {"\xEF\xB8\x8F", "\xF3\xA0\x80\xA0", "\xF3\xA0\x84\x80", "\xF0\x9D\x85\xB3",
        "\xF0\x9D\x85\x99", "\xEF\xBF\xBF", "\xEF\xB7\x90", " \xEF\xB8\x8F\xE2\x80\x8B"}) {
    CHECK(is_blank(text));
  }
  CHECK_FALSE(is_blank("\xE2\x9D\xA4\xEF\xB8\x8F"));  // a heart with its colour
  CHECK_FALSE(is_blank("\xF0\x9F\x98\x80"));
  CHECK_FALSE(is_blank("\xF0\xA0\x80\x80"));  // U+20000, a Chinese character
  CHECK_FALSE(is_blank("\xFF"));
}

}  // namespace factum
