#include "core/crm/catalog.hpp"

#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/deal_events.hpp"
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

namespace factum::crm {
namespace {

template <class... E>
void add_events(std::vector<const EventType*>& all, TypeList<E...>) {
  (all.push_back(&event_type<E>()), ...);
}

template <class... C>
void add_commands(std::vector<const CommandType*>& all, TypeList<C...>) {
  (all.push_back(&command_type<C>()), ...);
}

template <class... S>
void add_entities(std::vector<const EntityType*>& all, TypeList<S...>) {
  (all.push_back(&entity_type<S>()), ...);
}

}  // namespace

std::vector<const EventType*> event_catalog() {
  std::vector<const EventType*> all;
  add_events(all, ContactEvents{});
  add_events(all, CustomerEvents{});
  add_events(all, DealEvents{});
  add_events(all, InteractionEvents{});
  add_events(all, OrderEvents{});
  add_events(all, OrganisationEvents{});
  add_events(all, ProductEvents{});
  add_events(all, SurveyEvents{});
  add_events(all, TicketEvents{});
  return all;
}

std::vector<const CommandType*> command_catalog() {
  std::vector<const CommandType*> all;
  add_commands(all, ContactCommands{});
  add_commands(all, CustomerCommands{});
  add_commands(all, DealCommands{});
  add_commands(all, InteractionCommands{});
  add_commands(all, OrderCommands{});
  add_commands(all, OrganisationCommands{});
  add_commands(all, PipelineCommands{});
  add_commands(all, ProductCommands{});
  add_commands(all, SurveyCommands{});
  add_commands(all, TicketCommands{});
  return all;
}

std::vector<const EntityType*> entity_catalog() {
  std::vector<const EntityType*> all;
  add_entities(all, ContactEntities{});
  add_entities(all, CustomerEntities{});
  add_entities(all, DealEntities{});
  add_entities(all, InteractionEntities{});
  add_entities(all, OrderEntities{});
  add_entities(all, OrganisationEntities{});
  add_entities(all, PipelineEntities{});
  add_entities(all, ProductEntities{});
  add_entities(all, SurveyEntities{});
  add_entities(all, TicketEntities{});
  return all;
}

}  // namespace factum::crm
