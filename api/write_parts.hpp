// What every write does around its own work: who asks, waiting for the views, the answer's headers.
#pragma once

#include "api/http.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "core/base/result.hpp"
#include "core/es/command_bus.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace factum::api {

/// Actor, Idempotency-Key and what makes the request the same. Errors: those of
/// acting_user, invalid_argument.
Result<CommandMeta> write_meta(const Services& services, const Call& call);

/// Calls `on_done` on a thread of the server once the views show `position`, or after the bounded
/// wait, with the names of those that do not.
void await_views(const Services& services, const std::shared_ptr<const Call>& call,
                 Position position, std::function<void(std::vector<std::string> behind)> on_done);

/// Says what is recorded and whether it was a retry, warns of views that are behind, and leaves the
/// body out if the caller prefers that.
void finish_write(HttpResponse& response, const Call& call, Position position, bool replayed,
                  const std::vector<std::string>& behind);

}  // namespace factum::api
