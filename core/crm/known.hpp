// What a decision needs to know of an entity it only refers to. Personal values stay closed.
#pragma once

#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/organisation_events.hpp"
#include "core/crm/ticket_events.hpp"
#include "core/es/entity_command.hpp"

#include <optional>

namespace factum::crm {

/// A customer as others refer to it.
struct KnownCustomer {
  using Id = CustomerId;
  using Events =
      TypeList<CustomerRegistered, CustomerParentChanged, CustomerArchived, CustomerRestored>;

  std::optional<CustomerId> parent;
  bool archived = false;

  void evolve(const CustomerRegistered& e, const EventInfo& /*info*/) { parent = e.parent; }
  void evolve(const CustomerParentChanged& e, const EventInfo& /*info*/) { parent = e.parent; }
  void evolve(const CustomerArchived& /*e*/, const EventInfo& /*info*/) { archived = true; }
  void evolve(const CustomerRestored& /*e*/, const EventInfo& /*info*/) { archived = false; }
};

/// A contact as others refer to it.
struct KnownContact {
  using Id = ContactId;
  using Events = TypeList<ContactCreated, ContactArchived, ContactRestored>;

  bool archived = false;

  void evolve(const ContactCreated& /*e*/, const EventInfo& /*info*/) {}
  void evolve(const ContactArchived& /*e*/, const EventInfo& /*info*/) { archived = true; }
  void evolve(const ContactRestored& /*e*/, const EventInfo& /*info*/) { archived = false; }
};

/// A user as others refer to it.
struct KnownUser {
  using Id = UserId;
  using Events = TypeList<UserAdded, UserDeactivated, UserReactivated>;

  bool active = true;

  void evolve(const UserAdded& /*e*/, const EventInfo& /*info*/) {}
  void evolve(const UserDeactivated& /*e*/, const EventInfo& /*info*/) { active = false; }
  void evolve(const UserReactivated& /*e*/, const EventInfo& /*info*/) { active = true; }
};

using KnownTeam = Known<TeamId, TeamDefined>;
using KnownDeal = Known<DealId, DealOpened>;
using KnownTicket = Known<TicketId, TicketOpened>;

/// True if there is no reference, or what it names exists.
template <class OptionalId, class S>
bool is_known(const OptionalId& id, const Folded<S>& folded) {
  return !id || folded.exists();
}

}  // namespace factum::crm
