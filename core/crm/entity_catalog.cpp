#include "core/crm/catalog.hpp"
#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/interaction.hpp"
#include "core/crm/order.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"
#include "core/crm/survey.hpp"
#include "core/crm/ticket.hpp"
#include "core/es/entity_type_of.hpp"

namespace factum::crm {
namespace {

template <class... S>
void add_entities(std::vector<const EntityType*>& all, TypeList<S...>) {
  (all.push_back(&entity_type<S>()), ...);
}

}  // namespace

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
