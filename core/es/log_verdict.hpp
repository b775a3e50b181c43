// What the check of a log as docs/transparency.md describes it takes, and what it finds.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace factum {

struct VerifyOptions {
  /// The key that the auditor holds, as signed notes write it; empty = the one that the log claims
  /// to have, which proves nothing about who signed.
  std::string vkey;
  std::optional<std::string> held;  ///< a checkpoint of the log that the auditor holds
  bool list_destroyed = false;      ///< give the positions of destroyed ciphertexts
  unsigned threads = 1;             ///< 1 = the calling thread alone
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;  ///< may be empty
  const std::atomic<bool>* stop = nullptr;  ///< set from elsewhere: give up
};

/// A signed tree.
struct SignedTree {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
};

/// What was found; of a log that is wrong, as far as it was looked at.
struct LogVerdict {
  std::string source;
  std::string vkey;           ///< the key that the signature was checked with
  bool key_is_claim = false;  ///< nobody but the log vouches for the key
  std::optional<SignedTree> checkpoint;
  std::optional<SignedTree> held;
  bool held_found = false;
  std::uint64_t events = 0;           ///< checked, unsigned ones included
  std::uint64_t unsigned_events = 0;  ///< behind the checkpoint
  std::uint64_t slots = 0;            ///< sealed parts that the records name
  std::uint64_t present = 0;          ///< ciphertexts that are those of their records
  std::uint64_t destroyed = 0;
  std::vector<std::uint64_t> destroyed_positions;  ///< ascending, if they were asked for
  std::vector<std::string> notes;                  ///< sentences about what is no fault
  std::optional<Error> fault;                      ///< with the first wrong position, if it has one

  bool good() const { return !fault; }
};

}  // namespace factum
