// What the log itself says about ciphertexts that are missing: which keys were destroyed, by which
// erasure. Names of types and members are part of the format: docs/transparency.md.
#pragma once

#include "core/base/uuid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// One event that is about keys.
struct ErasureNote {
  std::string erasure;
  std::vector<std::string> keys;  ///< of ErasureStarted
  bool destroyed = false;         ///< SubjectKeyDestroyed
};

/// Reads an event of these types; nothing for others, or if the data is not as it should be.
std::optional<ErasureNote> read_erasure_note(std::string_view type, std::string_view data);

/// Compares what is missing with what was erased. Memory: the keys of both.
class ErasureCover {
 public:
  /// Events in the order of the log.
  void add(ErasureNote note);
  /// A ciphertext under this key is missing.
  void miss(const Uuid& key, std::uint64_t position);
  /// The first position at which one is missing that no erasure covers.
  std::optional<std::uint64_t> first_uncovered() const;

 private:
  std::map<std::string, std::vector<std::string>> started_;  // keys by erasure
  std::set<std::string> covered_;
  std::map<Uuid, std::uint64_t> missing_;  // first position by key
};

}  // namespace factum
