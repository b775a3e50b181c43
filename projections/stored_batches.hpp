// Events of a query from a stretch of the log, decoded batch by batch.
#pragma once

#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "projections/decoded_batch.hpp"

#include <cstddef>
#include <functional>

namespace factum::projections {

struct Stretch {
  Query query;
  Position after;  ///< exclusive
  Position last;   ///< inclusive
  bool open_slots = false;
  std::size_t events_max = SIZE_MAX;  ///< more are refused
};

/// Gives the batches in order until `use` gives false; it may keep nothing of a batch. Errors:
/// limit_exceeded, those of reading, decoding and `use`.
Status each_batch(const EventStore& store, const EventCodec& codec, const Stretch& stretch,
                  const std::function<Result<bool>(DecodedBatch&)>& use);

}  // namespace factum::projections
