#include "eventstore/log_signer.hpp"

#include "eventstore/key_files.hpp"
#include "eventstore/root_key.hpp"

#include <filesystem>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> contradiction(const std::string& why) {
  return fail(ErrorCode::unavailable,
              "no checkpoint is signed: " + why +
                  "; this looks like a log from a backup, see docs/operations.md");
}

Result<SecretKey> make_seed(const std::string& path, const SecretKey& root) {
  const SecretKey seed = SecretKey::random();
  FACTUM_CHECK(write_private_file(path, wrap_key(root, seed)));
  return seed;
}

}  // namespace

std::string origin_of(const Uuid& log_id) { return kOriginPrefix + log_id.to_string(); }

Result<std::unique_ptr<LogSigner>> LogSigner::open(const LogSignerOptions& options) {
  FACTUM_TRY(const SecretKey root, read_root_key(options.keys_directory, options.root_key_hex));
  const std::string path = (fs::path(options.keys_directory) / "signing.key").string();
  FACTUM_TRY(const auto wrapped, read_private_file(path));
  if (!wrapped && fs::exists(fs::path(options.keys_directory) / "signed")) {
    return fail(ErrorCode::unavailable,
                "the signing key " + path +
                    " is lost although checkpoints were signed with it; bring it back, or move the "
                    "file `signed` away to begin with a new key that auditors must be told of");
  }
  SecretKey seed;
  if (wrapped) {
    FACTUM_TRY(seed, unwrap_key(root, *wrapped));
  } else {
    FACTUM_TRY(seed, make_seed(path, root));
  }
  std::unique_ptr<LogSigner> signer(
      new LogSigner(options.keys_directory, NoteSigner(origin_of(options.log_id), seed)));
  FACTUM_CHECK(signer->load_last());
  return signer;
}

Status LogSigner::load_last() {
  const std::string path = (fs::path(keys_directory_) / "signed").string();
  FACTUM_TRY(const auto note, read_private_file(path));
  if (!note) return {};
  const auto parsed = SignedNote::parse(*note);
  if (!parsed || !parsed->is_signed_by(verifier()))
    return fail(ErrorCode::corrupt, path + " is not signed with the key beside it");
  FACTUM_TRY(last_, Checkpoint::parse(parsed->text));
  last_note_ = *note;
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
    if (size == last_->size) return last_note_;
  }
  Checkpoint next{origin(), size, {}};
  FACTUM_TRY(next.root, tree_root(read, size));
  const std::string note = signer_.sign(next.text());
  FACTUM_CHECK(write_private_file((fs::path(keys_directory_) / "signed").string(), note));
  last_ = std::move(next);
  last_note_ = note;
  return note;
}

}  // namespace factum
