#include "core/crm/catalog.hpp"
#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/erasure.hpp"
#include "core/crm/interaction.hpp"
#include "core/crm/order.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"
#include "core/crm/product_events.hpp"
#include "core/crm/survey.hpp"
#include "core/crm/ticket.hpp"
#include "core/crm/ticket_events.hpp"
#include "core/es/event_type_of.hpp"

namespace factum::crm {
namespace {

template <class... E>
void add_events(std::vector<const EventType*>& all, TypeList<E...>) {
  (all.push_back(&event_type<E>()), ...);
}

}  // namespace

std::vector<const EventType*> event_catalog() {
  std::vector<const EventType*> all;
  add_events(all, ContactEvents{});
  add_events(all, CustomerEvents{});
  add_events(all, DealEvents{});
  add_events(all, ErasureEvents{});
  add_events(all, InteractionEvents{});
  add_events(all, OrderEvents{});
  add_events(all, OrganisationEvents{});
  add_events(all, ProductEvents{});
  add_events(all, SurveyEvents{});
  add_events(all, TicketEvents{});
  return all;
}

}  // namespace factum::crm
