// What is known of customers: the 360° view and the timeline.
#include "api/view_route.hpp"
#include "projections/customer_360.hpp"
#include "projections/timeline.hpp"

namespace factum::api {
namespace {

using namespace projections;

struct TimelineFilter {
  std::vector<TimelineKind> kind;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;

  static void describe(FieldVisitor& v, TimelineFilter& q) {
    v.shown("kind", q.kind, "Only entries of these kinds", at_most(10));
    v.shown("from", q.from, "Happened at or after");
    v.shown("to", q.to, "Happened before");
  }
};

Result<crm::CustomerId> customer_of(const ViewCall& at) {
  FACTUM_TRY(const Uuid id, at.call.path_id());
  return crm::CustomerId{id};
}

Result<Customer360> read_360(const ViewCall& at, const NoQuery&) {
  FACTUM_TRY(const auto customer, customer_of(at));
  return customer_360(at.rows, customer);
}

Result<Page<TimelineEntry>> read_timeline(const ViewCall& at, const TimelineFilter& asked) {
  FACTUM_TRY(const auto customer, customer_of(at));
  return timeline(at.rows, {customer, asked.kind, asked.from, asked.to, at.page});
}

}  // namespace

void add_customer_view_routes(Routes& routes) {
  view<NoQuery, Customer360>(
      routes,
      {"GET", "/v1/customers/{id}/360", "read_customer_360",
       "Everything that matters about a customer", "customer_360", "customer"},
      &read_360);
  list<TimelineFilter, TimelineEntry>(
      routes,
      {"GET", "/v1/customers/{id}/timeline", "read_timeline",
       "What happened with a customer, newest first", "timeline", "customer"},
      &read_timeline);
}

}  // namespace factum::api
