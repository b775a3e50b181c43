// What the headers of a request ask for: conditions, preferences, the retry key.
#pragma once

#include "api/router.hpp"
#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace factum::api {

/// The Idempotency-Key, quoted or bare; nothing if absent. Errors: invalid_argument unless it is 1
/// to 255 visible ASCII characters. Source: draft-ietf-httpapi-idempotency-key-header-07.
Result<std::optional<std::string>> idempotency_key(const HttpRequest& request);

/// The version If-Match names; nothing if absent or "*". A tag that is not one of ours is version
/// 0, which no entity has. Errors: precondition_missing if absent and required.
Result<std::optional<Position>> expected_version(const HttpRequest& request, IfMatch rule);

/// True if If-None-Match names `etag` (weak comparison, RFC 9110 §13.1.2) or is "*".
bool is_not_modified(const HttpRequest& request, std::string_view etag);

/// True if Prefer holds this preference, e.g. "return=minimal" (RFC 7240).
bool prefers(const HttpRequest& request, std::string_view preference);
/// The seconds of `Prefer: wait=n`, at most `most`; `most` if absent.
std::chrono::milliseconds preferred_wait(const HttpRequest& request,
                                         std::chrono::milliseconds most);

/// The position a read demands: min_position or Factum-Min-Position, the larger one; 0 if absent.
/// Errors: invalid_argument.
Result<Position> min_position(const Call& call);

/// Reads a positive decimal. Errors: invalid_argument, naming `what`.
Result<std::uint64_t> parse_number(std::string_view text, std::string_view what);

/// The position of a moment: a position, or a time of recording (inclusive). Errors:
/// invalid_argument with the parameter, also for a position beyond the head and an instant after
/// `now`; io_error.
Result<Position> position_of(const std::string& moment, std::string_view parameter,
                             const EventStore& store, Timestamp now);

/// The position of `as_of`: a position, or a time of recording (inclusive); nothing if absent.
/// Errors: invalid_argument, also for a position beyond the head and an instant after `now`,
/// because what they will show is not known yet; io_error.
Result<std::optional<Position>> as_of_position(const Call& call, const EventStore& store,
                                               Timestamp now);

}  // namespace factum::api
