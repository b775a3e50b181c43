#include "core/crm/product.hpp"

#include "core/base/text.hpp"
#include "core/crm/contact_point.hpp"
#include "core/crm/differences.hpp"
#include "core/crm/normalise.hpp"

namespace factum::crm {
namespace {

constexpr std::string_view kSkuSpace = "product.sku";

Status check_price(Decision& decision, const ProductFacts& facts, const DecisionContext& context) {
  return decision.require(!facts.price || facts.price->minor >= 0, rules::kProductPriceNegative,
                          context);
}

Status change_product(Decision& decision, const Folded<Product>& self,
                      const std::optional<std::string>& name, const ProductFacts& wanted,
                      const DecisionContext& context) {
  FACTUM_CHECK(check_price(decision, wanted, context));
  const Product& now = self.state;
  ProductChanged change{self.id, name && *name != now.name ? name : std::nullopt,
                        changed(wanted.category, now.category), changed(wanted.series, now.series),
                        changed(wanted.price, now.price)};
  if (change.name || change.category || change.series || change.price)
    decision.emit(std::move(change), context);
  return {};
}

}  // namespace

void Product::evolve(const ProductCreated& e, const EventInfo& /*info*/) {
  id = e.product;
  sku = e.sku;
  name = e.name;
  category = e.category;
  series = e.series;
  price = e.price;
}

void Product::evolve(const ProductChanged& e, const EventInfo& /*info*/) {
  if (e.name) name = *e.name;
  take_over(category, e.category);
  take_over(series, e.series);
  take_over(price, e.price);
}

void Product::evolve(const ProductDiscontinued& /*e*/, const EventInfo& /*info*/) {
  discontinued = true;
}

void Product::evolve(const ProductReinstated& /*e*/, const EventInfo& /*info*/) {
  discontinued = false;
}

void Product::describe(FieldVisitor& v, Product& p) {
  v.shown("id", p.id, "The product");
  v.shown("sku", p.sku, "Article code");
  v.shown("name", p.name, "Name");
  v.shown("category", p.category, "Category");
  v.shown("series", p.series, "Series or sub-category");
  v.shown("price", p.price, "List price");
  v.shown("discontinued", p.discontinued, "Withdrawn from sale");
}

void ProductFacts::describe(FieldVisitor& v, ProductFacts& f) {
  v.fact("category", f.category, "Category");
  v.fact("series", f.series, "Series or sub-category");
  v.fact("price", f.price, "List price");
}

void CreateProduct::describe(FieldVisitor& v, CreateProduct& c) {
  v.fact("sku", c.sku, "Article code, unique", non_empty(200));
  v.fact("name", c.name, "Name", non_empty(500));
  ProductFacts::describe(v, c.facts);
}

Result<CreateProduct::Model> CreateProduct::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Product>(id));
  FACTUM_TRY(model.sku_holder, reader.holder(kSkuSpace, trimmed(sku)));
  return model;
}

Result<Decision> CreateProduct::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.exists()) {
    FACTUM_CHECK(change_product(decision, model.self, name, facts, context));
    return decision;
  }
  FACTUM_CHECK(check_price(decision, facts, context));
  const bool free = is_free(model.sku_holder, id.tag());
  FACTUM_CHECK(decision.require(free, rules::kProductSkuTaken, context));
  if (free)
    decision.claim(std::string(kSkuSpace), std::string(trimmed(sku)), Claim::Action::take,
                   id.tag());
  decision.emit(ProductCreated{id, std::string(trimmed(sku)), name, given(facts.category),
                               given(facts.series), facts.price},
                context);
  return decision;
}

void ChangeProduct::describe(FieldVisitor& v, ChangeProduct& c) {
  v.fact("name", c.name, "Name", non_empty(500));
  ProductFacts::describe(v, c.facts);
}

Result<Decision> ChangeProduct::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(change_product(decision, model.self, name, facts, context));
  return decision;
}

void DiscontinueProduct::describe(FieldVisitor& /*v*/, DiscontinueProduct& /*c*/) {}

Result<Decision> DiscontinueProduct::decide(const Model& model,
                                            const DecisionContext& context) const {
  Decision decision;
  if (!model.self.state.discontinued) decision.emit(ProductDiscontinued{id}, context);
  return decision;
}

void ReinstateProduct::describe(FieldVisitor& /*v*/, ReinstateProduct& /*c*/) {}

Result<Decision> ReinstateProduct::decide(const Model& model,
                                          const DecisionContext& context) const {
  Decision decision;
  if (model.self.state.discontinued) decision.emit(ProductReinstated{id}, context);
  return decision;
}

}  // namespace factum::crm
