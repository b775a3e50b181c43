// The Merkle tree against the definitions of RFC 6962, taken literally, and against its vectors.
#include "eventstore/merkle_tree.hpp"

#include "core/es/json_reader.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/signed_note.hpp"
#include "tests/support/real_data.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

using namespace factum;

namespace {

using Hashes = std::vector<Digest>;

std::uint64_t split_of(std::uint64_t size) {
  std::uint64_t split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

// MTH, PATH and SUBPROOF of RFC 6962 §2.1, word for word.
Digest mth(const Hashes& d, std::size_t from, std::size_t to) {
  if (from == to) return empty_root();
  if (to - from == 1) return d[from];
  const std::size_t k = from + split_of(to - from);
  return node_hash(mth(d, from, k), mth(d, k, to));
}

Hashes path(const Hashes& d, std::size_t m, std::size_t from, std::size_t to) {
  if (to - from == 1) return {};
  const std::size_t k = from + split_of(to - from);
  Hashes proof = m < k ? path(d, m, from, k) : path(d, m, k, to);
  proof.push_back(m < k ? mth(d, k, to) : mth(d, from, k));
  return proof;
}

Hashes subproof(const Hashes& d, std::size_t m, std::size_t from, std::size_t to, bool whole) {
  if (m == to) return whole ? Hashes{} : Hashes{mth(d, from, to)};
  const std::size_t k = from + split_of(to - from);
  Hashes proof = m <= k ? subproof(d, m, from, k, whole) : subproof(d, m, k, to, false);
  proof.push_back(m <= k ? mth(d, k, to) : mth(d, from, k));
  return proof;
}

// A tree with its rows, grown leaf by leaf.
struct Tree {
  std::array<Hashes, kTreeRows> rows;
  TreeEdge edge;

  explicit Tree(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) add();
  }
  void add() {
    const Digest leaf = leaf_hash(std::to_string(rows[0].size()));
    rows[0].push_back(leaf);
    edge.add(leaf, [&](const TreeNode& node, const Hashes& below) {
      CHECK(below.size() == kTileWidth);
      CHECK(node.index == rows[node.row].size());
      rows[node.row].push_back(node.hash);
    });
  }
  ReadRow reader() const {
    return [this](std::uint8_t row, std::uint64_t first, std::size_t count) -> Result<Hashes> {
      if (first + count > rows[row].size()) return fail(ErrorCode::not_found, "beyond the row");
      const auto begin = rows[row].begin() + static_cast<std::ptrdiff_t>(first);
      return Hashes(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
  }
};

struct InclusionVector {
  std::int64_t index = 0;
  std::int64_t size = 0;
  std::string root;
  std::string leaf;
  std::vector<std::string> proof;

  static void describe(FieldVisitor& v, InclusionVector& i) {
    v.shown("leafIdx", i.index, "");
    v.shown("treeSize", i.size, "");
    v.shown("root", i.root, "");
    v.shown("leafHash", i.leaf, "");
    v.shown("proof", i.proof, "");
  }
};

struct ConsistencyVector {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string from_root;
  std::string to_root;
  std::vector<std::string> proof;

  static void describe(FieldVisitor& v, ConsistencyVector& c) {
    v.shown("size1", c.from, "");
    v.shown("size2", c.to, "");
    v.shown("root1", c.from_root, "");
    v.shown("root2", c.to_root, "");
    v.shown("proof", c.proof, "");
  }
};

std::optional<Digest> digest_of(const std::string& text) {
  const auto bytes = from_base64(text);
  return bytes && bytes->size() == sizeof(Digest) ? std::optional(to_digest(*bytes)) : std::nullopt;
}

// Hashes of a vector; nothing if one is no hash.
std::optional<Hashes> hashes_of(const std::vector<std::string>& texts) {
  Hashes hashes;
  for (const std::string& text : texts) {
    const auto hash = digest_of(text);
    if (!hash) return std::nullopt;
    hashes.push_back(*hash);
  }
  return hashes;
}

// Files of vectors as text, without the null that stands for no hashes.
std::vector<std::string> vectors(const char* kind) {
  const auto folder = test::real_data(std::filesystem::path("vectors/merkle-rfc6962") / kind);
  std::vector<std::string> texts;
  if (folder.empty()) return texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::string text = test::file_text(entry.path());
    constexpr std::string_view kNull = "\"proof\": null";
    if (const auto at = text.find(kNull); at != std::string::npos)
      text.replace(at, kNull.size(), "\"proof\": []");
    texts.push_back(std::move(text));
  }
  return texts;
}

bool is_refused(const std::string& text) { return json_member(text, "wantErr").value() == "true"; }

// Whether the vector's proof is accepted. A size beyond 63 bits or a hash of another length is not.
bool accepts_inclusion(const std::string& text) {
  const auto v = from_json<InclusionVector>(text, {.stored = true});
  if (!v) return false;
  const auto root = digest_of(v->root);
  const auto leaf = digest_of(v->leaf);
  const auto proof = hashes_of(v->proof);
  return root && leaf && proof &&
         verify_inclusion(*leaf, static_cast<std::uint64_t>(v->index),
                          static_cast<std::uint64_t>(v->size), *proof, *root);
}

bool accepts_consistency(const std::string& text) {
  const auto v = from_json<ConsistencyVector>(text, {.stored = true});
  if (!v) return false;
  const auto from = digest_of(v->from_root);
  const auto to = digest_of(v->to_root);
  const auto proof = hashes_of(v->proof);
  return from && to && proof &&
         verify_consistency(static_cast<std::uint64_t>(v->from), static_cast<std::uint64_t>(v->to),
                            *from, *to, *proof);
}

}  // namespace

TEST_CASE("the root of every small tree is that of the definition, grown and read") {
  Tree tree(0);
  CHECK(tree.edge.root() == empty_root());
  for (std::size_t size = 1; size <= 600; ++size) {
    tree.add();
    const Digest expected = mth(tree.rows[0], 0, size);
    REQUIRE(tree.edge.root() == expected);
    REQUIRE(tree_root(tree.reader(), size) == expected);
    REQUIRE(merkle_root(tree.rows[0]) == expected);
  }
}

TEST_CASE("a tree of more than one full tile of tiles has the root of the definition") {
  const std::size_t size = 65'536 + 256 + 3;
  const Tree tree(size);
  CHECK(tree.rows[1].size() == 257);
  CHECK(tree.rows[2].size() == 1);
  const Digest expected = mth(tree.rows[0], 0, size);
  CHECK(tree.edge.root() == expected);
  CHECK(tree_root(tree.reader(), size) == expected);
}

TEST_CASE("proofs are those of the definition and are accepted, in every small tree") {
  const Tree tree(300);
  const ReadRow read = tree.reader();
  for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 9U, 255U, 256U, 257U, 300U}) {
    const Digest root = mth(tree.rows[0], 0, size);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(read, index, size);
      REQUIRE(proof);
      REQUIRE(*proof == path(tree.rows[0], index, 0, size));
      REQUIRE(verify_inclusion(tree.rows[0][index], index, size, *proof, root));
      REQUIRE_FALSE(verify_inclusion(tree.rows[0][index], index + 1, size, *proof, root));
    }
    for (std::size_t from = 1; from <= size; ++from) {
      const auto proof = consistency_proof(read, from, size);
      REQUIRE(proof);
      REQUIRE(*proof == subproof(tree.rows[0], from, 0, size, true));
      REQUIRE(verify_consistency(from, size, mth(tree.rows[0], 0, from), root, *proof));
    }
  }
  CHECK(inclusion_proof(read, 5, 5).error().code == ErrorCode::not_found);
  CHECK(consistency_proof(read, 0, 5).error().code == ErrorCode::not_found);
  CHECK(consistency_proof(read, 6, 5).error().code == ErrorCode::not_found);
  CHECK_FALSE(inclusion_proof(read, 0, 301));
}

TEST_CASE("a changed proof is not accepted") {
  const Tree tree(300);
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    const std::size_t size = 2 + random() % 299;
    const std::size_t index = random() % size;
    const Digest root = mth(tree.rows[0], 0, size);
    auto proof = inclusion_proof(tree.reader(), index, size).value();
    const bool cut = random() % 4 == 0;
    if (cut) {
      proof.pop_back();
    } else {
      proof[random() % proof.size()][random() % 32] ^=
          static_cast<std::uint8_t>(1U << random() % 8);
    }
    REQUIRE_FALSE(verify_inclusion(tree.rows[0][index], index, size, proof, root));
    const std::size_t from = 1 + random() % (size - 1);
    auto growth = consistency_proof(tree.reader(), from, size).value();
    growth[random() % growth.size()][random() % 32] ^=
        static_cast<std::uint8_t>(1U << random() % 8);
    REQUIRE_FALSE(verify_consistency(from, size, mth(tree.rows[0], 0, from), root, growth));
  }
}

TEST_CASE("proofs are accepted and refused as the vectors of RFC 6962 say") {
  for (const std::string& text : vectors("inclusion")) {
    CAPTURE(text);
    CHECK(accepts_inclusion(text) != is_refused(text));
  }
  for (const std::string& text : vectors("consistency")) {
    CAPTURE(text);
    CHECK(accepts_consistency(text) != is_refused(text));
  }
}

TEST_CASE("an edge goes on where another ended") {
  Tree tree(70'000);
  std::array<Hashes, kTreeRows> partial;
  std::size_t in_row = 70'000;
  for (std::size_t row = 0; row < kTreeRows; ++row, in_row /= kTileWidth) {
    const auto end = tree.rows[row].begin() + static_cast<std::ptrdiff_t>(in_row);
    partial[row].assign(end - static_cast<std::ptrdiff_t>(in_row % kTileWidth), end);
  }
  auto edge = TreeEdge::of(70'000, partial);
  REQUIRE(edge);
  for (int i = 0; i < 1'000; ++i) {
    tree.add();
    edge->add(tree.rows[0].back(), {});
  }
  CHECK(edge->root() == tree.edge.root());
  partial[1].pop_back();
  CHECK_FALSE(TreeEdge::of(70'000, partial));
}

TEST_CASE("paths of tiles are written as tlog-tiles says, and read strictly") {
  CHECK(tile_path(0, 256) == "000");
  CHECK(tile_path(1'234'067, 256) == "x001/x234/067");
  CHECK(tile_path(1'000, 112) == "x001/000.p/112");
  for (const std::uint64_t index : {0ULL, 7ULL, 999ULL, 1'000ULL, 1'234'067ULL, 123'456'789ULL}) {
    for (const std::size_t width : {1U, 255U, 256U}) {
      const auto place = parse_tile_path(tile_path(index, width));
      REQUIRE(place);
      CHECK(place->index == index);
      CHECK(place->width == width);
    }
  }
  for (const char* wrong :
       {"", "0", "00", "0000", "x000/000", "001/000", "x001", "000.p/0", "000.p/256", "000.p/01",
        "000.p/", "000.p/1/", "-01", "x01/000", "X001/000", "000/", "/000", "000.p/+1",
        "x999/x999/x999/x999/x999/x999/x999"})
    CHECK_FALSE_MESSAGE(parse_tile_path(wrong), wrong);
}
