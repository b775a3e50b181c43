// Who acts.
#pragma once

#include "api/http.hpp"
#include "api/services.hpp"
#include "core/base/result.hpp"

#include <string>

namespace factum::api {

/// The actor of a write: "user:<uuid>" from Factum-Actor, which is trusted on loopback only. It
/// must be an active user; anybody may act while there is none, so that one can be added or brought
/// back. Errors: forbidden without such an actor, invalid_argument for another form, corrupt,
/// io_error; of others than active users also unavailable (the view people is being built).
/// Cost: the events of the user; of others O(users).
Result<std::string> acting_user(const HttpRequest& request, const Services& services);

}  // namespace factum::api
