// The shape of a described struct as data: what OpenAPI, JSON Schema, the field registry and docs
// are made of.
#pragma once

#include "core/es/field_visitor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace factum {

enum class ShapeKind {
  text,
  integer,
  wide_integer,
  number,
  boolean,
  uuid,
  timestamp,
  date,
  money,
  symbol,
  sealed,
  object,
  list,
  map
};

struct FieldShape;

/// One value: its kind and what belongs to that kind.
struct Shape {
  ShapeKind kind = ShapeKind::text;
  Limits limits;
  std::string id_kind;                   ///< uuid: the entity kind, "uuid" if none
  std::vector<std::string> symbols;      ///< symbol: the allowed texts
  std::vector<FieldShape> fields;        ///< object: in field order
  std::shared_ptr<const Shape> element;  ///< list and map: the shape of the elements
};

struct FieldShape {
  std::string name;
  std::string doc;
  DataClass data_class = DataClass::fact;
  std::string owner;  ///< sealed fields: the field that holds the subject
  bool is_tag = false;
  bool optional = false;
  Shape shape;
};

/// The shape of one value, found by letting `visit` walk a default one.
Shape shape_by(const std::function<void(FieldVisitor&)>& visit);

/// The shape of a described struct. O(fields).
template <class T>
Shape shape_of() {
  return shape_by([](FieldVisitor& v) {
    T described{};
    v.value(described);
  });
}

}  // namespace factum
