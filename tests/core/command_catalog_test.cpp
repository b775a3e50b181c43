// What must hold for every registered command and entity; a new one is held to it without further
// ado.
#include "core/crm/catalog.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "tests/support/sample_visitor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace factum {
namespace {

using namespace test;

bool is_snake_case(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
}

void check_fields(const Shape& shape) {
  std::set<std::string> names;
  for (const FieldShape& field : shape.fields) {
    CAPTURE(field.name);
    CHECK(names.insert(field.name).second);
    CHECK(is_snake_case(field.name));
    CHECK_FALSE(field.doc.empty());
    check_fields(field.shape);
    if (field.shape.element) check_fields(*field.shape.element);
  }
}

std::string body_of(AnyCommand& command) {
  JsonWriter writer(JsonStyle::answer);
  command.describe(writer);
  return writer.take();
}

void check_round_trip(const CommandType& type, Samples samples, std::uint64_t seed) {
  CAPTURE(type.name);
  CAPTURE(seed);
  const auto command = type.make();
  SampleVisitor visitor(samples, seed);
  command->describe(visitor);
  const std::string body = body_of(*command);
  const auto again = type.make();
  const Status read = read_json(body, {}, [&](FieldVisitor& reader) { again->describe(reader); });
  if (!read) FAIL(read.error().fields.at(0).pointer << " " << read.error().fields.at(0).detail);
  CHECK(body_of(*again) == body);
}

}  // namespace

TEST_CASE("commands have names of their own and a sentence each, and so have their fields") {
  std::set<std::string_view> names;
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    CHECK(names.insert(type->name).second);
    CHECK_FALSE(type->doc.empty());
    check_fields(type->shape());
  }
  CHECK(names.size() > 50);
}

TEST_CASE("steps of the program are no commands of callers, and about entities that can be read") {
  std::set<std::string_view> kinds;
  for (const EntityType* type : crm::entity_catalog()) kinds.insert(type->kind);
  const auto commands = crm::command_catalog();
  CHECK_FALSE(crm::step_catalog().empty());
  for (const CommandType* step : crm::step_catalog()) {
    CAPTURE(step->name);
    CHECK(std::find(commands.begin(), commands.end(), step) == commands.end());
    CHECK(kinds.contains(step->target_kind));
    CHECK_FALSE(step->creates);
    check_fields(step->shape());
  }
}

TEST_CASE("commands are about entities that can be read") {
  std::set<std::string_view> kinds;
  for (const EntityType* type : crm::entity_catalog()) {
    CAPTURE(type->kind);
    CHECK(kinds.insert(type->kind).second);
    check_fields(type->shape());
  }
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    CHECK(kinds.contains(type->target_kind));
  }
}

TEST_CASE("what can be corrected are fields that there are, of every creation some") {
  std::size_t correctable = 0;
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    // No import brings these.
    const bool own = type->name == "RequestErasure" || type->name == "PlaceLegalHold";
    CHECK((!type->creates || own || !type->corrects.empty()));
    const Shape shape = type->shape();
    for (const std::string_view name : type->corrects) {
      CAPTURE(name);
      CHECK(std::any_of(shape.fields.begin(), shape.fields.end(),
                        [&](const FieldShape& field) { return field.name == name; }));
      ++correctable;
    }
  }
  CHECK(correctable > 50);
}

TEST_CASE("customers, contacts and users own keys, nothing else does") {
  const std::set<std::string_view> subjects = {"customer", "contact", "user"};
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    CHECK(type->target_is_subject == subjects.contains(type->target_kind));
  }
}

TEST_CASE("the body of every command is read as it is written") {
  for (const CommandType* type : crm::command_catalog()) {
    check_round_trip(*type, Samples::valid, 0);
    check_round_trip(*type, Samples::sparse, 0);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) check_round_trip(*type, Samples::random, seed);
  }
}

TEST_CASE("a body with a field too many is refused by every command") {
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    const auto command = type->make();
    const Status read = read_json(R"({"no_such_field":1})", {},
                                  [&](FieldVisitor& reader) { command->describe(reader); });
    REQUIRE_FALSE(read);
    const auto& fields = read.error().fields;
    CHECK(std::any_of(fields.begin(), fields.end(), [](const FieldError& error) {
      return error.pointer == "/no_such_field" && error.code == "unknown";
    }));
  }
}

}  // namespace factum
