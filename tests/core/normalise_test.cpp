// Normal forms of e-mail addresses, telephone numbers and ids.
#include "core/crm/normalise.hpp"

#include <doctest/doctest.h>

#include <rapidcheck.h>
#include <string>

namespace factum::crm {

TEST_CASE("an e-mail address is trimmed and in lower case") {
  CHECK(normalise_email(" Anna.B@Example.COM\n") == "anna.b@example.com");
  CHECK(normalise_email("ÄNNA@b.de") == "Änna@b.de");
  CHECK(normalise_email("anna") == "");
  CHECK(normalise_email("") == "");
}

TEST_CASE("a telephone number becomes plus and digits") {
  CHECK(normalise_phone("+49 (30) 123-45") == "+493012345");
  CHECK(normalise_phone("0049 30 12345") == "+493012345");
  CHECK(normalise_phone("138 0013 8000") == "+8613800138000");
  CHECK(normalise_phone("010-6552 9988") == "+861065529988");
  CHECK(normalise_phone("030 12345", "49") == "+493012345");
  CHECK(normalise_phone("(+1) 555-123-4567x89") == "+15551234567");
  CHECK(normalise_phone("+1 555 123 4567 ext. 89") == "+15551234567");
}

TEST_CASE("what is no telephone number has no normal form") {
  CHECK(normalise_phone("12") == "");
  CHECK(normalise_phone("n/a") == "");
  CHECK(normalise_phone("+1234567890123456") == "");
}

TEST_CASE("system and id of an external id cannot run into each other") {
  CHECK(external_id_claim("erp", " 1 ") == "erp\n1");
  CHECK(external_id_claim("er", "p1") != external_id_claim("erp", "1"));
}

TEST_CASE("normal forms stay as they are when normalised again") {
  CHECK(rc::check([](const std::string& text) {
    const std::string email = normalise_email(text);
    RC_ASSERT(normalise_email(email) == email);
    const std::string phone = normalise_phone(text);
    RC_ASSERT(normalise_phone(phone) == phone);
  }));
}

}  // namespace factum::crm
