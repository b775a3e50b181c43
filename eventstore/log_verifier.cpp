#include "eventstore/log_verifier.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/key_handover.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/tile_verdicts.hpp"

#include <algorithm>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kHashesBytesMax = 2 * kTileWidth * sizeof(Digest);

tl::unexpected<Error> wrong(std::string what, std::uint64_t position = 0) {
  return fail(Error{ErrorCode::corrupt, std::move(what), {}, {}, position});
}

SignedTree tree_of(const Checkpoint& checkpoint) {
  return {checkpoint.origin, checkpoint.size, checkpoint.root};
}

// The pass over the events. Errors that blame the log are corrupt; the first one ends the pass.
class LogCheck {
 public:
  LogCheck(LogSource& source, const VerifyOptions& options, LogVerdict& verdict)
      : source_(source), options_(options), verdict_(verdict) {}

  Status run() {
    FACTUM_CHECK(open());
    total_ = source_.events().value_or(verdict_.checkpoint->size);
    if (total_ < verdict_.checkpoint->size)
      return wrong("the log has fewer events than its checkpoint signs", total_ + 1);
    FACTUM_CHECK(check_signed_trees({}));
    TileVerdicts tiles(source_, total_, options_);
    while (auto tile = tiles.next()) {
      FACTUM_TRY(const TileVerdict checked, std::move(*tile));
      FACTUM_CHECK(take(checked));
      if (options_.on_progress) options_.on_progress(verdict_.events, total_);
    }
    verdict_.unsigned_events = total_ - verdict_.checkpoint->size;
    return finish();
  }

 private:
  // ---- before the events

  Status open() {
    FACTUM_TRY(const VerifierKey known, read_key());
    FACTUM_TRY(const KeyChain chain, read_chain());
    const VerifierKey& key = chain.newest_from(known);
    verdict_.vkey = key.to_string();
    FACTUM_TRY(const MaybeFile note, source_.read("checkpoint", SourceLimits::kSmallBytesMax));
    if (!note) return wrong("there is no checkpoint");
    FACTUM_TRY(const Checkpoint checkpoint, open_checkpoint(note->bytes, key));
    verdict_.checkpoint = tree_of(checkpoint);
    FACTUM_CHECK(source_.check_identity(key, checkpoint));
    if (note->foreign) return wrong("checkpoint has not the SHA-256 of the manifest");
    return options_.held ? open_held(key, chain) : Status{};
  }

  // How the log came to the key that it signs with now.
  Result<KeyChain> read_chain() {
    FACTUM_TRY(const MaybeFile file, source_.read(kHandoversPath, SourceLimits::kSmallBytesMax));
    if (!file) return KeyChain{};
    FACTUM_TRY(KeyChain chain, KeyChain::parse(file->bytes));
    if (file->foreign) return wrong("handovers has not the SHA-256 of the manifest");
    return chain;
  }

  Result<VerifierKey> read_key() {
    verdict_.vkey = options_.vkey;
    if (options_.vkey.empty()) {
      verdict_.key_is_claim = true;
      FACTUM_TRY(verdict_.vkey, source_.claimed_vkey());
    }
    auto key = VerifierKey::parse(verdict_.vkey);
    if (!key && verdict_.key_is_claim) return wrong(key.error().message);
    return key;
  }

  // It may be signed by a key that handed over since.
  Status open_held(const VerifierKey& key, const KeyChain& chain) {
    auto held = open_checkpoint(*options_.held, key);
    if (!chain.keys.empty() && chain.keys.back() == key) {
      for (const VerifierKey& earlier : chain.keys) {
        if (!held) held = open_checkpoint(*options_.held, earlier);
      }
    }
    if (!held) return wrong("the held checkpoint: " + held.error().message);
    verdict_.held = tree_of(*held);
    const std::uint64_t size = verdict_.checkpoint->size;
    if (held->size <= size) return {};
    return wrong("the log has " + std::to_string(size) + " events, the held checkpoint " +
                     std::to_string(held->size) + ": the log was cut",
                 size + 1);
  }

  // ---- event after event

  Status take(const TileVerdict& tile) {
    const std::uint64_t first = edge_.size() + 1;
    if (!tile.leaves.empty() && tile.first_recorded < recorded_at_)
      return wrong("the event was recorded before the one before it", first);
    recorded_at_ = tile.last_recorded;
    FACTUM_CHECK(check_signed_trees(tile.leaves));
    FACTUM_CHECK(grow(tile));
    verdict_.events += tile.leaves.size();
    FACTUM_CHECK(take_ciphertexts(tile));
    if (tile.fault) return fail(*tile.fault);
    return {};
  }

  // Whether one of the signed trees ends among these leaves, and if so, as it should.
  Status check_signed_trees(const std::vector<Digest>& leaves) {
    FACTUM_CHECK(check_held(leaves));
    const auto root = root_at(verdict_.checkpoint->size, leaves);
    if (!root || *root == verdict_.checkpoint->root) return {};
    wrong_root_ = true;  // told after the events, of which one may be to blame
    return {};
  }

  Status check_held(const std::vector<Digest>& leaves) {
    if (!verdict_.held) return {};
    const auto root = root_at(verdict_.held->size, leaves);
    if (!root) return {};
    if (*root != verdict_.held->root)
      return wrong("the first " + std::to_string(verdict_.held->size) +
                       " events are not those of the held checkpoint: the two signed checkpoints "
                       "prove that the log was changed",
                   verdict_.held->size);
    verdict_.held_found = true;
    return {};
  }

  // The root of the first `size` leaves, if that many are reached by `leaves` and not before.
  std::optional<Digest> root_at(std::uint64_t size, const std::vector<Digest>& leaves) const {
    const bool now = size == edge_.size() && leaves.empty();
    if (!now && (size <= edge_.size() || size > edge_.size() + leaves.size())) return {};
    TreeEdge edge = edge_;
    for (std::size_t i = 0; edge.size() < size; ++i) edge.add(leaves[i], {});
    return edge.root();
  }

  Status grow(const TileVerdict& tile) {
    Status tiles;
    const auto on_node = [&](const TreeNode& node, const std::vector<Digest>& below) {
      if (node.row < 2 || !tiles) return;
      tiles = check_stored(static_cast<std::uint8_t>(node.row - 1), node.index, below);
    };
    if (tile.root) {
      edge_.add_tile(*tile.root, on_node);
    } else if (tile.leaves.size() < kTileWidth) {
      for (const Digest& leaf : tile.leaves) edge_.add(leaf, on_node);
    }
    return tiles;
  }

  Status take_ciphertexts(const TileVerdict& tile) {
    for (const ErasureNote& note : tile.erasures) cover_.add(note);
    for (const auto& [key, position] : tile.missing_keys) cover_.miss(key, position);
    verdict_.slots += tile.slots;
    verdict_.present += tile.present;
    verdict_.destroyed += tile.destroyed;
    auto& positions = verdict_.destroyed_positions;
    positions.insert(positions.end(), tile.destroyed_positions.begin(),
                     tile.destroyed_positions.end());
    if (tile.first_sealed == 0) return {};
    if (!has_ciphertexts_) has_ciphertexts_ = source_.has_ciphertexts();
    if (!has_ciphertexts_) has_ciphertexts_ = tile.has_ciphertexts;
    if (*has_ciphertexts_ && !tile.has_ciphertexts)
      return wrong("the file of ciphertexts is missing", tile.first_sealed);
    return {};
  }

  // ---- tiles above the leaves

  Status check_stored(std::uint8_t level, std::uint64_t number, const std::vector<Digest>& hashes) {
    const std::uint64_t span = std::uint64_t{1} << (8U * level);
    const std::uint64_t first = number * kTileWidth * span + 1;
    const std::string path =
        "tile/" + std::to_string(level) + "/" + tile_path(number, hashes.size());
    auto file = source_.read(path, kHashesBytesMax);
    if (!file) {
      Error error = std::move(file).error();
      if (error.code == ErrorCode::corrupt && error.position == 0) error.position = first;
      return fail(std::move(error));
    }
    if (!*file) return wrong(path + " is missing", first);
    const std::string& bytes = (*file)->bytes;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const std::size_t at = i * sizeof(Digest);
      if (at < bytes.size() && bytes.compare(at, sizeof(Digest), view(hashes[i])) == 0) continue;
      return wrong(path + ": hash " + std::to_string(i) + " is not that of the " +
                       std::to_string(span) + " events from here",
                   first + i * span);
    }
    if (bytes.size() != hashes.size() * sizeof(Digest))
      return wrong(path + " has bytes too many", first);
    if ((*file)->foreign) return wrong(path + " has not the SHA-256 of the manifest", first);
    return {};
  }

  // ---- after the events

  Status finish() {
    if (wrong_root_)
      return wrong("the root of the " + std::to_string(verdict_.checkpoint->size) +
                   " entries is not that of the checkpoint");
    for (std::uint8_t level = 1; level < kTreeRows; ++level) {
      const auto& row = edge_.partial_row(level);
      if (row.empty()) continue;
      FACTUM_CHECK(check_stored(level, edge_.size() >> (8U * (level + 1U)), row));
    }
    FACTUM_CHECK(check_own_consistency());
    FACTUM_CHECK(source_.finish());
    const auto uncovered = cover_.first_uncovered();
    return uncovered ? wrong("a ciphertext is absent and no erasure covers it", *uncovered)
                     : Status{};
  }

  // The log's own answer to the question that the held checkpoint asks, where it has one.
  Status check_own_consistency() {
    if (!verdict_.held || !source_.proves_consistency()) return {};
    const SignedTree& held = *verdict_.held;
    const SignedTree& newest = *verdict_.checkpoint;
    if (held.size == 0 || held.size >= newest.size) return {};
    FACTUM_TRY(const auto proof, source_.consistency(held.size, newest.size));
    if (!proof) {
      verdict_.notes.emplace_back("the source gives no consistency proof");
      return {};
    }
    if (verify_consistency(held.size, newest.size, held.root, newest.root, *proof)) return {};
    return wrong(
        "the log's own consistency proof does not lead from the held checkpoint to the "
        "newest");
  }

  LogSource& source_;
  const VerifyOptions& options_;
  LogVerdict& verdict_;
  TreeEdge edge_;
  ErasureCover cover_;
  std::uint64_t total_ = 0;
  std::uint64_t recorded_at_ = 0;
  std::optional<bool> has_ciphertexts_;
  bool wrong_root_ = false;
};

}  // namespace

Result<LogVerdict> verify_log(LogSource& source, const VerifyOptions& options) {
  LogVerdict verdict;
  verdict.source = source.name();
  LogCheck check(source, options, verdict);
  auto checked = check.run();
  if (!checked && checked.error().code != ErrorCode::corrupt)
    return fail(std::move(checked).error());
  if (!checked) verdict.fault = std::move(checked).error();
  const auto& notes = source.notes();
  verdict.notes.insert(verdict.notes.end(), notes.begin(), notes.end());
  return verdict;
}

}  // namespace factum
