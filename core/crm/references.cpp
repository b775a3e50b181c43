#include "core/crm/references.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

template <class OptionalId, class S>
Status check_use(Decision& decision, const OptionalId& id, const Folded<S>& folded, bool in_use,
                 const ReferenceRules& rules, const DecisionContext& context) {
  if (!id) return {};
  FACTUM_CHECK(decision.require(folded.exists(), rules.unknown, context));
  return decision.require(in_use, rules.unused, context);
}

}  // namespace

Status check_reference(Decision& decision, const std::optional<CustomerId>& id,
                       const Folded<KnownCustomer>& folded, const ReferenceRules& rules,
                       const DecisionContext& context) {
  return check_use(decision, id, folded, !folded.state.archived, rules, context);
}

Status check_reference(Decision& decision, const std::optional<ContactId>& id,
                       const Folded<KnownContact>& folded, const ReferenceRules& rules,
                       const DecisionContext& context) {
  return check_use(decision, id, folded, !folded.state.archived, rules, context);
}

Status check_reference(Decision& decision, const std::optional<UserId>& id,
                       const Folded<KnownUser>& folded, const ReferenceRules& rules,
                       const DecisionContext& context) {
  return check_use(decision, id, folded, folded.state.active, rules, context);
}

Status check_references(Decision& decision, const std::vector<Folded<KnownProduct>>& products,
                        const std::vector<ProductId>& kept, const ReferenceRules& rules,
                        const DecisionContext& context) {
  for (const auto& product : products) {
    FACTUM_CHECK(decision.require(product.exists(), rules.unknown, context));
    const bool is_kept = std::find(kept.begin(), kept.end(), product.id) != kept.end();
    FACTUM_CHECK(decision.require(is_kept || !product.state.discontinued, rules.unused, context));
  }
  return {};
}

Result<std::vector<Folded<KnownProduct>>> load_products(ModelReader& reader,
                                                        std::vector<ProductId> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<Folded<KnownProduct>> products;
  products.reserve(ids.size());
  for (const ProductId& id : ids) {
    FACTUM_TRY(auto product, reader.fold<KnownProduct>(id));
    products.push_back(std::move(product));
  }
  return products;
}

std::vector<ProductId> products_of(const std::vector<DealLine>& lines) {
  std::vector<ProductId> ids;
  for (const DealLine& line : lines) ids.push_back(line.product);
  return ids;
}

std::vector<ProductId> products_of(const std::vector<OrderLine>& lines) {
  std::vector<ProductId> ids;
  for (const OrderLine& line : lines) {
    if (line.product) ids.push_back(*line.product);
  }
  return ids;
}

std::optional<UserId> user_of(std::string_view actor) {
  constexpr std::string_view kPrefix = "user:";
  if (!actor.starts_with(kPrefix)) return std::nullopt;
  const auto id = Uuid::parse(actor.substr(kPrefix.size()));
  return id ? std::optional(UserId{*id}) : std::nullopt;
}

}  // namespace factum::crm
