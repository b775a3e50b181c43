// The tag index: which positions carry a tag, type by type.
//
//   tag key = tag %x00 u16be type code u64be position      ; no value
//
// The type stands before the position so that "these types of this entity" is read without walking
// over the others: a customer with 100,000 interactions answers for its few deals in a few seeks.
// Tags contain no zero byte, so that no tag's keys lie within another's.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/resolved_query.hpp"
#include "eventstore/rocksdb_database.hpp"

#include <memory>
#include <string>

namespace factum {

/// Writes the key of one index row into `key`.
void tag_index_key(std::string_view tag, std::uint16_t type_code, Position position,
                   std::string& key);

/// Positions in one direction, one after the other.
class PositionCursor {
 public:
  virtual ~PositionCursor() = default;
  /// False at the end and after an error.
  virtual bool valid() const = 0;
  virtual std::uint64_t position() const = 0;
  virtual void next() = 0;
  /// Moves to the first position at or beyond `target` in the cursor's direction; never back.
  virtual void seek(std::uint64_t target) = 0;
  /// Errors: corrupt, io_error.
  virtual Status status() const = 0;
};

/// The range and direction of an index read; both ends included.
struct IndexRange {
  std::uint64_t from = 1;
  std::uint64_t to = 0;
  bool backwards = false;
};

/// The positions in `range` that match `query`, each once. Every item has tags. The cursor must not
/// outlive `database`. Cost: seeks per type present, then per match or per entry of the rarest tag.
Result<std::unique_ptr<PositionCursor>> open_tag_cursor(const Database& database,
                                                        const ResolvedQuery& query,
                                                        const IndexRange& range);

}  // namespace factum
