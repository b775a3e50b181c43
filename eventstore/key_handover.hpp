// How one signing key names the next: a chain that auditors follow from the key they know.
//
//   handovers   {"handovers": ["<signed note>", …]}, oldest first
//
// The text of each note is three lines, signed by the key that is handed over:
//
//   factum-key-handover-1
//   <vkey of that key>
//   <vkey of the next one, with the same name>
#pragma once

#include "core/base/result.hpp"
#include "eventstore/signed_note.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Where sources have the chain; nothing while no key was ever handed over.
inline constexpr const char* kHandoversPath = "handovers";

struct KeyHandover {
  VerifierKey from;
  VerifierKey to;

  std::string text() const;
  /// Reads a note. Errors: corrupt (not signed by `from`, other names, not of this form).
  static Result<KeyHandover> open(std::string_view note);
};

/// Every key of a log, oldest first; empty if there is no chain.
struct KeyChain {
  std::vector<std::string> notes;
  std::vector<VerifierKey> keys;

  /// Reads the file. Errors: corrupt, also if a note does not go on where the one before ends.
  static Result<KeyChain> parse(std::string_view json);
  std::string json() const;
  /// The key that is trusted if `known` is: the newest one if `known` is in the chain, else itself.
  const VerifierKey& newest_from(const VerifierKey& known) const;
};

}  // namespace factum
