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
#include "core/es/command_type_of.hpp"

namespace factum::crm {
namespace {

template <class... C>
void add_commands(std::vector<const CommandType*>& all, TypeList<C...>) {
  (all.push_back(&command_type<C>()), ...);
}

}  // namespace

std::vector<const CommandType*> step_catalog() {
  std::vector<const CommandType*> all;
  add_commands(all, ErasureSteps{});
  return all;
}

std::vector<const CommandType*> command_catalog() {
  std::vector<const CommandType*> all;
  add_commands(all, ContactCommands{});
  add_commands(all, CustomerCommands{});
  add_commands(all, DealCommands{});
  add_commands(all, ErasureCommands{});
  add_commands(all, InteractionCommands{});
  add_commands(all, OrderCommands{});
  add_commands(all, OrganisationCommands{});
  add_commands(all, PipelineCommands{});
  add_commands(all, ProductCommands{});
  add_commands(all, SurveyCommands{});
  add_commands(all, TicketCommands{});
  return all;
}

}  // namespace factum::crm
