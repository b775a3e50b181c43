#include "projections/registry.hpp"

#include "core/crm/deal_events.hpp"
#include "core/crm/order_events.hpp"
#include "projections/as_of.hpp"
#include "projections/catalog.hpp"
#include "projections/customer_360.hpp"
#include "projections/deal_board.hpp"
#include "projections/directory.hpp"
#include "projections/erasures.hpp"
#include "projections/funnel.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/people.hpp"
#include "projections/projector.hpp"
#include "projections/purchase_history.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "projections/satisfaction.hpp"
#include "projections/ticket_queue.hpp"
#include "projections/timeline.hpp"

namespace factum::projections {
namespace {

// An order or deal that came from another customer has a past that is tagged with that one.
std::vector<std::string> taken_over(const DecodedEvent& event, std::string_view tag) {
  const auto* deal = event.get<crm::DealCustomerAssigned>();
  if (deal != nullptr && deal->customer.tag() == tag) return {deal->deal.tag()};
  const auto* order = event.get<crm::OrderCustomerAssigned>();
  if (order != nullptr && order->customer.tag() == tag) return {order->order.tag()};
  return {};
}

const RelatedTags kTakenOver{{crm::DealCustomerAssigned::kName, crm::OrderCustomerAssigned::kName},
                             &taken_over};

}  // namespace

std::vector<View> all_views() {
  std::vector<View> views;
  views.push_back({catalog_projection()});
  views.push_back({customer_360_projection(), kTakenOver});
  views.push_back({deal_board_projection()});
  views.push_back({directory_projection()});
  views.push_back({erasures_projection()});
  views.push_back({funnel_projection()});
  views.push_back({people_projection()});
  views.push_back({purchase_history_projection(), kTakenOver});
  views.push_back({satisfaction_projection()});
  views.push_back({ticket_queue_projection()});
  views.push_back({timeline_projection(), RelatedTags{}});
  return views;
}

}  // namespace factum::projections
