// An append request, validated, encoded and hashed on the thread that made it, so that the
// sequencer only orders, checks and writes.
#pragma once

#include "core/es/event_store.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace factum {

/// Bounds of one append besides EventLimits.
struct AppendLimits {
  static constexpr std::size_t kBytesMax = std::size_t{32} << 20;  ///< all its events together
  static constexpr std::size_t kClaimsMax = 16384;
  static constexpr std::size_t kClaimSpaceBytesMax = 64;
  static constexpr std::size_t kClaimPayloadBytesMax = 16'384;
  static constexpr std::size_t kOutcomeBytesMax = std::size_t{64} << 10;
  static constexpr std::size_t kQueryItemsMax = 4096;
  static constexpr std::size_t kItemTypesMax = 256;
  static constexpr std::size_t kFencedKeysMax = 65'536;
};

struct PreparedEvent {
  std::string type;
  std::vector<std::string> tags;
  std::string stored;  ///< value of the records family; recorded_at still 0
  std::vector<std::string> ciphertexts;
  std::vector<Uuid> keys;  ///< under which they are sealed
};

struct PreparedAppend {
  std::vector<PreparedEvent> events;
  std::optional<AppendCondition> condition;
  std::vector<Claim> claims;
  std::optional<Idempotency> idempotency;
  std::vector<Uuid> fenced_keys;
  std::size_t bytes = 0;  ///< what it takes in a queue, about
};

/// Checks a query against its limits. Errors: invalid_argument, limit_exceeded.
Status check_query(const Query& query);

/// Checks everything that does not depend on the log, encodes and hashes.
/// Errors: invalid_argument, limit_exceeded. Cost: about 2 µs per event of 400 bytes.
Result<PreparedAppend> prepare_append(AppendRequest request);

/// The keys under which nothing may be recorded any more, and where each was fenced.
using FencedKeys = std::unordered_map<Uuid, Position>;
/// Refuses an append that seals something under a fenced key, of an earlier append or its own.
/// Errors: erased, with the position of the fence. O(1) while nothing is fenced.
Status check_fence(const PreparedAppend& append, const FencedKeys& fenced);

/// What is erased must not come back by an append in flight. Errors: invalid_argument.
Status check_fenced(const ErasedSubjects& erased, const FencedKeys& fenced);

/// The refusal of an append condition: `position` is that of the newest matching event.
Error condition_failed_at(Position position);

}  // namespace factum
