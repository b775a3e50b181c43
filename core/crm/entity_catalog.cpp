#include "core/crm/catalog.hpp"
#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/erasure.hpp"
#include "core/crm/interaction.hpp"
#include "core/crm/order.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"
#include "core/crm/survey.hpp"
#include "core/crm/ticket.hpp"
#include "core/es/entity_type_of.hpp"

#include <algorithm>

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
  add_entities(all, ErasureEntities{});
  add_entities(all, InteractionEntities{});
  add_entities(all, OrderEntities{});
  add_entities(all, OrganisationEntities{});
  add_entities(all, PipelineEntities{});
  add_entities(all, ProductEntities{});
  add_entities(all, SurveyEntities{});
  add_entities(all, TicketEntities{});
  return all;
}

std::vector<ExtensionEntity> extension_entities() {
  const std::vector<const CommandType*> commands = command_catalog();
  std::vector<ExtensionEntity> all;
  for (const EntityType* entity : entity_catalog()) {
    const auto makes_subject = [&](const CommandType* command) {
      return command->target_kind == entity->kind && command->target_is_subject;
    };
    all.push_back({entity->kind, std::any_of(commands.begin(), commands.end(), makes_subject)});
  }
  return all;
}

}  // namespace factum::crm
