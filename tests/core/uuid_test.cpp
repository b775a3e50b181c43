#include "core/base/uuid.hpp"

#include <doctest/doctest.h>

using namespace factum;

TEST_CASE("the UUIDv7 example of RFC 9562 A.6 is built from its time and bits") {
  const std::array<std::uint8_t, 10> random{0x0C, 0xC3, 0x18, 0xC4, 0xDC,
                                            0x0C, 0x0C, 0x07, 0x39, 0x8F};
  CHECK(make_uuid_v7(0x017F22E279B0, random).to_string() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST_CASE("canonical text reads back and anything else is refused") {
  const auto id = Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  REQUIRE(id);
  CHECK(Uuid::parse(id->to_string()) == *id);
  for (const char* text :
       {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e279b07cc398c4dc0c0c07398f0000",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f"}) {
    CHECK_FALSE(Uuid::parse(text));
  }
}
