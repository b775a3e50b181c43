#include "eventstore/rocksdb_tree.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/record_format.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>

namespace factum {
namespace {

constexpr std::size_t kTileBytes = kTileWidth * sizeof(Digest);
constexpr std::uint64_t kTilesPerWrite = 64;

std::string row_key(std::uint8_t row, std::uint64_t index) {
  std::string key;
  ByteWriter writer(key);
  writer.u8(row);
  writer.u64(index);
  return key;
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

tl::unexpected<Error> damaged_tree() {
  return fail(ErrorCode::corrupt, "the Merkle tree of the log is damaged");
}

// Leaf hashes from the records themselves.
Result<std::vector<Digest>> leaves_of_records(const Database& database, std::uint64_t first,
                                              std::size_t count) {
  std::vector<Digest> leaves;
  leaves.reserve(count);
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::records)));
  std::string entry;
  rows->Seek(slice(position_key(Position(first + 1))));
  for (; rows->Valid() && leaves.size() < count; rows->Next()) {
    const Position position(first + leaves.size() + 1);
    const std::string_view stored = rows->value().ToStringView();
    if (rows->key().ToStringView() != position_key(position) || stored.size() < kStoredHeaderBytes)
      break;
    entry = position_key(position);
    entry += stored.substr(0, kStoredHeaderBytes);
    leaves.push_back(leaf_hash(entry));
  }
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  if (leaves.size() == count) return leaves;
  Error missing{ErrorCode::corrupt, "a record is missing or damaged", {}, {}, 0};
  missing.position = first + leaves.size() + 1;
  return fail(std::move(missing));
}

Result<std::vector<Digest>> read_tile(const Database& database, std::uint64_t tile) {
  FACTUM_TRY(const auto bytes, database.get(Family::tiles, row_key(0, tile)));
  if (!bytes || bytes->size() != kTileBytes) return damaged_tree();
  std::vector<Digest> hashes;
  hashes.reserve(kTileWidth);
  for (std::size_t at = 0; at < kTileBytes; at += sizeof(Digest))
    hashes.push_back(to_digest(std::string_view(*bytes).substr(at, sizeof(Digest))));
  return hashes;
}

Result<std::vector<Digest>> scan_row(const Database& database, std::uint8_t row,
                                     std::uint64_t first, std::size_t count) {
  std::vector<Digest> hashes;
  hashes.reserve(count);
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::tiles)));
  rows->Seek(slice(row_key(row, first)));
  for (; rows->Valid() && hashes.size() < count; rows->Next()) {
    if (rows->key().ToStringView() != row_key(row, first + hashes.size()) ||
        rows->value().size() != sizeof(Digest))
      break;
    hashes.push_back(to_digest(rows->value().ToStringView()));
  }
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  if (hashes.size() != count) return damaged_tree();
  return hashes;
}

Result<std::vector<Digest>> read_leaves(const Database& database, Position head,
                                        std::uint64_t first, std::size_t count) {
  const std::uint64_t full = head.value() / kTileWidth * kTileWidth;
  std::vector<Digest> leaves;
  leaves.reserve(count);
  while (leaves.size() < count) {
    const std::uint64_t at = first + leaves.size();
    const std::size_t wanted = count - leaves.size();
    if (at >= full) {
      FACTUM_TRY(const auto rest, leaves_of_records(database, at, wanted));
      leaves.insert(leaves.end(), rest.begin(), rest.end());
      break;
    }
    FACTUM_TRY(const auto tile, read_tile(database, at / kTileWidth));
    const std::size_t begin = at % kTileWidth;
    const std::size_t end = std::min(kTileWidth, begin + wanted);
    leaves.insert(leaves.end(), tile.begin() + static_cast<std::ptrdiff_t>(begin),
                  tile.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return leaves;
}

// How many full tiles of leaves are stored.
Result<std::uint64_t> stored_tiles(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::tiles)));
  rows->SeekForPrev(slice(row_key(0, UINT64_MAX)));
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  if (!rows->Valid()) return 0;
  ByteReader key(rows->key().ToStringView());
  if (key.u8() != 0) return damaged_tree();
  return key.u64() + 1;
}

// The edge of a tree of `size` leaves, whose full tiles and upper rows are stored.
Result<TreeEdge> edge_of(const Database& database, std::uint64_t size) {
  std::array<std::vector<Digest>, kTreeRows> rows;
  std::uint64_t in_row = size;
  for (std::uint8_t row = 0; row < kTreeRows && in_row > 0; ++row, in_row /= kTileWidth) {
    const std::size_t count = in_row % kTileWidth;
    if (count == 0) continue;
    if (row == 0) {
      FACTUM_TRY(rows[row], leaves_of_records(database, in_row - count, count));
    } else {
      FACTUM_TRY(rows[row], scan_row(database, row, in_row - count, count));
    }
  }
  return TreeEdge::of(size, std::move(rows));
}

// Makes tiles for records that have none yet.
Status add_missing_tiles(const Database& database, std::uint64_t from, std::uint64_t to) {
  while (from < to) {
    const std::uint64_t until = std::min(to, from + kTilesPerWrite);
    FACTUM_TRY(TreeEdge edge, edge_of(database, from * kTileWidth));
    FACTUM_TRY(const auto leaves,
               leaves_of_records(database, from * kTileWidth, (until - from) * kTileWidth));
    rocksdb::WriteBatch batch;
    for (const Digest& leaf : leaves) {
      edge.add(leaf, [&](const TreeNode& node, const std::vector<Digest>& below) {
        store_node(database, node, below, batch);
      });
    }
    FACTUM_CHECK(database.write_durably(batch));
    from = until;
  }
  return {};
}

}  // namespace

Result<TreeEdge> load_tree(const Database& database, Position head) {
  const std::uint64_t full = head.value() / kTileWidth;
  FACTUM_TRY(const std::uint64_t stored, stored_tiles(database));
  if (stored > full) return damaged_tree();
  if (stored < full) FACTUM_CHECK(add_missing_tiles(database, stored, full));
  return edge_of(database, head.value());
}

void store_node(const Database& database, const TreeNode& node,
                const std::vector<Digest>& hashes_below, rocksdb::WriteBatch& batch) {
  const auto family = database.family(Family::tiles);
  // Only a batch with a size limit can refuse a put, and no batch of the log has one.
  if (node.row == 1) {
    std::string tile;
    tile.reserve(kTileBytes);
    for (const Digest& leaf : hashes_below) tile += view(leaf);
    static_cast<void>(batch.Put(family, slice(row_key(0, node.index)), slice(tile)));
  }
  static_cast<void>(
      batch.Put(family, slice(row_key(node.row, node.index)), slice(view(node.hash))));
}

Result<std::vector<Digest>> read_tree_row(const Database& database, Position head, std::uint8_t row,
                                          std::uint64_t first, std::size_t count) {
  std::uint64_t in_row = head.value();
  for (std::uint8_t i = 0; i < row; ++i) in_row /= kTileWidth;
  if (row >= kTreeRows || count > in_row || first > in_row - count)
    return fail(ErrorCode::not_found, "the tree does not reach so far yet");
  return row == 0 ? read_leaves(database, head, first, count)
                  : scan_row(database, row, first, count);
}

}  // namespace factum
