// A view as it was: the same fold, over the events up to a position, into memory; above rows of the
// past where there are some.
#pragma once

#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/view_store.hpp"
#include "projections/registry.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace factum::projections {

struct AsOf {
  std::string tag = {};                ///< "customer:0198…"; empty = all entities
  Position position = {};              ///< inclusive
  std::size_t events_max = 1'000'000;  ///< a fold of more is refused
  /// Rows of an earlier position to go on from; null = from the first event. Not with a tag.
  std::shared_ptr<const ViewReader> past = nullptr;
  /// Changes events before they are folded; null = nothing is changed.
  std::function<EventBox(const EventBox& event)> redefine = nullptr;
};

/// The events that the rows of `view` as of a position follow from. Errors: as fold_as_of.
Result<Query> as_of_query(const View& view, const EventStore& store, const EventCodec& codec,
                          const AsOf& as_of);

/// Rows of `view` as of a position; beyond the head they are those of now. With a tag only the rows
/// of that entity are whole; views without `related` take none. With rows of the past only the
/// tables are whole of which a past is kept. Cost: the events of the entity, or those since `past`.
/// Errors: invalid_argument (a tag for a view that has no entities), limit_exceeded, corrupt,
/// io_error. The reader is safe from any thread.
Result<std::unique_ptr<ViewReader>> fold_as_of(const View& view, const EventStore& store,
                                               const EventCodec& codec, const AsOf& as_of);

}  // namespace factum::projections
