// What the descriptor of an entity is made of. Included where entities are catalogued.
#pragma once

#include "core/es/entity.hpp"
#include "core/es/json_writer.hpp"

#include <string>

namespace factum {

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

// Kept out of line, so that the one place which catalogues a kind defines it for all others.
template <class S>
[[gnu::noinline]] const EntityType& entity_type() {
  return detail::kEntityType<S>;
}

}  // namespace factum
