// Views across customers.
#include "api/view_route.hpp"
#include "projections/funnel.hpp"

namespace factum::api {
namespace {

using namespace projections;

struct FunnelFilter {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<crm::UserId> owner;
  std::optional<crm::ProductId> product;

  static void describe(FieldVisitor& v, FunnelFilter& q) {
    v.shown("from", q.from, "The first day, UTC");
    v.shown("to", q.to, "The day after the last");
    v.shown("owner", q.owner, "Deals of this user");
    v.shown("product", q.product, "Deals with this product");
  }
};

Result<FunnelAnswer> read_funnel(const ViewCall& at, const FunnelFilter& asked) {
  FACTUM_TRY(const Uuid id, at.call.path_id());
  return funnel(at.rows, {crm::PipelineId{id}, asked.from, asked.to, asked.owner, asked.product});
}

}  // namespace

void add_report_routes(Routes& routes) {
  view<FunnelFilter, FunnelAnswer>(
      routes,
      {"GET", "/v1/pipelines/{id}/funnel", "read_funnel",
       "How deals flow through the stages, and the sales metrics", "funnel"},
      &read_funnel);
}

}  // namespace factum::api
