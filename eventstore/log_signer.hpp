// The key that signs checkpoints, and the promise never to sign two that contradict each other.
//
//   KEYS/signing.key        40 bytes: the Ed25519 seed, wrapped under the root key
//   KEYS/signing.key.next   the same of the next key, while one is handed over to it
//   KEYS/handovers          how each key named the next: see key_handover.hpp
//   KEYS/signed             the note that was signed last
//
// `signed` is durable before a signature leaves the process. A log that is shorter than it, or that
// does not contain its tree, is never signed: it was restored from a backup, and whoever holds the
// note would see two histories.
#pragma once

#include "eventstore/key_handover.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/signed_note.hpp"

#include <memory>
#include <optional>
#include <string>

namespace factum {

struct LogSignerOptions {
  std::string keys_directory;
  std::string root_key_hex;  ///< empty = KEYS/root.key
  Uuid log_id;
};

/// Not thread-safe.
class LogSigner {
 public:
  /// Opens the key of a log or makes it. Errors: invalid_argument (wrong root key), unavailable
  /// (the key is lost but something was signed with it), corrupt, io_error.
  static Result<std::unique_ptr<LogSigner>> open(const LogSignerOptions& options);

  /// Makes a new key, lets the present one name it, and puts it in its place. A crash leaves one
  /// key or the other; the next opening ends what was begun. Gives the new key. Errors: as open.
  static Result<VerifierKey> rotate(const LogSignerOptions& options);

  const VerifierKey& verifier() const { return signer_.verifier(); }
  /// How the log came to this key.
  const KeyChain& chain() const { return chain_; }
  const std::string& origin() const { return verifier().name; }

  /// Signs the tree of `size` leaves, after finding in it what was signed last. Signing the same
  /// again gives the same note. Errors: unavailable (it contradicts what was signed), those of
  /// `read`, io_error.
  Result<std::string> sign(const ReadRow& read, std::uint64_t size);

 private:
  LogSigner(std::string keys_directory, NoteSigner signer, KeyChain chain)
      : keys_directory_(std::move(keys_directory)),
        signer_(std::move(signer)),
        chain_(std::move(chain)) {}
  Status load_last();

  std::string keys_directory_;
  NoteSigner signer_;
  KeyChain chain_;
  std::optional<Checkpoint> last_;  // what was signed last
  std::string last_note_;
};

/// The origin of a log: "log.factum.internal/<log id>".
inline const std::string kOriginPrefix = "log.factum.internal/";
std::string origin_of(const Uuid& log_id);

}  // namespace factum
