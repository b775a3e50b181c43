// Entities by kind: how a single entity is read, now or as of a position, and shown.
#pragma once

#include "core/es/decision.hpp"
#include "core/es/shape.hpp"

#include <string>
#include <string_view>

namespace factum {

/// An entity as it is shown: its described state as JSON and its version.
struct EntityAnswer {
  std::string json;
  Position version;  ///< 0 = there is no such entity
};

/// The descriptor of one kind of entity.
struct EntityType {
  std::string_view kind;  ///< "deal"
  Shape (*shape)();
  /// Folds the entity with its personal values open (or marked erased).
  Result<EntityAnswer> (*read)(ModelReader& reader, const Uuid& id);
  /// The events that change the entity's own state; the last one is its version.
  QueryItem (*own_events)(const Uuid& id);
};

/// The descriptor of the entity whose state is `S`. Defined in entity_type_of.hpp, which the
/// catalogue alone needs.
template <class S>
const EntityType& entity_type();

}  // namespace factum
