// The privacy desk: erasures and legal holds.
#include "api/routes.hpp"
#include "api/view_route.hpp"
#include "core/crm/erasure.hpp"
#include "projections/erasures.hpp"

namespace factum::api {
namespace {

using namespace projections;

struct ErasureFilter {
  std::optional<crm::ErasureStatus> status;

  static void describe(FieldVisitor& v, ErasureFilter& q) {
    v.shown("status", q.status, "Erasures that are so far; absent = all");
  }
};

struct HoldFilter {
  std::optional<bool> with_lifted;

  static void describe(FieldVisitor& v, HoldFilter& q) {
    v.shown("with_lifted", q.with_lifted, "Those that have ended too; false if absent");
  }
};

Result<Page<ErasureEntry>> list_erasures(const ViewCall& at, const ErasureFilter& asked) {
  return erasures(at.rows, {asked.status, at.page});
}

Result<Page<HoldEntry>> list_holds(const ViewCall& at, const HoldFilter& asked) {
  return legal_holds(at.rows, {asked.with_lifted.value_or(false), at.page});
}

}  // namespace

void add_privacy_routes(Routes& routes) {
  using namespace crm;
  list<ErasureFilter, ErasureEntry>(
      routes, {"GET", "/v1/erasures", "list_erasures", "Erasures by age", "erasures"},
      &list_erasures);
  routes.entity<Erasure>("/v1/erasures/{id}");
  routes.command<RequestErasure>("/v1/erasures");
  routes.command<ApproveErasure>("/v1/erasures/{id}:approve");
  routes.command<RefuseErasure>("/v1/erasures/{id}:refuse");

  list<HoldFilter, HoldEntry>(
      routes, {"GET", "/v1/holds", "list_holds", "Legal holds by age", "erasures"}, &list_holds);
  routes.entity<LegalHold>("/v1/holds/{id}");
  routes.command<PlaceLegalHold>("/v1/holds");
  routes.command<LiftLegalHold>("/v1/holds/{id}:lift");
}

}  // namespace factum::api
