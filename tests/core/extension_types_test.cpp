// Event types that an installation defines for itself: what a definition may say, and how its
// events are written and read.
#include "core/es/extension_types.hpp"

#include "core/crm/catalog.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "eventstore/memory_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

using namespace test;

const std::string kCustomer =
    R"({"name":"customer","doc":"Whose","kind":"id","entity":"customer"})";
const std::string kNote =
    R"({"name":"note","doc":"Note","kind":"text","class":"personal","owner":"customer"})";

std::string type_json(const std::string& fields, const std::string& name = "ext.Held",
                      const std::string& schema = "1") {
  return R"({"name":")" + name + R"(","schema":)" + schema + R"(,"doc":"Held","fields":[)" +
         fields + "]}";
}
std::string file_of(const std::string& types) { return R"({"types":[)" + types + "]}"; }
std::string with_customer(const std::string& field) {
  return file_of(type_json(kCustomer + "," + field));
}
std::string field_json(const std::string& further) {
  return R"({"name":"extra","doc":"Extra",)" + further + "}";
}

Result<ExtensionTypes> parse(const std::string& json) {
  return ExtensionTypes::parse(json, crm::extension_entities());
}

// The first word of `expected` that the refusal of `json` lacks; "accepted" if there is none.
std::string lacks(const std::string& json, const std::vector<std::string>& expected) {
  const auto types = parse(json);
  if (types) return "accepted";
  CHECK(types.error().code == ErrorCode::invalid_argument);
  for (const std::string& word : expected) {
    if (types.error().message.find(word) == std::string::npos)
      return word + " is not in: " + types.error().message;
  }
  return "";
}

const std::string kEveryKind = file_of(type_json(kCustomer + "," + kNote + R"(,
    {"name":"seller","doc":"D","kind":"id","entity":"user","optional":true},
    {"name":"title","doc":"D","kind":"text","max":10,"min":1},
    {"name":"count","doc":"D","kind":"integer","min":-1,"max":100,"optional":true},
    {"name":"paid","doc":"D","kind":"boolean"},
    {"name":"began","doc":"D","kind":"timestamp","optional":true},
    {"name":"day","doc":"D","kind":"date"},
    {"name":"price","doc":"D","kind":"money"},
    {"name":"place","doc":"D","kind":"symbol","symbols":["here","there"]},
    {"name":"age","doc":"D","kind":"integer","class":"quasi","owner":"customer","optional":true},
    {"name":"illness","doc":"D","kind":"symbol","symbols":["yes","no"],"class":"sensitive",
     "owner":"seller","optional":true})"));

const std::string kWang = test_id(1).to_string();
const std::string kSeller = test_id(2).to_string();

const std::string kFull = R"({"customer":")" + kWang + R"(","note":"Wang Fang came","seller":")" +
                          kSeller +
                          R"(","title":"Demo","count":3,"paid":true,)"
                          R"("began":"2026-01-02T03:04:05Z","day":"2026-01-02",)"
                          R"("price":{"minor":1250,"currency":"EUR"},"place":"there","age":44,)"
                          R"("illness":"no"})";

struct Fixture {
  explicit Fixture(const std::string& json = kEveryKind)
      : types(parse(json).value()), codec(types.after(crm::event_catalog()), sealer) {}

  Result<EventBox> read(const std::string& json, std::string_view name = "ext.Held") {
    EventBox box;
    FACTUM_CHECK(read_json(json, {.sealed_as_plain = true}, [&](FieldVisitor& reader) {
      box = types.find(name)->read_new(reader, gaps);
    }));
    return box;
  }
  RecordedEvent record(const std::string& json) {
    EventOrigin origin{};
    origin.event_id = test_id(9);
    NewEvent made = codec.encode(read(json).value(), origin).value();
    RecordedEvent recorded{.position = Position{1},
                           .recorded_at = {},
                           .event_hash = {},
                           .record = std::move(made.record),
                           .ciphertexts = {}};
    for (std::string& ciphertext : made.ciphertexts)
      recorded.ciphertexts.emplace_back(std::move(ciphertext));
    return recorded;
  }
  std::string shown(const RecordedEvent& recorded) {
    JsonWriter writer(JsonStyle::answer);
    codec.decode(recorded, true).value().event.describe(writer);
    return writer.take();
  }

  PlainSealer sealer;
  ExtensionTypes types;
  EventCodec codec;
  std::vector<FieldError> gaps;
};

}  // namespace

TEST_CASE("a definition that is not well-formed is refused with its file, type and field") {
  const std::vector<std::string> file{"event_types.json: "};
  CHECK(lacks("", file) == "");
  CHECK(lacks("{", file) == "");
  CHECK(lacks("[]", file) == "");
  CHECK(parse("{}").value().empty());
  CHECK(lacks(R"({"types":[],"more":1})", {"event_types.json: more: "}) == "");
  CHECK(lacks(file_of(R"({"name":"ext.X","schema":1,"doc":"D","fields":[],"tags":[]})"),
              {"type ext.X: tags: ", "not known"}) == "");
  CHECK(lacks(with_customer(field_json(R"("kind":"text","colour":"red")")),
              {"event_types.json: type ext.Held: field extra: colour: "}) == "");
  CHECK(lacks(with_customer(field_json(R"("kind":"number")")),
              {"type ext.Held: field extra: kind: ", "one of: text"}) == "");
  CHECK(lacks(with_customer(R"({"doc":"D","kind":"text"})"), {"field without a name"}) == "");
  CHECK(lacks(with_customer(R"({"name":"x","kind":"text"})"), {"field x: doc: "}) == "");
}

TEST_CASE("names of types and fields are checked") {
  for (const std::string name : {"Held", "ext.", "ext.9", "ext.a.b", "ext.a-b", "EXT.Held"}) {
    CAPTURE(name);
    CHECK(lacks(file_of(type_json(kCustomer, name)), {"event_types.json: type " + name}) == "");
  }
  CHECK(lacks(file_of(type_json(kCustomer, "ext." + std::string(100, 'x'))), {"name"}) == "");
  CHECK(parse(file_of(type_json(kCustomer, "ext.demo_held"))).has_value());
  CHECK(lacks(with_customer(R"({"name":"Big","doc":"D","kind":"text"})"),
              {"type ext.Held: field Big: ", "snake_case"}) == "");
  CHECK(lacks(with_customer(kCustomer), {"field customer: ", "twice"}) == "");
}

TEST_CASE("schemas of a type are 1, 2, 3 and stand once") {
  const std::string one = type_json(kCustomer);
  const std::string two = type_json(kCustomer + "," + kNote, "ext.Held", "2");
  const auto types = parse(file_of(two + "," + one));
  REQUIRE(types.has_value());
  CHECK(types->find("ext.Held")->schema == 2);
  CHECK(lacks(file_of(one + "," + one), {"type ext.Held: ", "twice"}) == "");
  CHECK(lacks(file_of(two), {"type ext.Held: ", "older ones stay"}) == "");
  CHECK(lacks(file_of(type_json(kCustomer, "ext.Held", "0")), {"type ext.Held: schema"}) == "");
}

TEST_CASE("an event has an id, and each member belongs to its kind") {
  CHECK(lacks(file_of(type_json("")), {"type ext.Held: ", "id"}) == "");
  CHECK(lacks(file_of(type_json(field_json(R"("kind":"text")"))), {"type ext.Held: ", "id"}) == "");
  CHECK(lacks(file_of(type_json(field_json(R"("kind":"id","entity":"customer","optional":true)"))),
              {"must not be optional"}) == "");
  const auto refused = [](const std::string& further, const std::string& word) {
    return lacks(with_customer(field_json(further)), {"type ext.Held: field extra: ", word});
  };
  CHECK(refused(R"("kind":"id")", "entity") == "");
  CHECK(refused(R"("kind":"text","entity":"customer")", "entity") == "");
  CHECK(refused(R"("kind":"id","entity":"horse")", "no such kind of entity") == "");
  CHECK(refused(R"("kind":"id","entity":"user","class":"fact")", "neither class") == "");
  CHECK(refused(R"("kind":"symbol")", "symbols") == "");
  CHECK(refused(R"("kind":"text","symbols":["a"])", "symbols") == "");
  CHECK(refused(R"("kind":"symbol","symbols":["a","a"])", "once") == "");
  CHECK(refused(R"("kind":"symbol","symbols":[""])", "not empty") == "");
  CHECK(refused(R"("kind":"date","max":1)", "min and max") == "");
  CHECK(refused(R"("kind":"integer","min":2,"max":1)", "min is not above max") == "");
  CHECK(refused(R"("kind":"text","min":501)", "min is not above max") == "");
  CHECK(refused(R"("kind":"text","min":-1)", "bytes") == "");
  CHECK(refused(R"("kind":"text","max":200001)", "bytes") == "");
  CHECK(refused(R"("kind":"text","max":-1)", "bytes") == "");
  CHECK(refused(R"("kind":"text","max":0)", "bytes") == "");
}

TEST_CASE("what is not a fact has an owner, which is a subject of the same event") {
  const auto refused = [](const std::string& further, const std::string& word) {
    return lacks(with_customer(field_json(further)), {"type ext.Held: field extra: ", word});
  };
  CHECK(refused(R"("kind":"text","class":"personal")", "has an owner") == "");
  CHECK(refused(R"("kind":"text","owner":"customer")", "a fact has none") == "");
  CHECK(refused(R"("kind":"text","class":"fact","owner":"customer")", "a fact has none") == "");
  CHECK(refused(R"("kind":"text","class":"secret","owner":"customer")", "class: ") == "");
  CHECK(refused(R"("kind":"text","class":"quasi","owner":"nobody")", "id field") == "");
  CHECK(refused(R"("kind":"text","class":"quasi","owner":"extra")", "id field") == "");
  const std::string deal = R"({"name":"deal","doc":"D","kind":"id","entity":"deal"})";
  CHECK(lacks(with_customer(deal + "," +
                            field_json(R"("kind":"text","class":"personal","owner":"deal")")),
              {"field extra: ", "own data"}) == "");
}

TEST_CASE_FIXTURE(Fixture, "an event of every kind of field comes back as it was written") {
  const RecordedEvent recorded = record(kFull);
  CHECK(recorded.record.type == "ext.Held");
  CHECK(recorded.record.tags == std::vector<std::string>{"customer:" + kWang, "user:" + kSeller});
  CHECK(recorded.record.data.find("Wang Fang") == std::string::npos);
  CHECK(recorded.record.data.find(R"("note":{"sealed":"customer.personal"})") != std::string::npos);
  REQUIRE(recorded.record.slots.size() == 3);
  CHECK(recorded.record.slots[1].name == "customer.quasi");
  CHECK(recorded.record.slots[2].name == "seller.sensitive");
  const std::string expected = std::string(kFull)
                                   .replace(kFull.find("05Z"), 3, "05.000000Z")
                                   .replace(kFull.find(R"({"minor":1250,"currency":"EUR"})") + 7,
                                            31, R"({"currency":"EUR","minor":1250})");
  CHECK(shown(recorded) == expected);
}

TEST_CASE_FIXTURE(Fixture, "fields that may be absent are left out, and erased ones say so") {
  const RecordedEvent recorded =
      record(R"({"customer":")" + kWang +
             R"(","note":"N","title":"T","paid":false,"day":"2026-01-02",)"
             R"("price":{"minor":1,"currency":"EUR"},"place":"here"})");
  CHECK(recorded.record.tags == std::vector<std::string>{"customer:" + kWang});
  CHECK(recorded.record.data.find("count") == std::string::npos);
  sealer.erase(test_id(1));
  CHECK(shown(recorded).find(R"("note":{"erased":true})") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "values that break the definition are refused with their place") {
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string json = kFull;
    json.replace(json.find(from), from.size(), to);
    const auto box = read(json);
    REQUIRE_FALSE(box.has_value());
    return box.error().fields.front().pointer + " " + box.error().fields.front().code;
  };
  CHECK(refused("\"Demo\"", "\"\"") == "/title too_short");
  CHECK(refused("\"Demo\"", "\"12345678901\"") == "/title too_long");
  CHECK(refused("\"Demo\"", "7") == "/title type");
  CHECK(refused("\"count\":3", "\"count\":101") == "/count range");
  CHECK(refused("\"there\"", "\"elsewhere\"") == "/place choice");
  CHECK(refused("\"paid\":true,", "") == "/paid required");
  CHECK(refused("\"paid\"", "\"horse\":1,\"paid\"") == "/horse unknown");
  CHECK(refused("\"Wang Fang came\"", "5") == "/note type");
  CHECK(refused("\"EUR\"", "\"EURO\"") == "/price/currency too_long");
}

TEST_CASE_FIXTURE(Fixture, "a sealed field that is missing or has no owner is a gap") {
  std::string json = kFull;
  json.replace(json.find(R"("note":"Wang Fang came",)"), 24, "");
  json.replace(json.find(R"("seller":")"), 48, "");
  REQUIRE(read(json).has_value());
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].pointer == "/note");
  CHECK(gaps[0].code == "required");
  CHECK(gaps[1].pointer == "/illness");
  CHECK(gaps[1].code == "owner");
}

TEST_CASE("events of an older schema are read with its fields") {
  Fixture before(file_of(type_json(kCustomer + "," + kNote)));
  const RecordedEvent old = before.record(R"({"customer":")" + kWang + R"(","note":"Hello"})");
  const std::string two =
      type_json(kCustomer + R"(,{"name":"size","doc":"D","kind":"integer"})", "ext.Held", "2");
  Fixture now(file_of(type_json(kCustomer + "," + kNote) + "," + two));
  CHECK(now.shown(old) == R"({"customer":")" + kWang + R"(","note":"Hello"})");
  CHECK(now.record(R"({"customer":")" + kWang + R"(","size":1})").record.schema == 2);
  const auto newer =
      before.codec.decode(now.record(R"({"customer":")" + kWang + R"(","size":1})"), true);
  CHECK(newer.error().code == ErrorCode::unsupported_format);
}

TEST_CASE("an event whose definition is gone is named when it is decoded") {
  Fixture with;
  const RecordedEvent recorded = with.record(kFull);
  Fixture without(file_of(type_json(kCustomer, "ext.Other")));
  const auto decoded = without.codec.decode(recorded, true);
  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().code == ErrorCode::unsupported_format);
  CHECK(decoded.error().message == "unknown event type ext.Held at position 1");
}

TEST_CASE("a shape that was recorded is not changed under the same schema") {
  Fixture first(file_of(type_json(kCustomer)));
  ManualClock clock;
  const auto store = make_memory_event_store(clock);
  AppendRequest request = request_of({test_event("ext.Held", {"customer:" + kWang})});
  request.claims.push_back(shape_claim(*first.types.find("ext.Held"), first.sealer));
  REQUIRE(first.types.check_recorded(*store, first.sealer).has_value());
  REQUIRE(append_and_wait(*store, std::move(request)).has_value());
  CHECK(first.types.check_recorded(*store, first.sealer).has_value());

  const auto status_of = [&](const std::string& json) {
    return parse(json).value().check_recorded(*store, first.sealer);
  };
  const auto changed = status_of(with_customer(kNote));
  REQUIRE_FALSE(changed.has_value());
  CHECK(changed.error().code == ErrorCode::invalid_argument);
  CHECK(changed.error().message.find("event_types.json: type ext.Held: ") == 0);
  CHECK(changed.error().message.find("schema 1") != std::string::npos);
  std::string said_better = file_of(type_json(kCustomer));
  said_better.replace(said_better.find("Whose"), 5, "Guest");
  CHECK(status_of(said_better).has_value());
  CHECK(status_of(file_of(type_json(kCustomer) + "," +
                          type_json(kCustomer + "," + kNote, "ext.Held", "2")))
            .has_value());
}

TEST_CASE_FIXTURE(Fixture, "the shape of a type says kinds, classes and owners") {
  const Shape shape = types.find("ext.Held")->shape();
  REQUIRE(shape.fields.size() == 12);
  CHECK(shape.fields[0].is_tag);
  CHECK(shape.fields[0].shape.id_kind == "customer");
  CHECK(shape.fields[1].data_class == DataClass::personal);
  CHECK(shape.fields[1].owner == "customer");
  CHECK(shape.fields[9].shape.symbols == std::vector<std::string>{"here", "there"});
}

}  // namespace factum
