#include "eventstore/claim_format.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"

namespace factum {
namespace {

constexpr std::uint8_t kFormat = 1;

tl::unexpected<Error> taken(const Claim& claim, std::string_view message, Position position) {
  Error error;
  error.code = ErrorCode::claim_taken;
  error.message = "claim on " + claim.space + ": " + std::string(message);
  error.position = position.value();
  return fail(std::move(error));
}

Result<std::optional<ClaimRecord>> decide(const Claim& claim,
                                          const std::optional<ClaimRecord>& present,
                                          Position last) {
  const bool own = present && present->holder == claim.holder;
  switch (claim.action) {
    case Claim::Action::take:
      if (present && !own) return taken(claim, "another entity has this value", present->position);
      break;
    case Claim::Action::move:
      if (!present) return taken(claim, "nobody has the value to be moved", Position(0));
      break;
    case Claim::Action::release:
      if (own) return std::optional<ClaimRecord>();
      return present;
  }
  return std::optional<ClaimRecord>(ClaimRecord{claim.holder, claim.payload, last});
}

}  // namespace

std::string claim_key(std::string_view space, const Digest& key) {
  std::string bytes;
  bytes.reserve(space.size() + 1 + key.size());
  bytes.append(space);
  bytes.push_back('\0');
  bytes.append(view(key));
  return bytes;
}

std::string encode_claim(const ClaimRecord& claim) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kFormat);
  writer.u64(claim.position.value());
  writer.text16(claim.holder);
  writer.text16(claim.payload);
  return bytes;
}

Result<ClaimRecord> decode_claim(std::string_view value) {
  ByteReader reader(value);
  const std::uint8_t format = reader.u8();
  ClaimRecord claim;
  claim.position = Position(reader.u64());
  claim.holder = reader.text16();
  claim.payload = reader.text16();
  if (format != kFormat || !reader.complete())
    return fail(ErrorCode::corrupt, "a claim does not follow its grammar");
  return claim;
}

std::string former_claim_key(std::string_view claim_key, Position replaced_at) {
  std::string key(claim_key);
  ByteWriter(key).u64(replaced_at.value());
  return key;
}

Result<FormerClaimKey> parse_former_claim_key(std::string_view key) {
  constexpr std::size_t kPositionBytes = 8;
  if (key.size() <= kPositionBytes)
    return fail(ErrorCode::corrupt, "the key of a former claim does not follow its grammar");
  const std::size_t split = key.size() - kPositionBytes;
  return FormerClaimKey{key.substr(0, split), Position(ByteReader(key.substr(split)).u64())};
}

std::string encode_outcome(const StoredOutcome& outcome) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kFormat);
  writer.raw(view(outcome.request));
  writer.u64(outcome.first.value());
  writer.u64(outcome.last.value());
  writer.raw(outcome.outcome);
  return bytes;
}

Result<StoredOutcome> decode_outcome(std::string_view value) {
  ByteReader reader(value);
  const std::uint8_t format = reader.u8();
  const std::string_view request = reader.raw(sizeof(Digest));
  StoredOutcome outcome;
  outcome.first = Position(reader.u64());
  outcome.last = Position(reader.u64());
  outcome.outcome = reader.rest();
  if (format != kFormat || !reader.complete())
    return fail(ErrorCode::corrupt, "an idempotent outcome does not follow its grammar");
  outcome.request = to_digest(request);
  return outcome;
}

Result<ClaimChanges> decide_claims(const std::vector<Claim>& claims, Position last,
                                   const ClaimLookup& lookup) {
  ClaimChanges changes;
  for (const Claim& claim : claims) {
    const std::string key = claim_key(claim.space, claim.key);
    auto found = changes.find(key);
    if (found == changes.end()) {
      FACTUM_TRY(auto present, lookup(key));
      found = changes.emplace(key, ClaimChange{present, present}).first;
    }
    FACTUM_TRY(found->second.after, decide(claim, found->second.after, last));
  }
  return changes;
}

Result<AppendResult> replay(const StoredOutcome& stored, const Idempotency& asked) {
  if (stored.request != asked.request) {
    return fail(ErrorCode::idempotency_mismatch,
                "the idempotency key was used before with another request");
  }
  return AppendResult{stored.first, stored.last, true, stored.outcome};
}

}  // namespace factum
