// Signed notes and checkpoints of the log. Sources: c2sp.org/signed-note and
// c2sp.org/tlog-checkpoint (versions in docs/transparency.md), Ed25519 of RFC 8032.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"
#include "eventstore/secret.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Base64 with padding, RFC 4648 §4.
std::string base64(std::string_view bytes);
/// Strict: no line breaks, no missing padding, no bits left over. Errors: invalid_argument.
Result<std::string> from_base64(std::string_view text);

/// Verifies signatures under one name.
struct VerifierKey {
  std::string name;
  std::array<char, 4> id{};
  std::string public_key;  ///< 32 bytes

  /// An Ed25519 key under this name.
  static VerifierKey of(std::string name, std::string public_key);
  /// Reads `name+hex id+base64(type ‖ key)`. Errors: invalid_argument.
  static Result<VerifierKey> parse(std::string_view vkey);
  std::string to_string() const;

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

struct NoteSignature {
  std::string name;
  std::array<char, 4> id{};
  std::string bytes;
};

struct SignedNote {
  std::string text;  ///< ends with a line break
  std::vector<NoteSignature> signatures;

  /// Reads a note without checking signatures. Errors: invalid_argument.
  static Result<SignedNote> parse(std::string_view note);
  /// Whether a signature by this key is there and right.
  bool is_signed_by(const VerifierKey& key) const;
};

/// Signs notes under one name.
class NoteSigner {
 public:
  /// `seed`: the private key of RFC 8032 §5.1.5.
  NoteSigner(std::string name, const SecretKey& seed);
  const VerifierKey& verifier() const { return verifier_; }
  /// The whole note. `text` ends with a line break.
  std::string sign(std::string_view text) const;

 private:
  SecretKey seed_;
  VerifierKey verifier_;
};

/// What a checkpoint says.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};

  /// The text of the note.
  std::string text() const;
  /// Reads the text of a note; lines behind the root are left aside, as the format asks.
  /// Errors: invalid_argument.
  static Result<Checkpoint> parse(std::string_view text);

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The checkpoint of a note for whoever trusts only `key`: signed by it, with no bad signature
/// under its name, of the log of its name, without empty lines. Errors: corrupt.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);

/// Checks a signature of RFC 8032. `public_key` has 32 bytes, `signature` 64.
bool verify_ed25519(std::string_view public_key, std::string_view message,
                    std::string_view signature);

}  // namespace factum
