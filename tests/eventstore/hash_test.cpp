#include "eventstore/hash.hpp"

#include "tests/support/golden_file.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

namespace {

std::string bytes(std::size_t count, int value) {
  return std::string(count, static_cast<char>(value));
}

}  // namespace

TEST_CASE("SHA-256 of the FIPS 180-4 example, in one part or several") {
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
  CHECK(to_hex(view(sha256("abc"))) == expected);
  CHECK(to_hex(view(sha256({"a", "", "bc"}))) == expected);
}

TEST_CASE("HMAC-SHA-256 of RFC 4231 cases 1, 2 and 6") {
  CHECK(to_hex(view(hmac_sha256(bytes(20, 0x0b), {"Hi ", "There"}))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7\n");
  CHECK(to_hex(view(hmac_sha256("Jefe", {"what do ya want for nothing?"}))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\n");
  CHECK(to_hex(view(hmac_sha256(bytes(131, 0xaa),
                                {"Test Using Larger Than Block-Size Key - Hash Key First"}))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54\n");
}

TEST_CASE("HKDF-SHA-256 of RFC 5869 case 3, first 32 bytes") {
  CHECK(to_hex(view(hkdf_sha256(bytes(22, 0x0b), ""))) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d\n");
}
