// Reads of the log from RocksDB: by tags through the index, else by scanning records.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/resolved_query.hpp"
#include "eventstore/rocksdb_database.hpp"

#include <vector>

namespace factum {

/// Hands the events that match in the range of `options`, whose `to` is at most the durable head,
/// to `take`, until that gives false. Every event's hash is checked. Errors: corrupt (names the
/// position), unsupported_format, io_error.
Status visit_events(const Database& database, const ResolvedQuery& query,
                    const ReadOptions& options, const TakeEvent& take);

/// The newest position in (`after`, `to`] that matches, 0 if none. Errors: corrupt, io_error.
Result<Position> newest_match(const Database& database, const ResolvedQuery& query, Position after,
                              Position to);

/// The last position up to `head` recorded at or before `instant`, 0 if none. O(log n) gets.
Result<Position> position_at(const Database& database, Timestamp instant, Position head);

}  // namespace factum
