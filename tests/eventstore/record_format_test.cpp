#include "eventstore/record_format.hpp"

#include "eventstore/hash.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace factum;
using namespace factum::test;

namespace {

EventRecord smallest_record() {
  EventRecord record;
  record.event_id = Uuid::parse("018f2b4e-5a00-7000-8000-000000000001").value();
  record.type = "DealWon";
  record.tags = {"deal:1"};
  record.data = "{}";
  record.actor = "user:1";
  return record;
}

EventRecord fullest_record() {
  EventRecord record = smallest_record();
  record.schema = 258;
  record.tags = {"customer:2", "deal:1"};
  record.data = R"({"amount":{"currency":"EUR","minor":123450}})";
  record.on_behalf_of = "user:2";
  record.source = Source::import;
  record.correlation_id = Uuid::parse("018f2b4e-5a00-7000-8000-000000000002").value();
  record.causation_id = Uuid::parse("018f2b4e-5a00-7000-8000-000000000003").value();
  record.occurred_at = Timestamp(-1);
  SlotHeader slot;
  slot.name = "customer.personal";
  slot.key_id = Uuid::parse("018f2b4e-5a00-7000-8000-000000000004").value();
  slot.generation = 3;
  slot.ciphertext_hash = sha256("ciphertext");
  slot.padded_bytes = 64;
  record.slots = {slot};
  record.broken_rules = {"deal.closed_before_opened", "order.unknown_customer"};
  return record;
}

std::string encoded(const EventRecord& record) {
  std::string bytes;
  encode_record(record, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a record reads back as it was written") {
  for (const EventRecord& record : {smallest_record(), fullest_record()}) {
    const auto back = decode_record(encoded(record));
    REQUIRE(back);
    CHECK(*back == record);
  }
}

TEST_CASE("records have the bytes of the golden files, for ever") {
  check_golden("records/smallest_v1.hex", to_hex(encoded(smallest_record())));
  check_golden("records/fullest_v1.hex", to_hex(encoded(fullest_record())));
}

TEST_CASE("a cut record, an extended one and a newer format are refused") {
  const std::string bytes = encoded(fullest_record());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(outcome_of(decode_record(std::string_view(bytes).substr(0, size))) == "corrupt");
  CHECK(outcome_of(decode_record(bytes + '\0')) == "corrupt");
  CHECK(outcome_of(decode_record("\x02" + bytes.substr(1))) == "unsupported_format");
}

TEST_CASE("any bytes decode to a record that encodes to the same bytes, or to an error") {
  std::mt19937_64 random(20261121);
  const std::string original = encoded(fullest_record());
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = original;
    for (std::uint64_t flips = random() % 3 + 1; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (const auto record = decode_record(bytes)) CHECK(encoded(*record) == bytes);
  }
}

TEST_CASE("a stored event carries time and hash, and a changed byte names the position") {
  Digest hash{};
  std::string stored = encode_stored(fullest_record(), hash);
  CHECK(hash == sha256(encoded(fullest_record())));
  set_recorded_at(stored, Timestamp(1'700'000'000'000'001));
  const auto event = decode_stored(Position(7), stored);
  REQUIRE(event);
  CHECK(event->recorded_at == Timestamp(1'700'000'000'000'001));
  CHECK(event->event_hash == hash);
  CHECK(event->record == fullest_record());
  CHECK(event->ciphertexts.size() == 1);
  CHECK_FALSE(event->ciphertexts[0]);

  stored.back() = static_cast<char>(stored.back() ^ 1);
  const auto changed = decode_stored(Position(7), stored);
  CHECK(outcome_of(changed) == "corrupt");
  CHECK(changed.error().position == 7);
  CHECK(outcome_of(decode_stored(Position(8), "short")) == "corrupt");
}

TEST_CASE("an event that held another one holds nothing of it") {
  Digest hash{};
  const std::string full = encode_stored(fullest_record(), hash);
  const std::string small = encode_stored(smallest_record(), hash);
  RecordedEvent event;
  for (const std::string& stored : {small, full, small, full}) {
    REQUIRE(decode_stored(Position(7), stored, event));
    const auto fresh = decode_stored(Position(7), stored);
    REQUIRE(fresh);
    CHECK(event.record == fresh->record);
    CHECK(event.event_hash == fresh->event_hash);
    CHECK(event.ciphertexts == fresh->ciphertexts);
    for (auto& ciphertext : event.ciphertexts) ciphertext = "of the event before";
  }
}

TEST_CASE("the type of a record can be seen without decoding it") {
  CHECK(peek_type(encoded(smallest_record())) == "DealWon");
  CHECK(peek_type("short") == "");
}

TEST_CASE("position keys ascend with positions and read back") {
  CHECK(position_key(Position(255)) < position_key(Position(256)));
  CHECK(parse_position_key(position_key(Position(1ULL << 40))) == Position(1ULL << 40));
  CHECK(outcome_of(parse_position_key("seven b")) == "corrupt");
  CHECK(slot_key(Position(1), 2) == position_key(Position(1)) + '\x02');
}

TEST_CASE("every rule of an event refuses what breaks it") {
  const auto with = [](auto change) {
    NewEvent event = test_event("A", {"t:1"});
    add_slot(event, "customer.personal", "x");
    change(event);
    return outcome_of(check_event(event));
  };
  CHECK(with([](NewEvent&) {}) == "ok");
  CHECK(with([](NewEvent& e) { e.record.event_id = {}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.type = "Deal Won"; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.type = std::string(129, 'a'); }) == "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.actor = ""; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.actor = std::string(256, 'a'); }) == "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.on_behalf_of = std::string(256, 'a'); }) ==
        "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.data = ""; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.source = static_cast<Source>(9); }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.tags = {std::string("t:\0", 3)}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.tags = {"t:" + std::string(254, 'x')}; }) ==
        "limit_exceeded");
  CHECK(with([](NewEvent& e) {
          e.record.tags.clear();
          for (int i = 10; i < 43; ++i) e.record.tags.push_back("t:" + std::to_string(i));
        }) == "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.broken_rules.assign(33, "r"); }) == "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.broken_rules = {""}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.broken_rules = {std::string(129, 'r')}; }) ==
        "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.ciphertexts.clear(); }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.ciphertexts[0] = "y"; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.slots[0].name = ""; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { e.record.slots[0].name = std::string(129, 's'); }) ==
        "limit_exceeded");
  CHECK(with([](NewEvent& e) { e.record.slots[0].key_id = {}; }) == "invalid_argument");
  CHECK(with([](NewEvent& e) { add_slot(e, "customer.personal", "z"); }) == "invalid_argument");
  CHECK(with([](NewEvent& e) {
          for (int i = 0; i < 64; ++i) add_slot(e, "s" + std::to_string(i), "z");
        }) == "limit_exceeded");
}
