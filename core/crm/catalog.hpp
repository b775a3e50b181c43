// The one list of everything that is registered: event types, commands and entities of the CRM.
#pragma once

#include "core/es/command.hpp"
#include "core/es/entity.hpp"
#include "core/es/event_type.hpp"
#include "core/es/extension_types.hpp"

#include <vector>

namespace factum::crm {

/// Every event type, by aggregate. Names are unique.
std::vector<const EventType*> event_catalog();
/// Every command, by aggregate. Names are unique.
std::vector<const CommandType*> command_catalog();
/// The commands that the program gives itself, step by step; no caller reaches them.
std::vector<const CommandType*> step_catalog();
/// Every kind of entity that can be read by itself.
std::vector<const EntityType*> entity_catalog();
/// The same kinds, as an installation's own event types may name them.
std::vector<ExtensionEntity> extension_entities();

}  // namespace factum::crm
