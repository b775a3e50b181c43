#include "api/routes.hpp"

namespace factum::api {
namespace {

// "/v1/deals/{id}:win" → "deals"; "/livez" → "livez".
std::string area_of(std::string_view pattern) {
  if (pattern.starts_with("/v1")) pattern.remove_prefix(3);
  pattern.remove_prefix(1);
  return std::string(pattern.substr(0, pattern.find_first_of("/:")));
}

}  // namespace

void Routes::add(Route route) {
  if (route.area.empty()) route.area = area_of(route.pattern);
  if (route.permission.empty()) route.permission = route.area + (route.writes ? ".write" : ".read");
  router_.add(std::move(route));
}

void add_all_routes(Router& router, Services& services) {
  Routes routes(router, services);
  add_service_routes(routes);
  add_openapi_route(routes, router);
  add_event_routes(routes);
  add_append_route(routes);
  add_audit_routes(routes);
  add_diff_route(routes);
  add_backup_routes(routes);
  add_customer_routes(routes);
  add_customer_view_routes(routes);
  add_report_routes(routes);
  add_contact_routes(routes);
  add_organisation_routes(routes);
  add_deal_routes(routes);
  add_order_routes(routes);
  add_ticket_routes(routes);
  add_privacy_routes(routes);
}

}  // namespace factum::api
