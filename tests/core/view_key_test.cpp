// Keys of view rows sort as their parts do, and come apart again.
#include "core/es/view_key.hpp"

#include <doctest/doctest.h>

#include <rapidcheck.h>
#include <string>

namespace factum {

TEST_CASE("a key comes apart in the order it was built") {
  const Uuid id{{1, 2, 3}};
  const ViewKey key = ViewKey('d')
                          .id(id)
                          .u64(7)
                          .i64(-7)
                          .descending(9)
                          .time(Timestamp(-5))
                          .date(Date(3))
                          .byte(200)
                          .text("won")
                          .raw("xyz");
  ViewKeyReader reader(key.str());
  CHECK(key.str().front() == 'd');
  CHECK(reader.id() == id);
  CHECK(reader.u64() == 7);
  CHECK(reader.i64() == -7);
  CHECK(reader.descending() == 9);
  CHECK(reader.time() == Timestamp(-5));
  CHECK(reader.date() == Date(3));
  CHECK(reader.byte() == 200);
  CHECK(reader.text() == "won");
}

TEST_CASE("numbers sort as numbers, the newest first where that is wanted") {
  CHECK(rc::check([](std::int64_t a, std::int64_t b) {
    RC_ASSERT((ViewKey('k').i64(a).str() < ViewKey('k').i64(b).str()) == (a < b));
    RC_ASSERT((ViewKey('k').descending(a).str() < ViewKey('k').descending(b).str()) == (a > b));
  }));
  CHECK(rc::check([](std::uint64_t a, std::uint64_t b) {
    RC_ASSERT((ViewKey('k').u64(a).str() < ViewKey('k').u64(b).str()) == (a < b));
  }));
}

TEST_CASE("no text is the beginning of another") {
  CHECK(ViewKey('k').text("a").str() < ViewKey('k').text("ab").str());
  CHECK_FALSE(ViewKey('k').text("ab").str().starts_with(ViewKey('k').text("a").str()));
}

TEST_CASE("a key that is too short reads as zeros") {
  ViewKeyReader reader("d");
  CHECK(reader.id().is_nil());
  CHECK(reader.u64() == 0);
  CHECK(reader.byte() == 0);
  CHECK(reader.text().empty());
  ViewKeyReader empty("");
  CHECK(empty.u64() == 0);
}

}  // namespace factum
