// Cursors of paged lists: the place where the next page starts, hidden from clients.
//
// cursor = base64url( iv(16) ‖ ciphertext )
// iv     = first 16 bytes of HMAC("cursor.iv", scope ‖ NUL ‖ place)
// ciphertext = place XOR ( HMAC("cursor.stream", iv ‖ u32be 0) ‖ HMAC("cursor.stream", iv ‖ 1) … )
//
// A synthetic IV authenticates: a changed cursor, or one of another list, does not open. Keys never
// leave the keystore, so cursors outlive a restart. Source: SIV mode, RFC 5297 §2, with
// HMAC-SHA-256 as both functions.
#pragma once

#include "core/base/result.hpp"
#include "core/es/sealer.hpp"

#include <string>
#include <string_view>

namespace factum::api {

/// A cursor for `place`, valid only for the same `scope` (the list and its filters). Empty for an
/// empty place.
std::string make_cursor(Sealer& sealer, std::string_view scope, std::string_view place);

/// The place inside a cursor. Errors: invalid_argument if it was not made here for this scope.
Result<std::string> open_cursor(Sealer& sealer, std::string_view scope, std::string_view cursor);

}  // namespace factum::api
