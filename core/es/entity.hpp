// Entities by kind: how a single entity is read, now or as of a position, and shown.
#pragma once

#include "core/es/decision.hpp"
#include "core/es/json_writer.hpp"
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

namespace detail {
template <class S>
Result<EntityAnswer> read_entity(ModelReader& reader, const Uuid& id) {
  FACTUM_TRY(auto folded, reader.fold<S>(typename S::Id{id}));
  return EntityAnswer{folded.exists() ? to_json(folded.state) : std::string{}, folded.version};
}
template <class S>
QueryItem own_events(const Uuid& id) {
  return query_of<S>(typename S::Id{id});
}
template <class S>
inline constexpr EntityType kEntityType{S::Id::kind(), &shape_of<S>, &read_entity<S>,
                                        &own_events<S>};
}  // namespace detail

template <class S>
const EntityType& entity_type() {
  return detail::kEntityType<S>;
}

}  // namespace factum
