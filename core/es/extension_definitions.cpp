// Reads and checks the definitions of an installation's own event types.
#include "core/es/extension_types.hpp"
#include "core/es/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>

namespace factum {

template <>
struct Symbols<DataClass> {
  static constexpr std::string_view kNames[] = {"fact", "personal", "sensitive", "quasi"};
};

namespace {

using Kind = ExtensionField::Kind;

constexpr std::size_t kTypesMax = 1000;
constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kTypeNameBytesMax = 100;
constexpr std::size_t kSymbolsMax = 100;
constexpr std::int64_t kSchemaMax = 1000;

struct FieldDefinition {
  std::string name;
  std::string doc;
  Kind kind = Kind::text;
  std::optional<std::string> entity;
  std::vector<std::string> symbols;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::optional<bool> optional;
  std::optional<DataClass> data_class;
  std::optional<std::string> owner;

  bool is_sealed() const { return data_class.value_or(DataClass::fact) != DataClass::fact; }

  static void describe(FieldVisitor& v, FieldDefinition& f) {
    v.shown("name", f.name, "snake_case, unique in its type", non_empty(kNameBytesMax));
    v.shown("doc", f.doc, "A sentence", non_empty());
    v.shown("kind", f.kind, "What it holds");
    v.shown("entity", f.entity, "id: the kind of entity", non_empty(kNameBytesMax));
    v.shown("symbols", f.symbols, "symbol: the allowed texts", at_most(kSymbolsMax));
    v.shown("min", f.min, "The fewest bytes of a text, the least integer");
    v.shown("max", f.max, "The most bytes of a text, the largest integer");
    v.shown("optional", f.optional, "May be left out");
    v.shown("class", f.data_class, "What kind of data it is; absent = fact");
    v.shown("owner", f.owner, "Whose it is: an id field", non_empty(kNameBytesMax));
  }
};

struct TypeDefinition {
  std::string name;
  std::int64_t schema = 1;
  std::string doc;
  std::vector<FieldDefinition> fields;

  static void describe(FieldVisitor& v, TypeDefinition& t) {
    v.shown("name", t.name, "ext. and a word", non_empty(kTypeNameBytesMax));
    v.shown("schema", t.schema, "Version of the shape", between(1, kSchemaMax));
    v.shown("doc", t.doc, "A sentence", non_empty());
    v.shown("fields", t.fields, "In the order of documents", at_most(kFieldsMax));
  }
};

struct Definitions {
  std::vector<TypeDefinition> types;

  static void describe(FieldVisitor& v, Definitions& d) {
    v.shown("types", d.types, "One per type and schema", at_most(kTypesMax));
  }
};

// Where in the file something is wrong, in the words of its author.
struct Place {
  std::string_view type;
  std::string_view field;

  std::string text() const {
    std::string place(kExtensionFile);
    if (!type.empty()) place.append(": type ").append(type);
    if (!field.empty()) place.append(": field ").append(field);
    return place + ": ";
  }
  Status require(bool holds, std::string_view rule) const {
    if (holds) return {};
    return fail(ErrorCode::invalid_argument, text() + std::string(rule));
  }
};

// Takes "<word>/<number>" off the front of a pointer; false if it is not there.
bool take_index(std::string_view& pointer, std::string_view word, std::size_t& index) {
  if (!pointer.starts_with(word)) return false;
  const std::string_view rest = pointer.substr(word.size());
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (error != std::errc{}) return false;
  pointer = rest.substr(static_cast<std::size_t>(end - rest.data()));
  return true;
}

// A reader's complaint with the names of type and field, as far as they could be read.
Error named(Error error, const Definitions& read) {
  Place place;
  if (error.fields.empty()) {
    error.message = place.text() + error.message;
    return error;
  }
  const FieldError& first = error.fields.front();
  std::string_view pointer = first.pointer;
  std::size_t index = 0;
  if (take_index(pointer, "/types/", index) && index < read.types.size()) {
    const TypeDefinition& type = read.types[index];
    place.type = type.name.empty() ? "without a name" : std::string_view(type.name);
    if (take_index(pointer, "/fields/", index) && index < type.fields.size())
      place.field = type.fields[index].name.empty() ? "without a name"
                                                    : std::string_view(type.fields[index].name);
  }
  if (!pointer.empty()) pointer.remove_prefix(1);
  error.message =
      place.text() + std::string(pointer) + (pointer.empty() ? "" : ": ") + first.detail;
  return error;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_field_name(std::string_view name) {
  return is_lower(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '_';
         });
}

bool is_type_name(std::string_view name) {
  if (!name.starts_with(kExtensionPrefix)) return false;
  name.remove_prefix(kExtensionPrefix.size());
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

Status check_kind(const FieldDefinition& field, const std::vector<ExtensionEntity>& entities,
                  const Place& at) {
  const bool is_id = field.kind == Kind::id;
  const bool has_range = field.kind == Kind::text || field.kind == Kind::integer;
  FACTUM_CHECK(at.require(is_id == field.entity.has_value(),
                          "an id says its entity, and no other kind does"));
  FACTUM_CHECK(at.require((field.kind == Kind::symbol) != field.symbols.empty(),
                          "a symbol lists its symbols, and no other kind does"));
  FACTUM_CHECK(at.require(has_range || (!field.min && !field.max),
                          "only texts and integers have min and max"));
  std::set<std::string_view> texts;
  for (const std::string& symbol : field.symbols) {
    FACTUM_CHECK(at.require(!symbol.empty() && texts.insert(symbol).second,
                            "symbols are not empty and stand once"));
  }
  if (!is_id) return {};
  FACTUM_CHECK(at.require(!field.data_class && !field.owner,
                          "an id is a fact and has neither class nor owner"));
  return at.require(std::any_of(entities.begin(), entities.end(),
                                [&](const auto& entity) { return entity.kind == *field.entity; }),
                    "there is no such kind of entity");
}

Status check_range(const FieldDefinition& field, const Place& at) {
  if (field.kind == Kind::text) {
    const auto most = static_cast<std::int64_t>(kLongText.max);
    FACTUM_CHECK(at.require(
        field.min.value_or(0) >= 0 && field.max.value_or(1) >= 1 && field.max.value_or(1) <= most,
        "a text has 0 to 200000 bytes, and room for one"));
  }
  const std::int64_t most = field.max.value_or(
      field.kind == Kind::text ? static_cast<std::int64_t>(Limits{}.max) : INT64_MAX);
  return at.require(field.min.value_or(INT64_MIN) <= most, "min is not above max");
}

// A sealed field lies under the key of a customer, contact or user that the event names.
Status check_owner(const FieldDefinition& field, const TypeDefinition& type,
                   const std::vector<ExtensionEntity>& entities, const Place& at) {
  FACTUM_CHECK(at.require(field.is_sealed() == field.owner.has_value(),
                          "a field that is not a fact has an owner, and a fact has none"));
  if (!field.owner) return {};
  const auto owner =
      std::find_if(type.fields.begin(), type.fields.end(),
                   [&](const FieldDefinition& other) { return other.name == *field.owner; });
  FACTUM_CHECK(at.require(owner != type.fields.end() && owner->entity.has_value(),
                          "the owner is an id field of the same type"));
  return at.require(std::any_of(entities.begin(), entities.end(),
                                [&](const ExtensionEntity& entity) {
                                  return entity.is_subject && entity.kind == *owner->entity;
                                }),
                    "only customers, contacts and users own data");
}

Status check_type(const TypeDefinition& type, const std::vector<ExtensionEntity>& entities) {
  const Place at{type.name, {}};
  FACTUM_CHECK(at.require(is_type_name(type.name),
                          "the name is ext. and a word of letters, digits and underscores"));
  std::set<std::string_view> names;
  std::size_t ids = 0;
  bool has_tag = false;
  for (const FieldDefinition& field : type.fields) {
    const Place here{type.name, field.name};
    FACTUM_CHECK(here.require(is_field_name(field.name), "the name is in snake_case"));
    FACTUM_CHECK(here.require(names.insert(field.name).second, "the name stands twice"));
    FACTUM_CHECK(check_kind(field, entities, here));
    FACTUM_CHECK(check_range(field, here));
    FACTUM_CHECK(check_owner(field, type, entities, here));
    ids += field.kind == Kind::id ? 1 : 0;
    has_tag = has_tag || (field.kind == Kind::id && !field.optional.value_or(false));
  }
  FACTUM_CHECK(at.require(has_tag, "an event is about something: one id must not be optional"));
  return at.require(ids <= EventLimits::kTagsMax, "at most 32 fields are ids");
}

Limits limits_of(const FieldDefinition& field) {
  Limits limits;
  if (field.kind == Kind::text) {
    limits.min = static_cast<std::size_t>(field.min.value_or(0));
    limits.max =
        static_cast<std::size_t>(field.max.value_or(static_cast<std::int64_t>(Limits{}.max)));
  } else {
    limits.least = field.min.value_or(INT64_MIN);
    limits.most = field.max.value_or(INT64_MAX);
  }
  return limits;
}

ExtensionSchema schema_of(TypeDefinition definition) {
  ExtensionSchema schema{
      static_cast<std::uint16_t>(definition.schema), std::move(definition.doc), {}};
  for (FieldDefinition& field : definition.fields) {
    schema.fields.push_back({std::move(field.name), std::move(field.doc), field.kind,
                             std::move(field.entity).value_or(""), std::move(field.symbols),
                             limits_of(field), field.optional.value_or(false),
                             field.data_class.value_or(DataClass::fact),
                             std::move(field.owner).value_or("")});
  }
  return schema;
}

}  // namespace

Result<ExtensionTypes> ExtensionTypes::parse(std::string_view json,
                                             const std::vector<ExtensionEntity>& entities) {
  Definitions read;
  auto status = read_json(json, {}, [&](FieldVisitor& reader) { reader.value(read); });
  if (!status) return fail(named(std::move(status).error(), read));
  for (const TypeDefinition& type : read.types) FACTUM_CHECK(check_type(type, entities));

  const auto by_name_and_schema = [](const TypeDefinition& a, const TypeDefinition& b) {
    return std::tie(a.name, a.schema) < std::tie(b.name, b.schema);
  };
  std::sort(read.types.begin(), read.types.end(), by_name_and_schema);
  ExtensionTypes all;
  for (std::size_t i = 0; i < read.types.size();) {
    const std::string name = read.types[i].name;
    std::vector<ExtensionSchema> schemas;
    for (; i < read.types.size() && read.types[i].name == name; ++i) {
      const Place at{name, {}};
      const auto expected = static_cast<std::int64_t>(schemas.size()) + 1;
      FACTUM_CHECK(at.require(read.types[i].schema != expected - 1, "a schema stands twice"));
      FACTUM_CHECK(at.require(read.types[i].schema == expected,
                              "schemas are 1, 2, 3 …; older ones stay listed"));
      schemas.push_back(schema_of(std::move(read.types[i])));
    }
    all.types_.push_back(std::make_unique<const ExtensionType>(name, std::move(schemas)));
  }
  return all;
}

}  // namespace factum
