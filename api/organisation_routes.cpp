// The own organisation: users and teams.
#include "api/routes.hpp"
#include "core/crm/organisation.hpp"

namespace factum::api {

void add_organisation_routes(Routes& routes) {
  using namespace crm;
  routes.entity<User>("/v1/users/{id}");
  routes.command<AddUser>("/v1/users");
  routes.command<ChangeUser>("/v1/users/{id}:change", IfMatch::required);
  routes.command<DeactivateUser>("/v1/users/{id}:deactivate");
  routes.command<ReactivateUser>("/v1/users/{id}:reactivate");

  routes.entity<Team>("/v1/teams/{id}");
  routes.command<DefineTeam>("/v1/teams");
  routes.command<ChangeTeam>("/v1/teams/{id}:change", IfMatch::required);
}

}  // namespace factum::api
