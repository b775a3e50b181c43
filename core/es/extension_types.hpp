// Event types that an installation defines for itself: given as data, and walked field by field
// through the same visitor as the structs of the catalogue.
//
// The definitions are a JSON object; docs/extending.md has an example:
//   file  = {"types": [type …]}
//   type  = {"name": "ext.DemoHeld", "schema": 1, "doc": text, "fields": [field …]}
//   field = {"name", "doc", "kind", "entity"?, "symbols"?, "min"?, "max"?, "optional"?, "class"?,
//            "owner"?}
#pragma once

#include "core/es/event_type.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// What the names of these types begin with, and no other's.
inline constexpr std::string_view kExtensionPrefix = "ext.";
/// The file in the data folder that defines them; none = there are no such types.
inline constexpr std::string_view kExtensionFile = "event_types.json";

/// One declared field.
struct ExtensionField {
  enum class Kind { text, integer, boolean, timestamp, date, money, symbol, id };

  std::string name;
  std::string doc;
  Kind kind = Kind::text;
  std::string entity;                ///< id: the kind of entity it names
  std::vector<std::string> symbols;  ///< symbol: the allowed texts
  Limits limits;                     ///< text and integer
  bool optional = false;
  DataClass data_class = DataClass::fact;
  std::string owner;  ///< the id field whose subject a sealed field belongs to
};

template <>
struct Symbols<ExtensionField::Kind> {
  static constexpr std::string_view kNames[] = {"text", "integer", "boolean", "timestamp",
                                                "date", "money",   "symbol",  "id"};
};

/// One shape of a type. Those that were ever used stay, so that stored events can be read.
struct ExtensionSchema {
  std::uint16_t number = 1;
  std::string doc;
  std::vector<ExtensionField> fields;
};

/// A type whose fields are known at run time only. An event keeps the shape of its own schema.
class ExtensionType final : public EventType {
 public:
  /// `schemas`: 1, 2, 3 … without a gap; the last one is that of new events.
  ExtensionType(std::string own_name, std::vector<ExtensionSchema> schemas);

  void describe(FieldVisitor& visitor, void* value) const override;
  EventBox read(std::uint16_t stored, const Fill& fill) const override;
  /// Reads a new event with its personal values in place. What a reader cannot see is added to
  /// `gaps`, with pointers into the event: sealed fields that are missing or have no owner.
  EventBox read_new(FieldVisitor& reader, std::vector<FieldError>& gaps) const;

  const std::vector<ExtensionSchema>& schemas() const { return schemas_; }

 private:
  std::string own_name_;
  std::vector<ExtensionSchema> schemas_;
};

/// A kind of entity that an id field may name.
struct ExtensionEntity {
  std::string_view kind;
  bool is_subject = false;  ///< it owns keys: fields can be sealed for it
};

/// The types of one installation. Immutable; safe from any thread.
class ExtensionTypes {
 public:
  ExtensionTypes() = default;
  /// Reads definitions. Errors: invalid_argument, with a sentence that names file, type and field.
  static Result<ExtensionTypes> parse(std::string_view json,
                                      const std::vector<ExtensionEntity>& entities);

  bool empty() const { return types_.empty(); }
  /// The type of this name, or null.
  const ExtensionType* find(std::string_view name) const;
  /// `catalogue` and then these: all that a codec has to know.
  std::vector<const EventType*> after(std::vector<const EventType*> catalogue) const;
  /// Checks every shape against the one that was recorded with its first event (see
  /// `shape_claim`). Errors: invalid_argument if the log has events of another shape under the same
  /// schema.
  Status check_recorded(const EventStore& store, Sealer& sealer) const;

 private:
  std::vector<std::unique_ptr<const ExtensionType>> types_;
};

/// Goes with every append of a type: the log then remembers what shape the type has under its
/// newest schema.
Claim shape_claim(const ExtensionType& type, Sealer& sealer);

}  // namespace factum
