// The kinds of entities and their typed ids; the names are in tags, on disk and on the wire.
#pragma once

#include "core/base/uuid.hpp"

#include <string_view>

namespace factum::crm {

#define FACTUM_ENTITY(Name, text)                   \
  struct Name##Entity {                             \
    static constexpr std::string_view kName = text; \
  };                                                \
  using Name##Id = EntityId<Name##Entity>

FACTUM_ENTITY(Customer, "customer");
FACTUM_ENTITY(Contact, "contact");
FACTUM_ENTITY(Interaction, "interaction");
FACTUM_ENTITY(Pipeline, "pipeline");
FACTUM_ENTITY(Deal, "deal");
FACTUM_ENTITY(Product, "product");
FACTUM_ENTITY(Order, "order");
FACTUM_ENTITY(Return, "return");
FACTUM_ENTITY(Ticket, "ticket");
FACTUM_ENTITY(Response, "response");
FACTUM_ENTITY(User, "user");
FACTUM_ENTITY(Team, "team");
FACTUM_ENTITY(Erasure, "erasure");
FACTUM_ENTITY(LegalHold, "hold");
FACTUM_ENTITY(DataKey, "key");
FACTUM_ENTITY(KeyEpoch, "key_epoch");

#undef FACTUM_ENTITY

}  // namespace factum::crm
