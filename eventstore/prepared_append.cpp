#include "eventstore/prepared_append.hpp"

#include "eventstore/record_format.hpp"

#include <unordered_set>

namespace factum {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}
tl::unexpected<Error> beyond(std::string message) {
  return fail(ErrorCode::limit_exceeded, std::move(message));
}

Status check_claim(const Claim& claim) {
  if (claim.space.empty() || claim.space.find('\0') != std::string::npos)
    return invalid("a claim has a namespace without zero bytes");
  if (claim.space.size() > AppendLimits::kClaimSpaceBytesMax)
    return beyond("a claim's namespace has at most 64 bytes");
  if (claim.holder.empty()) return invalid("a claim has a holder");
  if (claim.holder.size() > EventLimits::kTagBytesMax)
    return beyond("a claim's holder has at most 255 bytes");
  if (claim.payload.size() > AppendLimits::kClaimPayloadBytesMax)
    return beyond("a claim's payload has at most 256 bytes");
  return {};
}

Status check_item(const QueryItem& item) {
  if (item.types.size() > AppendLimits::kItemTypesMax)
    return beyond("a query item has at most 256 types");
  if (item.tags.size() > EventLimits::kTagsMax) return beyond("a query item has at most 32 tags");
  for (const std::string& tag : item.tags) {
    if (tag.empty() || tag.size() > EventLimits::kTagBytesMax ||
        tag.find('\0') != std::string::npos)
      return invalid("a tag in a query has 1 to 255 bytes, none of them zero");
  }
  return {};
}

Status check_request(const AppendRequest& request) {
  if (request.events.empty()) return invalid("an append has at least one event");
  if (request.events.size() > EventLimits::kEventsPerAppendMax)
    return beyond("an append has at most 4096 events");
  if (request.claims.size() > AppendLimits::kClaimsMax)
    return beyond("an append has at most 16384 claims");
  for (const Claim& claim : request.claims) FACTUM_CHECK(check_claim(claim));
  if (request.condition) FACTUM_CHECK(check_query(request.condition->fail_if_events_match));
  if (request.idempotency && request.idempotency->outcome.size() > AppendLimits::kOutcomeBytesMax)
    return beyond("an idempotent outcome has at most 64 KiB");
  if (request.fenced_keys.size() > AppendLimits::kFencedKeysMax)
    return beyond("an append fences at most 65536 keys");
  return {};
}

std::size_t bytes_of(const PreparedEvent& event) {
  std::size_t bytes = event.stored.size();
  for (const std::string& tag : event.tags) bytes += tag.size() + 32;
  for (const std::string& ciphertext : event.ciphertexts) bytes += ciphertext.size() + 32;
  return bytes;
}

PreparedEvent prepare_event(NewEvent event) {
  Digest event_hash;
  PreparedEvent prepared;
  prepared.stored = encode_stored(event.record, event_hash);
  prepared.keys.reserve(event.record.slots.size());
  for (const SlotHeader& slot : event.record.slots) prepared.keys.push_back(slot.key_id);
  prepared.type = std::move(event.record.type);
  prepared.tags = std::move(event.record.tags);
  prepared.ciphertexts = std::move(event.ciphertexts);
  return prepared;
}

}  // namespace

Status check_query(const Query& query) {
  if (query.items.size() > AppendLimits::kQueryItemsMax)
    return beyond("a query has at most 4096 items");
  for (const QueryItem& item : query.items) FACTUM_CHECK(check_item(item));
  return {};
}

Result<PreparedAppend> prepare_append(AppendRequest request) {
  FACTUM_CHECK(check_request(request));
  PreparedAppend prepared;
  prepared.events.reserve(request.events.size());
  for (NewEvent& event : request.events) {
    FACTUM_CHECK(check_event(event));
    prepared.events.push_back(prepare_event(std::move(event)));
    prepared.bytes += bytes_of(prepared.events.back());
    if (prepared.bytes > AppendLimits::kBytesMax)
      return beyond("the events of an append have at most 32 MiB together");
  }
  prepared.condition = std::move(request.condition);
  prepared.claims = std::move(request.claims);
  prepared.idempotency = std::move(request.idempotency);
  prepared.fenced_keys = std::move(request.fenced_keys);
  prepared.bytes += sizeof(Uuid) * prepared.fenced_keys.size();
  prepared.bytes += sizeof(PreparedAppend) + 512 * prepared.claims.size();
  if (prepared.idempotency) prepared.bytes += prepared.idempotency->outcome.size();
  return prepared;
}

Status check_fence(const PreparedAppend& append, const FencedKeys& fenced) {
  if (fenced.empty() && append.fenced_keys.empty()) return {};
  const std::unordered_set<Uuid> own(append.fenced_keys.begin(), append.fenced_keys.end());
  for (const PreparedEvent& event : append.events) {
    for (const Uuid& key : event.keys) {
      const auto found = fenced.find(key);
      if (found == fenced.end() && !own.contains(key)) continue;
      Error error;
      error.code = ErrorCode::erased;
      error.message =
          "the person that data belongs to is being erased; nothing is recorded for "
          "them any more";
      if (found != fenced.end()) error.position = found->second.value();
      return fail(std::move(error));
    }
  }
  return {};
}

Status check_fenced(const ErasedSubjects& erased, const FencedKeys& fenced) {
  for (const Uuid& key : erased.keys) {
    if (!fenced.contains(key)) return invalid("what is erased has to be fenced first");
  }
  return {};
}

Error condition_failed_at(Position position) {
  Error error;
  error.code = ErrorCode::condition_failed;
  error.message = "an event that the append must not overlook was recorded meanwhile";
  error.position = position.value();
  return error;
}

}  // namespace factum
