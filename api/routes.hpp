// Fills the one table of routes. An endpoint is one row in one `<area>_routes.cpp`.
#pragma once

#include "api/router.hpp"
#include "api/services.hpp"
#include "core/es/command.hpp"
#include "core/es/entity.hpp"

#include <string>

namespace factum::api {

/// Adds rows. Area and permission follow from the pattern: "/v1/deals/{id}:win" belongs to "deals"
/// and needs "deals.write".
class Routes {
 public:
  /// Both outlive the routes.
  Routes(Router& router, Services& services) : router_(router), services_(services) {}

  Services& services() { return services_; }
  /// A row that is none of the kinds below.
  void add(Route route);

  /// A row for a command; everything but path and If-Match comes from the command.
  template <class C>
  void command(std::string pattern, IfMatch if_match = IfMatch::optional) {
    command(command_type<C>(), std::move(pattern), if_match);
  }
  void command(const CommandType& type, std::string pattern, IfMatch if_match);

  /// A row that reads one entity, now or as of a position.
  template <class S>
  void entity(std::string pattern) {
    entity(entity_type<S>(), std::move(pattern));
  }
  void entity(const EntityType& type, std::string pattern);

 private:
  Router& router_;
  Services& services_;
};

void add_service_routes(Routes& routes);
void add_event_routes(Routes& routes);
void add_append_route(Routes& routes);
void add_audit_routes(Routes& routes);
void add_diff_route(Routes& routes);
void add_backup_routes(Routes& routes);
/// The description of everything in `router`, which outlives it.
void add_openapi_route(Routes& routes, const Router& router);
void add_customer_routes(Routes& routes);
void add_customer_view_routes(Routes& routes);
void add_report_routes(Routes& routes);
void add_contact_routes(Routes& routes);
void add_organisation_routes(Routes& routes);
void add_deal_routes(Routes& routes);
void add_order_routes(Routes& routes);
void add_ticket_routes(Routes& routes);
void add_privacy_routes(Routes& routes);

/// Every route of the API. Both outlive the router's use.
void add_all_routes(Router& router, Services& services);

}  // namespace factum::api
