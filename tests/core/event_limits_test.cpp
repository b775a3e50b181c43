// Events that nobody could read again are refused before they are recorded.
#include "core/crm/deal_events.hpp"
#include "core/crm/product_events.hpp"
#include "core/es/event_codec.hpp"
#include "tests/support/plain_sealer.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

using namespace crm;

struct Fixture {
  test::PlainSealer sealer;
  EventCodec codec{{}, sealer};

  template <class E>
  Result<NewEvent> encode(E event) {
    return codec.encode(EventBox::of(std::move(event)), {});
  }
};

ProductCreated product() {
  return {.product = {}, .sku = "A1", .name = "Axe", .category = {}, .series = {}, .price = {}};
}

DealNoteAdded note(std::string text) {
  DealNoteAdded event;
  event.customer = CustomerId{Uuid{{1}}};
  event.text = Sealed<std::string>(std::move(text));
  return event;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an event within its limits is encoded") {
  CHECK(encode(product()));
  CHECK(encode(note("short")));
}

TEST_CASE_FIXTURE(Fixture, "a text that is too long or too short is refused by field name") {
  auto event = product();
  SUBCASE("too short") { event.sku = ""; }
  SUBCASE("too long") { event.sku = std::string(201, 'x'); }
  SUBCASE("blank") { event.sku = " \xE2\x80\x8B"; }
  SUBCASE("not UTF-8") { event.sku = "\xC3("; }
  const auto encoded = encode(event);
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().code == ErrorCode::invalid_argument);
  CHECK(encoded.error().fields.at(0).pointer == "/sku");
}

TEST_CASE_FIXTURE(Fixture, "a currency that does not exist is refused") {
  auto event = product();
  event.price = Money{100, "euro"};
  const auto encoded = encode(event);
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().fields.at(0).pointer == "/price");
}

TEST_CASE_FIXTURE(Fixture, "an amount beyond the bound is refused") {
  auto event = product();
  event.price = Money{kMoneyMinorMax, "EUR"};
  CHECK(encode(event));
  SUBCASE("above") { event.price->minor = kMoneyMinorMax + 1; }
  SUBCASE("below") { event.price->minor = -kMoneyMinorMax - 1; }
  const auto encoded = encode(event);
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().fields.at(0).pointer == "/price");
}

TEST_CASE_FIXTURE(Fixture, "an integer out of its range and a list that is too long are refused") {
  DealLinesChanged event;
  event.lines.resize(1);
  SUBCASE("range") { event.lines[0].quantity = 0; }
  SUBCASE("list") { event.lines.resize(501); }
  CHECK_FALSE(encode(event));
}

TEST_CASE_FIXTURE(Fixture, "a sealed text that is too long is refused") {
  const auto encoded = encode(note(std::string(200'001, 'x')));
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().code == ErrorCode::invalid_argument);
  CHECK(encoded.error().fields.at(0).pointer == "/text");
}

}  // namespace factum
