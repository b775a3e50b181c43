// Publishes a log to auditors: signs a checkpoint each second while there is something new, and
// serves tiles, records and proofs up to the newest one.
#pragma once

#include "core/es/audit_log.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/witness.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace factum {

struct SignedLogOptions {
  LogSignerOptions signer;  ///< without a folder of keys nothing is signed
  /// Gets a copy of each checkpoint, for tools that read the data folder; empty = none.
  std::string checkpoint_file;
  std::string vkey_file;  ///< gets the key that checkpoints are signed with, one line; empty = none
  std::string handovers_file;  ///< gets a copy of how the log came to this key; empty = none
  /// How often a checkpoint is signed at most; zero: only at the end.
  std::chrono::milliseconds interval{1000};
  /// That many new events are signed at once, without waiting for the interval.
  std::uint64_t events_max = 1000;
  std::function<void(std::string_view)> log;  ///< one sentence when signing stops; may be empty
  WitnessesOptions witnesses;                 ///< who is asked to cosign each checkpoint
};

/// Starts signing, and signs once more at the end. A log that cannot be signed is served all the
/// same: `checkpoint` says why there is none. `store` outlives it.
std::unique_ptr<AuditLog> make_signed_log(const EventStore& store, SignedLogOptions options);

}  // namespace factum
