// The Merkle tree in the database: what an append adds to it, and its rows for readers.
//
//   tiles family: %x00 u64be tile  = 256 × leaf hash      ; a full tile of row 0
//                 u8 row u64be index = hash               ; row 1 and above, from the leaves on
//
// Written in the batch of the events that complete them. The leaves behind the last full tile are
// not stored: they follow from the records. So an event costs 32.1 bytes, and nothing is written
// twice.
#pragma once

#include "eventstore/merkle_tree.hpp"
#include "eventstore/rocksdb_database.hpp"

namespace factum {

/// The right edge of the tree over all records. A log from before there was a tree gets its tiles
/// here. Errors: corrupt, io_error. Cost: reads at most 255 records and hashes per row; the first
/// time all records.
Result<TreeEdge> load_tree(const Database& database, Position head);

/// Adds what the completion of `node` stores to a batch.
void store_node(const Database& database, const TreeNode& node,
                const std::vector<Digest>& hashes_below, rocksdb::WriteBatch& batch);

/// A part of a row. Errors: not_found beyond `head`; corrupt, io_error. Cost: one read per tile of
/// row 0, a scan above; of the leaves behind the last full tile a read of their records.
Result<std::vector<Digest>> read_tree_row(const Database& database, Position head, std::uint8_t row,
                                          std::uint64_t first, std::size_t count);

}  // namespace factum
