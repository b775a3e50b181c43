// The Merkle tree over the events: hashes, tiles and proofs of RFC 6962 §2.1 and RFC 9162 §2.1.
//
//   entry = u64be position, u64be recorded_at in µs, event_hash        ; 48 bytes
//   leaf  = SHA-256(%x00 entry)                                        ; leaf index = position - 1
//   node  = SHA-256(%x01 left right)
//
// The tree is kept in rows of 256: row 0 holds the leaves, and each hash of row n + 1 is the root
// of 256 hashes of row n (C2SP tlog-tiles). docs/transparency.md is written for those who verify
// it.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

inline constexpr std::size_t kTreeEntryBytes = 48;
inline constexpr std::size_t kTileWidth = 256;
/// Rows that a tree of 2^64 leaves has.
inline constexpr std::uint8_t kTreeRows = 8;

/// The 48 bytes of an event in the tree.
std::string tree_entry(Position position, Timestamp recorded_at, const Digest& event_hash);
Digest leaf_hash(std::string_view entry);
Digest node_hash(const Digest& left, const Digest& right);
/// The root of a tree without leaves.
Digest empty_root();
/// The root over 1, 2, 4, 8 … hashes.
Digest fold_pairs(std::vector<Digest> hashes);
/// The root of these leaves. O(n) hashes.
Digest merkle_root(const std::vector<Digest>& leaves);

/// A hash that was completed above the leaves.
struct TreeNode {
  std::uint8_t row = 1;
  std::uint64_t index = 0;
  Digest hash{};
};

/// The right edge of a growing tree. Not thread-safe. Memory: at most 255 hashes per row.
class TreeEdge {
 public:
  TreeEdge() = default;
  /// A tree of `size` leaves, whose rows end with these hashes. Errors: corrupt if their numbers do
  /// not fit the size.
  static Result<TreeEdge> of(std::uint64_t size,
                             std::array<std::vector<Digest>, kTreeRows> partial_rows);

  /// Adds a leaf. `on_node` gets every hash that it completes in the rows above; `leaves` are then
  /// the 256 leaves below the first of them. O(1) hashes on average.
  using OnNode = std::function<void(const TreeNode& node, const std::vector<Digest>& hashes_below)>;
  void add(const Digest& leaf, const OnNode& on_node);
  /// Adds 256 leaves whose root is known, to a tree that ends with a full tile. `on_node` as above,
  /// but for the hashes of the rows above the first only.
  void add_tile(const Digest& root, const OnNode& on_node);

  std::uint64_t size() const { return size_; }
  /// The root of all leaves so far. O(255 × rows) hashes.
  Digest root() const;

  /// The hashes of a row that belong to no full tile of it.
  const std::vector<Digest>& partial_row(std::uint8_t row) const { return rows_[row]; }

 private:
  void carry(std::uint8_t row, const OnNode& on_node);

  std::uint64_t size_ = 0;
  std::array<std::vector<Digest>, kTreeRows> rows_;
};

/// Gives `count` hashes of a row, from `first` on. They may reach across tiles.
using ReadRow = std::function<Result<std::vector<Digest>>(std::uint8_t row, std::uint64_t first,
                                                          std::size_t count)>;

/// The root of the first `size` leaves. Errors: those of `read`. O(log n) reads.
Result<Digest> tree_root(const ReadRow& read, std::uint64_t size);
/// The hashes that lead from a leaf to the root of the first `size` leaves (RFC 6962 §2.1.1).
/// Errors: not_found unless index < size; those of `read`.
Result<std::vector<Digest>> inclusion_proof(const ReadRow& read, std::uint64_t index,
                                            std::uint64_t size);
/// The hashes that show one tree to be the beginning of another (RFC 6962 §2.1.2). Errors:
/// not_found unless 0 < from <= to; those of `read`.
Result<std::vector<Digest>> consistency_proof(const ReadRow& read, std::uint64_t from,
                                              std::uint64_t to);

/// Source: RFC 9162 §2.1.3.2.
bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Digest>& proof, const Digest& root);
/// Source: RFC 9162 §2.1.4.2; of a tree without leaves every other is a continuation.
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Digest& from_root,
                        const Digest& to_root, const std::vector<Digest>& proof);

/// The path of a tile's index as tlog-tiles writes it, with the width of a partial tile:
/// "x001/x234/067.p/112".
std::string tile_path(std::uint64_t index, std::size_t width);
struct TilePlace {
  std::uint64_t index = 0;
  std::size_t width = kTileWidth;
};
/// Reads what tile_path writes, strictly. Errors: not_found.
Result<TilePlace> parse_tile_path(std::string_view path);

}  // namespace factum
