// Who acts.
#pragma once

#include "api/http.hpp"
#include "core/base/result.hpp"
#include "projections/projector.hpp"

#include <string>

namespace factum::api {

/// The actor of a write: "user:<uuid>" from Factum-Actor, which is trusted on loopback only. It
/// must be an active user in the view people; anybody may act while that has no user, so that the
/// first one can be added. Errors: forbidden without such an actor, invalid_argument for another
/// form, unavailable (the view is being built), corrupt, io_error. Cost: one row, O(1).
Result<std::string> acting_user(const HttpRequest& request,
                                const projections::Projector& projector);

}  // namespace factum::api
