#include "api/actor.hpp"

#include "core/base/uuid.hpp"
#include "projections/people.hpp"

namespace factum::api {
namespace {

constexpr std::string_view kActorPrefix = "user:";

// Spaces around a header value are gone already.
Result<crm::UserId> user_of(const HttpRequest& request) {
  const std::string* actor = request.header("factum-actor");
  if (actor == nullptr || !request.from_loopback) {
    return fail(ErrorCode::forbidden,
                "a write needs an actor: send Factum-Actor: user:<id> from this machine");
  }
  if (actor->starts_with(kActorPrefix)) {
    if (const auto id = Uuid::parse(actor->substr(kActorPrefix.size()))) return crm::UserId{*id};
  }
  return fail(ErrorCode::invalid_argument, "Factum-Actor must be user:<id>");
}

Status check_user(const crm::UserId& user, const ViewReader& rows) {
  const auto entry = projections::user_entry(rows, user);
  if (entry && entry->active) return {};
  if (entry) return fail(ErrorCode::forbidden, "the user that acts has left");
  if (entry.error().code != ErrorCode::not_found) return fail(entry.error());
  FACTUM_TRY(const auto all, projections::users(rows, {.limit = 1}));
  if (all.items.empty()) return {};
  return fail(ErrorCode::forbidden, "the user that acts is not known; GET /v1/users lists all");
}

}  // namespace

Result<std::string> acting_user(const HttpRequest& request,
                                const projections::Projector& projector) {
  FACTUM_TRY(const crm::UserId user, user_of(request));
  FACTUM_TRY(const auto rows, projector.read("people"));
  FACTUM_CHECK(check_user(user, *rows));
  return std::string(kActorPrefix) + user.uuid.to_string();
}

}  // namespace factum::api
