#include "eventstore/merkle_tree.hpp"

#include "core/base/contract.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

namespace factum {
namespace {

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);
constexpr unsigned kRowBits = 8;
constexpr std::size_t kPathDigits = 3;

tl::unexpected<Error> not_there(const char* what) { return fail(ErrorCode::not_found, what); }

// Where a tree of `size` > 1 leaves is split: the largest power of two below it.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

// The root of a complete subtree: `begin` is a multiple of its size, which is a power of two.
Result<Digest> complete_root(const ReadRow& read, std::uint64_t begin, std::uint64_t size) {
  const unsigned height = static_cast<unsigned>(std::bit_width(size)) - 1;
  const unsigned row = height / kRowBits;
  const std::size_t count = std::size_t{1} << (height % kRowBits);
  FACTUM_TRY(auto hashes, read(static_cast<std::uint8_t>(row), begin >> (row * kRowBits), count));
  if (hashes.size() != count) return fail(ErrorCode::corrupt, "a row of the tree is too short");
  return fold_pairs(std::move(hashes));
}

// The root of the leaves [begin, end) as they stand in a larger tree.
Result<Digest> range_root(const ReadRow& read, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) return complete_root(read, begin, size);
  const std::uint64_t middle = begin + split_of(size);
  FACTUM_TRY(const Digest left, complete_root(read, begin, middle - begin));
  FACTUM_TRY(const Digest right, range_root(read, middle, end));
  return node_hash(left, right);
}

// From the root down; the caller turns it round.
Status add_path(const ReadRow& read, std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                std::vector<Digest>& path) {
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    FACTUM_TRY(const Digest other,
               left ? range_root(read, middle, end) : range_root(read, begin, middle));
    path.push_back(other);
    (left ? end : begin) = middle;
  }
  return {};
}

}  // namespace

std::string tree_entry(Position position, Timestamp recorded_at, const Digest& event_hash) {
  std::string entry;
  entry.reserve(kTreeEntryBytes);
  ByteWriter writer(entry);
  writer.u64(position.value());
  writer.u64(static_cast<std::uint64_t>(recorded_at.value()));
  writer.raw(view(event_hash));
  return entry;
}

Digest leaf_hash(std::string_view entry) { return sha256({kLeafPrefix, entry}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return sha256({kNodePrefix, view(left), view(right)});
}

Digest empty_root() { return sha256(std::string_view{}); }

Digest fold_pairs(std::vector<Digest> hashes) {
  while (hashes.size() > 1) {
    for (std::size_t i = 0; i * 2 < hashes.size(); ++i)
      hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    hashes.resize(hashes.size() / 2);
  }
  return hashes.front();
}

Digest merkle_root(const std::vector<Digest>& leaves) {
  TreeEdge edge;
  for (const Digest& leaf : leaves) edge.add(leaf, {});
  return edge.root();
}

// ---- growing

Result<TreeEdge> TreeEdge::of(std::uint64_t size,
                              std::array<std::vector<Digest>, kTreeRows> partial_rows) {
  TreeEdge edge;
  edge.size_ = size;
  edge.rows_ = std::move(partial_rows);
  for (const std::vector<Digest>& row : edge.rows_) {
    if (row.size() != size % kTileWidth)
      return fail(ErrorCode::corrupt, "the rows of the tree do not fit its size");
    size /= kTileWidth;
  }
  return edge;
}

void TreeEdge::add(const Digest& leaf, const OnNode& on_node) {
  ++size_;
  rows_[0].push_back(leaf);
  carry(0, on_node);
}

void TreeEdge::add_tile(const Digest& root, const OnNode& on_node) {
  FACTUM_ASSERT(rows_[0].empty());
  size_ += kTileWidth;
  rows_[1].push_back(root);
  carry(1, on_node);
}

void TreeEdge::carry(std::uint8_t row, const OnNode& on_node) {
  std::uint64_t in_row = size_ >> (row * kRowBits);
  for (; row + 1 < kTreeRows && rows_[row].size() == kTileWidth; ++row) {
    in_row /= kTileWidth;
    const Digest root = fold_pairs(rows_[row]);
    if (on_node) on_node({static_cast<std::uint8_t>(row + 1), in_row - 1, root}, rows_[row]);
    rows_[row].clear();
    rows_[row + 1].push_back(root);
  }
}

// From the right: every row is a list of complete subtrees, the smallest last.
Digest TreeEdge::root() const {
  if (size_ == 0) return empty_root();
  std::optional<Digest> right;
  for (const std::vector<Digest>& row : rows_) {
    std::size_t end = row.size();
    while (end > 0) {
      const std::size_t count = end & (~end + 1);
      const auto first = row.begin() + static_cast<std::ptrdiff_t>(end - count);
      const Digest peak = fold_pairs({first, row.begin() + static_cast<std::ptrdiff_t>(end)});
      right = right ? node_hash(peak, *right) : peak;
      end -= count;
    }
  }
  return *right;
}

// ---- proving

Result<Digest> tree_root(const ReadRow& read, std::uint64_t size) {
  if (size == 0) return empty_root();
  return range_root(read, 0, size);
}

Result<std::vector<Digest>> inclusion_proof(const ReadRow& read, std::uint64_t index,
                                            std::uint64_t size) {
  if (index >= size) return not_there("the tree has no such leaf");
  std::vector<Digest> path;
  FACTUM_CHECK(add_path(read, index, 0, size, path));
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::vector<Digest>> consistency_proof(const ReadRow& read, std::uint64_t from,
                                              std::uint64_t to) {
  if (from == 0 || from > to) return not_there("there is no such pair of trees");
  std::vector<Digest> path;
  std::uint64_t begin = 0;
  std::uint64_t end = to;
  // Down to the subtree that the smaller tree ends with.
  while (from < end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = from <= middle;
    FACTUM_TRY(const Digest other,
               left ? range_root(read, middle, end) : range_root(read, begin, middle));
    path.push_back(other);
    (left ? end : begin) = middle;
  }
  // Its root is known to whoever holds the smaller tree, if that is all of it.
  if (begin != 0) {
    FACTUM_TRY(const Digest seed, range_root(read, begin, end));
    path.push_back(seed);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

// ---- verifying

bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Digest>& proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const Digest& other : proof) {
    if (last == 0) return false;
    if ((at & 1U) != 0 || at == last) {
      hash = node_hash(other, hash);
      while ((at & 1U) == 0 && at != 0) {
        at >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, other);
    }
    at >>= 1U;
    last >>= 1U;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t from, std::uint64_t to, const Digest& from_root,
                        const Digest& to_root, const std::vector<Digest>& proof) {
  if (from > to) return false;
  if (from == to) return proof.empty() && from_root == to_root;
  if (from == 0) return proof.empty() && from_root == empty_root();
  if (proof.empty()) return false;
  auto next = proof.begin();
  const Digest seed = std::has_single_bit(from) ? from_root : *next++;
  std::uint64_t at = from - 1;
  std::uint64_t last = to - 1;
  while ((at & 1U) != 0) {
    at >>= 1U;
    last >>= 1U;
  }
  Digest small = seed;
  Digest large = seed;
  for (; next != proof.end(); ++next) {
    if (last == 0) return false;
    if ((at & 1U) != 0 || at == last) {
      small = node_hash(*next, small);
      large = node_hash(*next, large);
      while ((at & 1U) == 0 && at != 0) {
        at >>= 1U;
        last >>= 1U;
      }
    } else {
      large = node_hash(large, *next);
    }
    at >>= 1U;
    last >>= 1U;
  }
  return last == 0 && small == from_root && large == to_root;
}

// ---- paths

std::string tile_path(std::uint64_t index, std::size_t width) {
  std::string path;
  for (bool last = true; last || index > 0; index /= 1000, last = false) {
    std::string part = std::to_string(index % 1000);
    part.insert(0, kPathDigits - part.size(), '0');
    path.insert(0, last ? part : "x" + part + "/");
  }
  if (width != kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

Result<TilePlace> parse_tile_path(std::string_view path) {
  constexpr std::string_view kPartial = ".p/";
  TilePlace place;
  std::string_view index = path;
  if (const std::size_t dot = path.find(kPartial); dot != std::string_view::npos) {
    const std::string_view width = path.substr(dot + kPartial.size());
    std::from_chars(width.data(), width.data() + width.size(), place.width);
    index = path.substr(0, dot);
  }
  std::string digits;
  for (const char c : index) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  constexpr std::size_t kDigitsMax = 18;
  if (digits.size() > kDigitsMax) return not_there("there is no such tile");
  std::from_chars(digits.data(), digits.data() + digits.size(), place.index);
  // What is not written back the same has something between, before or behind.
  const bool partial = place.width >= 1 && place.width < kTileWidth;
  const bool full = place.width == kTileWidth && index.size() == path.size();
  if ((!partial && !full) || tile_path(place.index, place.width) != path)
    return not_there("there is no such tile");
  return place;
}

}  // namespace factum
