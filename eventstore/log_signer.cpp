#include "eventstore/log_signer.hpp"

#include "eventstore/file.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/root_key.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> contradiction(const std::string& why) {
  return fail(ErrorCode::unavailable,
              "no checkpoint is signed: " + why +
                  "; this looks like a log from a backup, see docs/operations.md");
}

// The files of a signing key and the root key that wraps them.
struct KeyPlace {
  std::string folder;
  SecretKey root;

  std::string path(const char* name) const { return (fs::path(folder) / name).string(); }

  Result<std::optional<SecretKey>> read_seed(const char* name) const {
    FACTUM_TRY(const auto wrapped, read_private_file(path(name)));
    if (!wrapped) return std::optional<SecretKey>{};
    FACTUM_TRY(SecretKey seed, unwrap_key(root, *wrapped));
    return std::optional<SecretKey>(std::move(seed));
  }
  Result<SecretKey> make_seed(const char* name) const {
    SecretKey seed = SecretKey::random();
    FACTUM_CHECK(write_private_file(path(name), wrap_key(root, seed)));
    return seed;
  }
};

constexpr const char* kSeed = "signing.key";
constexpr const char* kNextSeed = "signing.key.next";
constexpr const char* kSigned = "signed";

Result<KeyChain> read_chain(const KeyPlace& place) {
  FACTUM_TRY(const auto json, read_private_file(place.path(kHandoversPath)));
  return json ? KeyChain::parse(*json) : KeyChain{};
}

// Ends a hand-over that was broken off: a next key that was named takes the place, another goes.
Status settle_handover(const KeyPlace& place, const std::string& origin, const KeyChain& chain) {
  FACTUM_TRY(const auto next, place.read_seed(kNextSeed));
  if (!next) return {};
  const bool named =
      !chain.keys.empty() && chain.keys.back() == NoteSigner(origin, *next).verifier();
  std::error_code failed;
  if (named)
    fs::rename(place.path(kNextSeed), place.path(kSeed), failed);
  else
    fs::remove(place.path(kNextSeed), failed);
  if (failed)
    return fail(ErrorCode::io_error, "the signing key in " + place.folder + " cannot be replaced");
  return sync_folder(place.folder);
}

}  // namespace

std::string origin_of(const Uuid& log_id) { return kOriginPrefix + log_id.to_string(); }

Result<std::unique_ptr<LogSigner>> LogSigner::open(const LogSignerOptions& options) {
  KeyPlace place{options.keys_directory, {}};
  FACTUM_TRY(place.root, read_root_key(options.keys_directory, options.root_key_hex));
  FACTUM_TRY(KeyChain chain, read_chain(place));
  const std::string origin = origin_of(options.log_id);
  FACTUM_CHECK(settle_handover(place, origin, chain));
  FACTUM_TRY(auto seed, place.read_seed(kSeed));
  FACTUM_TRY(const bool has_signed, file_exists(place.path(kSigned)));
  if (!seed && has_signed) {
    return fail(ErrorCode::unavailable,
                "the signing key " + place.path(kSeed) +
                    " is lost although checkpoints were signed with it; bring it back, or move the "
                    "files `signed` and `handovers` away to begin with a new key that auditors "
                    "must be told of");
  }
  if (!seed) {
    FACTUM_TRY(seed, place.make_seed(kSeed));
  }
  std::unique_ptr<LogSigner> signer(
      new LogSigner(options.keys_directory, NoteSigner(origin, *seed), std::move(chain)));
  FACTUM_CHECK(signer->load_last());
  return signer;
}

Result<VerifierKey> LogSigner::rotate(const LogSignerOptions& options) {
  FACTUM_TRY(const auto present, open(options));
  KeyPlace place{options.keys_directory, {}};
  FACTUM_TRY(place.root, read_root_key(options.keys_directory, options.root_key_hex));
  FACTUM_TRY(const SecretKey next, place.make_seed(kNextSeed));
  const KeyHandover handover{present->verifier(), NoteSigner(present->origin(), next).verifier()};
  KeyChain chain = present->chain();
  if (chain.keys.empty()) chain.keys.push_back(handover.from);
  chain.keys.push_back(handover.to);
  chain.notes.push_back(present->signer_.sign(handover.text()));
  FACTUM_CHECK(write_private_file(place.path(kHandoversPath), chain.json()));
  FACTUM_CHECK(settle_handover(place, present->origin(), chain));
  return handover.to;
}

// What was signed last may be of a key before this one.
Status LogSigner::load_last() {
  const std::string path = (fs::path(keys_directory_) / kSigned).string();
  if (!chain_.keys.empty() && chain_.keys.back() != verifier())
    return fail(ErrorCode::corrupt, "the signing key in " + keys_directory_ +
                                        " is not the one that was handed over to");
  FACTUM_TRY(const auto note, read_private_file(path));
  if (!note) return {};
  const auto parsed = SignedNote::parse(*note);
  const auto is_signer = [&](const VerifierKey& key) { return parsed->is_signed_by(key); };
  const bool known = parsed && (is_signer(verifier()) ||
                                std::any_of(chain_.keys.begin(), chain_.keys.end(), is_signer));
  if (!known) return fail(ErrorCode::corrupt, path + " is not signed with the key beside it");
  FACTUM_TRY(last_, Checkpoint::parse(parsed->text));
  // The present key signs the same tree again when it is asked to.
  if (is_signer(verifier())) last_note_ = *note;
  return {};
}

Result<std::string> LogSigner::sign(const ReadRow& read, std::uint64_t size) {
  if (last_ && size < last_->size) {
    return contradiction("the log has " + std::to_string(size) + " events, and " +
                         std::to_string(last_->size) + " were signed");
  }
  if (last_) {
    FACTUM_TRY(const Digest before, tree_root(read, last_->size));
    if (before != last_->root)
      return contradiction("its first " + std::to_string(last_->size) +
                           " events are not those that were signed");
    if (size == last_->size && !last_note_.empty()) return last_note_;
  }
  Checkpoint next{origin(), size, {}};
  FACTUM_TRY(next.root, tree_root(read, size));
  const std::string note = signer_.sign(next.text());
  FACTUM_CHECK(write_private_file((fs::path(keys_directory_) / kSigned).string(), note));
  last_ = std::move(next);
  last_note_ = note;
  return note;
}

}  // namespace factum
