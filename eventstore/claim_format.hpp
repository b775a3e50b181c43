// Bytes of claims and idempotent outcomes, and the rules by which claims change hands.
//
//   claim key     = space %x00 digest:32 bytes             ; key of the claims family
//   claim value   = %x01 u64be position holder payload     ; holder, payload = u16be length, bytes
//   former key    = claim key u64be position               ; key of the claim_history family
//   former value  = claim value                            ; what the append that ends at position
//                                                          ; replaced or released
//   outcome key   = digest:32 bytes                        ; key of the idempotency family
//   outcome value = %x01 request:32 bytes u64be first u64be last outcome bytes to the end
#pragma once

#include "core/es/event_store.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

std::string claim_key(std::string_view space, const Digest& key);
std::string encode_claim(const ClaimRecord& claim);
/// Errors: corrupt.
Result<ClaimRecord> decode_claim(std::string_view value);

std::string encode_outcome(const StoredOutcome& outcome);
/// Errors: corrupt.
Result<StoredOutcome> decode_outcome(std::string_view value);

/// Key of what a claim was before the append that ends at `replaced_at`.
std::string former_claim_key(std::string_view claim_key, Position replaced_at);
struct FormerClaimKey {
  std::string_view claim_key;
  Position replaced_at;
};
/// Takes such a key apart; views point into it. Errors: corrupt.
Result<FormerClaimKey> parse_former_claim_key(std::string_view key);

/// What an append does to one claim key; absent = free.
struct ClaimChange {
  std::optional<ClaimRecord> before;
  std::optional<ClaimRecord> after;

  /// Whether `before` is lost unless it is kept elsewhere.
  bool replaces() const { return before && !(after && after->position == before->position); }
};
using ClaimChanges = std::map<std::string, ClaimChange>;
/// The present state of a claim key, absent = free.
using ClaimLookup = std::function<Result<std::optional<ClaimRecord>>(const std::string& key)>;

/// Applies `claims` one after the other to what `lookup` gives; a later claim sees what an earlier
/// one did. `last`: position of the last event of the append.
/// Errors: claim_taken with the position of the present holder's claim (0 when a move finds
/// nobody), and those of `lookup`.
Result<ClaimChanges> decide_claims(const std::vector<Claim>& claims, Position last,
                                   const ClaimLookup& lookup);

/// The answer to a request whose idempotency key is known: the first outcome again.
/// Errors: idempotency_mismatch when the request differs.
Result<AppendResult> replay(const StoredOutcome& stored, const Idempotency& asked);

}  // namespace factum
