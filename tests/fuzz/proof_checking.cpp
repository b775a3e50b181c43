// The prover against the verifier: every proof of a tree of any size is accepted, and none whose
// hashes, index, sizes or roots were changed.
#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

using namespace factum;

namespace {

constexpr std::size_t kLeavesMax = 1500;

// A tree of kLeavesMax leaves, whose beginnings are all smaller ones.
class Tree {
 public:
  Tree() {
    TreeEdge edge;
    roots_.push_back(edge.root());
    for (std::size_t i = 0; i < kLeavesMax; ++i) {
      rows_[0].push_back(leaf_hash(std::to_string(i)));
      edge.add(rows_[0].back(), [&](const TreeNode& node, const std::vector<Digest>&) {
        rows_[node.row].push_back(node.hash);
      });
      roots_.push_back(edge.root());
    }
  }
  ReadRow reader() const {
    return [this](std::uint8_t row, std::uint64_t first,
                  std::size_t count) -> Result<std::vector<Digest>> {
      const auto begin = rows_[row].begin() + static_cast<std::ptrdiff_t>(first);
      return std::vector<Digest>(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
  }
  const Digest& leaf(std::size_t index) const { return rows_[0][index]; }
  const Digest& root(std::size_t size) const { return roots_[size]; }

 private:
  std::array<std::vector<Digest>, kTreeRows> rows_;
  std::vector<Digest> roots_;
};

// Changes one bit, drops a hash, adds one or swaps two; false if nothing was changed.
bool change(std::vector<Digest>& proof, fuzz::Input& input) {
  const std::size_t how = input.below(4);
  if (how == 0) return proof.push_back(Digest{}), true;
  if (proof.empty()) return false;
  const std::size_t at = input.below(proof.size());
  if (how == 1) return proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at)), true;
  if (how == 2) {
    const std::size_t other = input.below(proof.size());
    std::swap(proof[at], proof[other]);
    return proof[at] != proof[other];
  }
  proof[at][input.below(32)] ^= static_cast<std::uint8_t>(1 << input.below(8));
  return true;
}

void check_inclusion(const Tree& tree, fuzz::Input& input) {
  const std::size_t size = input.below(kLeavesMax) + 1;
  const std::size_t index = input.below(size);
  auto proof = inclusion_proof(tree.reader(), index, size).value();
  const auto holds = [&](std::size_t at, std::size_t of, const Digest& leaf) {
    return verify_inclusion(leaf, at, of, proof, tree.root(of));
  };
  fuzz::promise(holds(index, size, tree.leaf(index)));
  const std::size_t other = input.below(kLeavesMax);
  if (other != index && other < size) {
    fuzz::promise(!holds(other, size, tree.leaf(index)));
    fuzz::promise(!holds(index, size, tree.leaf(other)));
  }
  fuzz::promise(!verify_inclusion(tree.leaf(index), index, size, proof, Digest{}));
  if (change(proof, input)) fuzz::promise(!holds(index, size, tree.leaf(index)));
}

void check_consistency(const Tree& tree, fuzz::Input& input) {
  const std::size_t to = input.below(kLeavesMax) + 1;
  const std::size_t from = input.below(to) + 1;
  auto proof = consistency_proof(tree.reader(), from, to).value();
  const auto holds = [&] {
    return verify_consistency(from, to, tree.root(from), tree.root(to), proof);
  };
  fuzz::promise(holds());
  const Digest& other = tree.root(input.below(kLeavesMax));
  if (other != tree.root(from))
    fuzz::promise(!verify_consistency(from, to, other, tree.root(to), proof));
  if (other != tree.root(to))
    fuzz::promise(!verify_consistency(from, to, tree.root(from), other, proof));
  if (change(proof, input)) fuzz::promise(!holds());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tree tree;
  fuzz::Input input(data, size);
  check_inclusion(tree, input);
  check_consistency(tree, input);
  return 0;
}
