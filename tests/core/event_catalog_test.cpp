// What must hold for every registered event type; a new one is held to it without further ado.
#include "core/crm/catalog.hpp"
#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/erasure_events.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/organisation_events.hpp"
#include "core/crm/product_events.hpp"
#include "core/crm/survey_events.hpp"
#include "core/crm/ticket_events.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/sample_visitor.hpp"
#include "tests/support/spec.hpp"
#include "tests/support/test_files.hpp"

#include <boost/pfr.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <set>

namespace factum {
namespace {

using namespace test;

template <class... Lists>
std::size_t check_members(Lists... lists) {
  std::size_t types = 0;
  const auto check_one = [&]<class E>(const E* /*tag*/) {
    CAPTURE(E::kName);
    CHECK_MESSAGE(event_type<E>().shape().fields.size() == boost::pfr::tuple_size_v<E>, E::kName,
                  ": describe every member, each once");
    ++types;
  };
  const auto check_list = [&]<class... E>(TypeList<E...> /*list*/) {
    (check_one(static_cast<const E*>(nullptr)), ...);
  };
  (check_list(lists), ...);
  return types;
}

const FieldShape* find_field(const Shape& shape, std::string_view name) {
  const auto found = std::find_if(shape.fields.begin(), shape.fields.end(),
                                  [&](const FieldShape& field) { return field.name == name; });
  return found == shape.fields.end() ? nullptr : &*found;
}

// Personal data may hide in lists and objects too, where no owner can be named.
bool holds_sealed_inside(const Shape& shape) {
  const auto sealed = [](const FieldShape& field) {
    return field.data_class != DataClass::fact || holds_sealed_inside(field.shape);
  };
  return std::any_of(shape.fields.begin(), shape.fields.end(), sealed) ||
         (shape.element && holds_sealed_inside(*shape.element));
}

struct Fixture {
  PlainSealer sealer;
  EventCodec codec{crm::event_catalog(), sealer};

  RecordedEvent record(const EventBox& event) {
    EventOrigin origin;
    origin.event_id = test_id(1);
    auto encoded = codec.encode(event, std::move(origin));
    if (!encoded) FAIL(encoded.error().message << ": " << show(event));
    RecordedEvent recorded{Position(1), Timestamp(1), {}, std::move(encoded->record), {}};
    for (auto& ciphertext : encoded->ciphertexts)
      recorded.ciphertexts.emplace_back(std::move(ciphertext));
    return recorded;
  }

  // What was written is read back, and written again it gives the same bytes.
  void check_round_trip(const EventBox& event) {
    const RecordedEvent recorded = record(event);
    const auto decoded = codec.decode(recorded, true);
    if (!decoded) FAIL(decoded.error().message << ": " << show(event));
    CHECK(show(decoded->event) == show(event));
    CHECK(record(decoded->event).record == recorded.record);
  }
};

// A golden file as the log would hold it.
RecordedEvent read_golden(const std::filesystem::path& path) {
  const std::string text = file_text(path);
  const auto member = [](const std::string& json, std::string_view name) {
    return json_member(json, name).value_or("");
  };
  RecordedEvent stored;
  stored.position = Position(1);
  const std::string type = member(text, "type");
  stored.record.type = type.substr(1, type.size() - 2);
  const std::string schema = member(text, "schema");
  std::from_chars(schema.data(), schema.data() + schema.size(), stored.record.schema);
  stored.record.data = member(text, "data");
  PlainSealer sealer;
  for (const std::string slot :
       {"contact.personal", "contact.sensitive", "customer.personal", "user.personal"}) {
    const std::string plain = member(member(text, "slots"), slot);
    if (plain.empty()) continue;
    auto sealed = sealer.seal({.event_id = {}, .type = {}, .slot = slot}, test_id(1), plain);
    stored.record.slots.push_back(sealed->header);
    stored.ciphertexts.emplace_back(sealed->ciphertext);
  }
  return stored;
}

// The text of a golden file: everything of an event that is on disk for ever.
std::string golden_text(const RecordedEvent& recorded) {
  std::string text = "{\"type\":\"" + recorded.record.type +
                     "\",\n\"schema\":" + std::to_string(recorded.record.schema) + ",\n\"tags\":[";
  for (const std::string& tag : recorded.record.tags)
    text += (text.back() == '[' ? "\"" : ",\"") + tag + "\"";
  text += "],\n\"data\":" + recorded.record.data + ",\n\"slots\":{";
  for (std::size_t i = 0; i < recorded.record.slots.size(); ++i) {
    const std::string& sealed = *recorded.ciphertexts[i];
    text += (i == 0 ? "\n\"" : ",\n\"") + recorded.record.slots[i].name +
            "\":" + sealed.substr(sealed.find(": ") + 2);
  }
  return text + "}}\n";
}

}  // namespace

TEST_CASE("every member of an event is described") {
  using namespace crm;
  const std::size_t types = check_members(
      ContactEvents{}, CustomerEvents{}, DealEvents{}, ErasureEvents{}, InteractionEvents{},
      OrderEvents{}, OrganisationEvents{}, ProductEvents{}, SurveyEvents{}, TicketEvents{});
  CHECK(types == event_catalog().size());
}

TEST_CASE("names of event types are unique words in PascalCase with a sentence each") {
  std::set<std::string_view> names;
  for (const EventType* type : crm::event_catalog()) {
    CAPTURE(type->name);
    CHECK(names.insert(type->name).second);
    CHECK(std::isupper(static_cast<unsigned char>(type->name.front())) != 0);
    CHECK(std::all_of(type->name.begin(), type->name.end(),
                      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }));
    CHECK(type->schema >= 1);
    CHECK_FALSE(type->doc.empty());
  }
}

TEST_CASE("every field has a snake_case name of its own and a sentence") {
  for (const EventType* type : crm::event_catalog()) {
    std::set<std::string> names;
    for (const FieldShape& field : type->shape().fields) {
      CAPTURE(type->name);
      CAPTURE(field.name);
      CHECK(names.insert(field.name).second);
      CHECK(std::all_of(field.name.begin(), field.name.end(), [](char c) {
        return c == '_' || std::islower(static_cast<unsigned char>(c)) != 0 ||
               std::isdigit(static_cast<unsigned char>(c)) != 0;
      }));
      CHECK_FALSE(field.doc.empty());
    }
  }
}

TEST_CASE("every personal field names its owner, an id of the same event") {
  for (const EventType* type : crm::event_catalog()) {
    const Shape shape = type->shape();
    for (const FieldShape& field : shape.fields) {
      CAPTURE(type->name);
      CAPTURE(field.name);
      CHECK_FALSE(holds_sealed_inside(field.shape));
      if (field.data_class == DataClass::fact) continue;
      const FieldShape* owner = find_field(shape, field.owner);
      REQUIRE(owner != nullptr);
      CHECK(owner->shape.kind == ShapeKind::uuid);
      CHECK_FALSE(field.is_tag);
    }
  }
}

TEST_CASE("every event is about one entity, named first, and no other of the same kind folds it") {
  for (const EventType* type : crm::event_catalog()) {
    CAPTURE(type->name);
    const Shape shape = type->shape();
    const FieldShape& subject = shape.fields.front();
    CHECK(subject.is_tag);
    CHECK_FALSE(subject.optional);
    const auto same_kind = [&](const FieldShape& field) {
      const Shape& value = field.shape.element ? *field.shape.element : field.shape;
      return field.is_tag && value.id_kind == subject.shape.id_kind;
    };
    CHECK(std::count_if(shape.fields.begin(), shape.fields.end(), same_kind) == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "the fullest event of every type comes back as it was") {
  for (const EventType* type : codec.types()) check_round_trip(sample_event(*type, Samples::full));
}

TEST_CASE_FIXTURE(Fixture, "the sparsest event of every type comes back as it was") {
  for (const EventType* type : codec.types())
    check_round_trip(sample_event(*type, Samples::sparse));
}

TEST_CASE_FIXTURE(Fixture, "random events of every type come back as they were") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    for (const EventType* type : codec.types())
      check_round_trip(sample_event(*type, Samples::random, seed));
  }
}

TEST_CASE_FIXTURE(Fixture, "no personal value stands in the clear data") {
  for (const EventType* type : codec.types()) {
    const RecordedEvent recorded = record(sample_event(*type, Samples::full));
    for (const FieldShape& field : type->shape().fields) {
      if (field.data_class == DataClass::fact) continue;
      CAPTURE(type->name);
      CAPTURE(field.name);
      const auto member = json_member(recorded.record.data, field.name);
      REQUIRE(member);
      CHECK(*member == "{\"sealed\":\"" + field.owner + "." +
                           std::string(to_string(field.data_class)) + "\"}");
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "tags are the ids that are marked, sorted and without duplicates") {
  for (const EventType* type : codec.types()) {
    CAPTURE(type->name);
    const auto tags = record(sample_event(*type, Samples::full)).record.tags;
    CHECK(std::is_sorted(tags.begin(), tags.end()));
    CHECK(std::adjacent_find(tags.begin(), tags.end()) == tags.end());
    CHECK(tags.size() >= 1);
    CHECK(tags.size() <= EventLimits::kTagsMax);
  }
}

// A stored event never changes: these files are only ever added to (FACTUM_WRITE_GOLDEN=1).
TEST_CASE_FIXTURE(Fixture, "the bytes of every event type are those of its golden file") {
  for (const EventType* type : codec.types()) {
    const std::string version = std::to_string(type->schema);
    CAPTURE(type->name);
    check_golden("events/" + std::string(type->name) + ".v" + version + ".json",
                 golden_text(record(sample_event(*type, Samples::full))));
  }
}

// Also those of schemas that are no longer written.
TEST_CASE_FIXTURE(Fixture, "every event that was ever stored decodes") {
  const auto folder = std::filesystem::path(FACTUM_SOURCE_DIR) / "tests" / "golden" / "events";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    const RecordedEvent stored = read_golden(entry.path());
    const auto decoded = codec.decode(stored, true);
    REQUIRE(decoded);
    CHECK(decoded->event.type().name == stored.record.type);
    ++files;
  }
  CHECK(files >= codec.types().size());
}

}  // namespace factum
