// Checks of what a command refers to: entities must exist and be in use.
#pragma once

#include "core/crm/known.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/product_events.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace factum::crm {

/// A product as others refer to it.
struct KnownProduct {
  using Id = ProductId;
  using Events = TypeList<ProductCreated, ProductDiscontinued, ProductReinstated>;

  bool discontinued = false;

  void evolve(const ProductCreated& /*e*/, const EventInfo& /*info*/) {}
  void evolve(const ProductDiscontinued& /*e*/, const EventInfo& /*info*/) { discontinued = true; }
  void evolve(const ProductReinstated& /*e*/, const EventInfo& /*info*/) { discontinued = false; }
};

using KnownOrder = Known<OrderId, OrderPlaced>;

/// What is said when a reference leads nowhere, and when it leads to something out of use.
struct ReferenceRules {
  Rule unknown;
  Rule unused;
};

/// Each passes if there is no reference.
Status check_reference(Decision& decision, const std::optional<CustomerId>& id,
                       const Folded<KnownCustomer>& folded, const ReferenceRules& rules,
                       const DecisionContext& context);
Status check_reference(Decision& decision, const std::optional<ContactId>& id,
                       const Folded<KnownContact>& folded, const ReferenceRules& rules,
                       const DecisionContext& context);
Status check_reference(Decision& decision, const std::optional<UserId>& id,
                       const Folded<KnownUser>& folded, const ReferenceRules& rules,
                       const DecisionContext& context);
/// All of `products` must be known and, unless `kept` has them already, not discontinued.
Status check_references(Decision& decision, const std::vector<Folded<KnownProduct>>& products,
                        const std::vector<ProductId>& kept, const ReferenceRules& rules,
                        const DecisionContext& context);

/// Reads each product once. O(products) reads.
Result<std::vector<Folded<KnownProduct>>> load_products(ModelReader& reader,
                                                        std::vector<ProductId> ids);
/// The products of lines of a deal, or of lines of an order that name one.
std::vector<ProductId> products_of(const std::vector<DealLine>& lines);
std::vector<ProductId> products_of(const std::vector<OrderLine>& lines);

/// The user that acts, if the actor is one ("user:0198…").
std::optional<UserId> user_of(std::string_view actor);

}  // namespace factum::crm
