#include "api/actor.hpp"

#include "core/crm/known.hpp"
#include "core/es/log_model_reader.hpp"
#include "projections/people.hpp"
#include "projections/projector.hpp"

#include <algorithm>

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

// Nobody could add or bring back a user if only active ones may: then anybody may.
Result<bool> has_active_user(const projections::Projector& projector) {
  FACTUM_TRY(const auto rows, projector.read("people"));
  projections::PageRequest page{.after = {}, .limit = projections::kPageItemsMax};
  while (true) {
    FACTUM_TRY(auto users, projections::users(*rows, page));
    const auto is_active = [](const auto& user) { return user.active; };
    if (std::any_of(users.items.begin(), users.items.end(), is_active)) return true;
    if (users.next.empty()) return false;
    page.after = std::move(users.next);
  }
}

Status check_user(const crm::UserId& id, const Services& services) {
  LogModelReader log(services.store, services.codec, services.store.head());
  FACTUM_TRY(const auto user, log.fold<crm::KnownUser>(id));
  if (user.exists() && user.state.active) return {};
  FACTUM_TRY(const bool others, has_active_user(services.projector));
  if (!others) return {};
  return fail(ErrorCode::forbidden,
              user.exists() ? "the user that acts has left"
                            : "the user that acts is not known; GET /v1/users lists all");
}

}  // namespace

Result<std::string> acting_user(const HttpRequest& request, const Services& services) {
  FACTUM_TRY(const crm::UserId user, user_of(request));
  FACTUM_CHECK(check_user(user, services));
  return std::string(kActorPrefix) + user.uuid.to_string();
}

}  // namespace factum::api
