// Between typed events and records: older schemas, erasure, damage, and references into slots.
#include "core/es/event_codec.hpp"

#include "core/crm/customer_events.hpp"
#include "core/es/event_type_of.hpp"
#include "core/es/json_writer.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

using namespace test;
using crm::ContactId;
using crm::CustomerId;

// Version 1 counted in dozens and had no mood.
struct EggsLaidV1 {
  static constexpr std::string_view kName = "EggsLaid";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Old";
  CustomerId hen;
  std::int64_t dozens = 0;
  Sealed<std::string> remark;
  static void describe(FieldVisitor& v, EggsLaidV1& e) {
    v.id("hen", e.hen, "The hen");
    v.fact("dozens", e.dozens, "Twelves");
    v.personal("remark", e.remark, by("hen", e.hen), "What she said");
  }
};

// Version 2 counts eggs.
struct EggsLaidV2 {
  static constexpr std::string_view kName = "EggsLaid";
  static constexpr std::uint16_t kSchema = 2;
  static constexpr std::string_view kDoc = "Old";
  using Previous = EggsLaidV1;
  CustomerId hen;
  std::int64_t eggs = 0;
  Sealed<std::string> remark;
  static void describe(FieldVisitor& v, EggsLaidV2& e) {
    v.id("hen", e.hen, "The hen");
    v.fact("eggs", e.eggs, "Eggs");
    v.personal("remark", e.remark, by("hen", e.hen), "What she said");
  }
  static EggsLaidV2 upcast(EggsLaidV1 old) {
    constexpr std::int64_t kDozen = 12;
    return {old.hen, old.dozens * kDozen, std::move(old.remark)};
  }
};

struct EggsLaid {
  static constexpr std::string_view kName = "EggsLaid";
  static constexpr std::uint16_t kSchema = 3;
  static constexpr std::string_view kDoc = "A hen did her duty";
  using Previous = EggsLaidV2;
  CustomerId hen;
  std::optional<ContactId> witness;
  std::int64_t eggs = 0;
  std::string mood;
  Sealed<std::string> remark;
  Sealed<std::string> secret;
  Sealed<std::string> testimony;
  static void describe(FieldVisitor& v, EggsLaid& e) {
    v.id("hen", e.hen, "The hen");
    v.id("witness", e.witness, "Who saw it");
    v.fact("eggs", e.eggs, "Eggs");
    v.fact("mood", e.mood, "Mood");
    v.personal("remark", e.remark, by("hen", e.hen), "What she said");
    v.sensitive("secret", e.secret, by("hen", e.hen), "What she did not say");
    v.personal("testimony", e.testimony, by("witness", e.witness), "What was seen");
  }
  static EggsLaid upcast(EggsLaidV2 old) {
    return {old.hen, {}, old.eggs, "unknown", std::move(old.remark), {}, {}};
  }
};

const auto kHen = id_of<CustomerId>(1);
const auto kFarmer = id_of<ContactId>(2);

struct Fixture {
  PlainSealer sealer;
  EventCodec codec{{&event_type<EggsLaid>()}, sealer};

  template <class E>
  RecordedEvent record(E event) {
    EventOrigin origin;
    origin.event_id = test_id(9);
    auto encoded = codec.encode(EventBox::of(std::move(event)), std::move(origin));
    REQUIRE(encoded);
    RecordedEvent recorded{Position(5), Timestamp(7), {}, std::move(encoded->record), {}};
    for (auto& ciphertext : encoded->ciphertexts)
      recorded.ciphertexts.emplace_back(std::move(ciphertext));
    return recorded;
  }
  RecordedEvent full() {
    return record(EggsLaid{kHen, kFarmer, 3, "calm", sealed("cluck"), sealed("ow"), sealed("yes")});
  }
  std::string decode(const RecordedEvent& recorded, bool open = true) {
    const auto decoded = codec.decode(recorded, open);
    if (!decoded) return std::string(to_string(decoded.error().code));
    return show(decoded->event);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "there is one slot per subject and class, and the tags are its ids") {
  const RecordedEvent recorded = full();
  CHECK(recorded.record.tags == std::vector{kFarmer.tag(), kHen.tag()});
  REQUIRE(recorded.record.slots.size() == 3);
  CHECK(recorded.record.slots[0].name == "hen.personal");
  CHECK(recorded.record.slots[1].name == "hen.sensitive");
  CHECK(recorded.record.slots[2].name == "witness.personal");
  CHECK(recorded.record.slots[2].key_id == kFarmer.uuid);
  CHECK(recorded.record.data.find("cluck") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an event of an older schema is lifted step by step") {
  const RecordedEvent first = record(EggsLaidV1{kHen, 2, sealed("cluck")});
  CHECK(first.record.schema == 1);
  const std::string hen = "EggsLaid {\"hen\":\"" + kHen.uuid.to_string() + "\",";
  CHECK(decode(first) == hen + R"("eggs":24,"mood":"unknown","remark":"cluck"})");
  CHECK(decode(record(EggsLaidV2{kHen, 5, {}})) == hen + R"("eggs":5,"mood":"unknown"})");
}

TEST_CASE_FIXTURE(Fixture, "an unknown type or a newer schema is not guessed at") {
  RecordedEvent recorded = full();
  recorded.record.schema = 4;
  CHECK(decode(recorded) == "unsupported_format");
  recorded.record.type = "EggsBroken";
  CHECK(decode(recorded) == "unsupported_format");
}

TEST_CASE_FIXTURE(Fixture, "fields that are not known yet are passed over") {
  RecordedEvent recorded = full();
  recorded.record.data.insert(1, R"("colour":"brown",)");
  CHECK(decode(recorded) == decode(full()));
}

TEST_CASE_FIXTURE(Fixture, "damaged data is corrupt, by position and without values") {
  RecordedEvent recorded = full();
  SUBCASE("no JSON") { recorded.record.data = "{"; }
  SUBCASE("a field is missing") { recorded.record.data = "{}"; }
  SUBCASE("the slot is not ours") { recorded.ciphertexts[0] = "cluck"; }
  SUBCASE("the slot holds something else") {
    auto sealed = sealer.seal({.event_id = {}, .type = {}, .slot = "hen.personal"}, kHen.uuid,
                              R"({"remark":{"cluck":1}})");
    recorded.ciphertexts[0] = sealed->ciphertext;
  }
  SUBCASE("the slot has no class") { recorded.record.slots[0].name = "hen"; }
  const auto decoded = codec.decode(recorded, true);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == ErrorCode::corrupt);
  CHECK(decoded.error().message.find("position 5") != std::string::npos);
  CHECK(decoded.error().message.find("cluck") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "slots that are not opened stay closed") {
  const auto decoded = codec.decode(full(), false);
  REQUIRE(decoded);
  const EggsLaid* event = decoded->get<EggsLaid>();
  REQUIRE(event != nullptr);
  CHECK(event->remark.state() == SealState::closed);
  CHECK_FALSE(event->remark.open_value());
}

TEST_CASE_FIXTURE(Fixture, "an erased subject takes its fields away and no others") {
  const RecordedEvent recorded = full();
  sealer.erase(kHen.uuid);
  const auto decoded = codec.decode(recorded, true);
  REQUIRE(decoded);
  const EggsLaid* event = decoded->get<EggsLaid>();
  CHECK(event->remark.state() == SealState::erased);
  CHECK(event->secret.state() == SealState::erased);
  CHECK(event->testimony.open_value() == "yes");
  CHECK(event->eggs == 3);
}

TEST_CASE_FIXTURE(Fixture, "a ciphertext that was removed reads as erased") {
  RecordedEvent recorded = full();
  recorded.ciphertexts[0].reset();
  const auto decoded = codec.decode(recorded, true);
  REQUIRE(decoded);
  CHECK(decoded->get<EggsLaid>()->remark.state() == SealState::erased);
  CHECK(decoded->get<EggsLaid>()->secret.is_open());
}

TEST_CASE_FIXTURE(Fixture, "nothing is sealed for an erased subject or for nobody") {
  EggsLaid event{kHen, {}, 3, "calm", sealed("cluck"), {}, {}};
  sealer.erase(kHen.uuid);
  auto encoded = codec.encode(EventBox::of(event), {});
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().code == ErrorCode::erased);
  event.remark = {};
  event.testimony = sealed("yes");
  encoded = codec.encode(EventBox::of(event), {});
  REQUIRE_FALSE(encoded);
  CHECK(encoded.error().code == ErrorCode::invalid_argument);
  CHECK(encoded.error().message.find("yes") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a reference opens one field of a slot, as long as it can be opened") {
  const RecordedEvent recorded = full();
  const auto decoded = codec.decode(recorded, false);
  REQUIRE(decoded);
  SealedRef reference = decoded->sealed("remark");
  REQUIRE(reference.has_value());
  CHECK(reference.state == SealState::closed);
  REQUIRE(codec.open(reference));
  CHECK(reference.state == SealState::open);
  CHECK(reference.opened == "\"cluck\"");

  SealedRef other = decoded->sealed("testimony");
  sealer.erase(kFarmer.uuid);
  REQUIRE(codec.open(other));
  CHECK(other.state == SealState::erased);
}

TEST_CASE_FIXTURE(Fixture, "there is no reference to a field that the event leaves out") {
  const RecordedEvent recorded = record(EggsLaid{kHen, {}, 3, "calm", sealed("cluck"), {}, {}});
  const auto decoded = codec.decode(recorded, false);
  REQUIRE(decoded);
  CHECK_FALSE(decoded->sealed("secret").has_value());
  CHECK_FALSE(decoded->sealed("mood").has_value());
  SealedRef none;
  CHECK(codec.open(none));
}

TEST_CASE_FIXTURE(Fixture, "a reference into a damaged slot is corrupt") {
  RecordedEvent recorded = full();
  recorded.ciphertexts[0] = "something else";
  const auto decoded = codec.decode(recorded, false);
  REQUIRE(decoded);
  SealedRef reference = decoded->sealed("remark");
  const Status opened = codec.open(reference);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::corrupt);
}

TEST_CASE_FIXTURE(Fixture, "the shape names what a field is and whose") {
  const Shape shape = event_type<EggsLaid>().shape();
  REQUIRE(shape.fields.size() == 7);
  CHECK(shape.fields[0].is_tag);
  CHECK(shape.fields[0].shape.id_kind == "customer");
  CHECK(shape.fields[1].optional);
  CHECK(shape.fields[5].data_class == DataClass::sensitive);
  CHECK(shape.fields[5].owner == "hen");
}

}  // namespace factum
