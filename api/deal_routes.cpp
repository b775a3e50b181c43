// Pipelines and deals.
#include "api/routes.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/pipeline.hpp"

namespace factum::api {

void add_deal_routes(Routes& routes) {
  using namespace crm;
  routes.entity<Pipeline>("/v1/pipelines/{id}");
  routes.command<DefinePipeline>("/v1/pipelines");
  routes.command<ChangePipeline>("/v1/pipelines/{id}:change", IfMatch::required);
  routes.command<RetirePipeline>("/v1/pipelines/{id}:retire");

  routes.entity<Deal>("/v1/deals/{id}");
  routes.command<OpenDeal>("/v1/deals");
  routes.command<MoveDeal>("/v1/deals/{id}:move");
  routes.command<ChangeDealAmount>("/v1/deals/{id}:change_amount", IfMatch::required);
  routes.command<ChangeDealCloseDate>("/v1/deals/{id}:change_close_date", IfMatch::required);
  routes.command<ChangeDealLines>("/v1/deals/{id}:change_lines", IfMatch::required);
  routes.command<AssignDealOwner>("/v1/deals/{id}:assign_owner", IfMatch::required);
  routes.command<AssignDealCustomer>("/v1/deals/{id}:assign_customer", IfMatch::required);
  routes.command<AddDealNote>("/v1/deals/{id}:add_note");
  routes.command<WinDeal>("/v1/deals/{id}:win");
  routes.command<LoseDeal>("/v1/deals/{id}:lose");
  routes.command<ReopenDeal>("/v1/deals/{id}:reopen");
  routes.command<ArchiveDeal>("/v1/deals/{id}:archive");
  routes.command<RestoreDeal>("/v1/deals/{id}:restore");
}

}  // namespace factum::api
