// Witnesses: outsiders that sign checkpoints of the log after checking that it only grew. Sources:
// c2sp.org/tlog-witness and c2sp.org/tlog-cosignature (Ed25519).
#pragma once

#include "core/base/result.hpp"
#include "eventstore/merkle_tree.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// The key of a witness, as signed notes write it, with the type of timestamped signatures.
struct WitnessKey {
  std::string name;
  std::array<char, 4> id{};
  std::string public_key;  ///< 32 bytes

  /// Errors: invalid_argument.
  static Result<WitnessKey> parse(std::string_view vkey);
  /// Whether a line of a note is this witness' signature of a checkpoint's text.
  bool has_signed(std::string_view checkpoint_text, std::string_view line) const;
};

struct WitnessOptions {
  WitnessKey key;
  std::string url;  ///< below it lies add-checkpoint

  /// Reads "VKEY=URL". A vkey may end in "=", so the address begins at "=http". Errors:
  /// invalid_argument.
  static Result<WitnessOptions> parse(std::string_view text);
};

struct WitnessesOptions {
  std::vector<WitnessOptions> witnesses;
  std::chrono::milliseconds first_pause{1000};  ///< after a failure; doubled after each
  std::chrono::milliseconds pause_max{300'000};
  std::function<void(std::string_view)> log;  ///< one sentence when a witness fails; may be empty
};

/// Sends checkpoints to witnesses, each on a thread of its own, and keeps what they sign. A witness
/// that is slow or gone delays nobody: it gets the newest checkpoint when it is there again.
/// Thread rule: safe from any thread; `read` is called from the threads of the witnesses.
class Witnesses {
 public:
  virtual ~Witnesses() = default;
  /// There is a newer checkpoint. O(1).
  virtual void offer(std::string note) = 0;
  /// The lines that witnesses have signed this note with so far, to stand behind it.
  virtual std::string cosignatures(const std::string& note) const = 0;
};

/// `read` gives rows of the log's tree and outlives it.
std::unique_ptr<Witnesses> start_witnesses(WitnessesOptions options, ReadRow read);

}  // namespace factum
