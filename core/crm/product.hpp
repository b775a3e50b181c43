// Products: what is sold; state, commands and rules.
#pragma once

#include "core/crm/product_events.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace factum::crm {

/// A product as its events leave it.
struct Product {
  using Id = ProductId;
  using Events = ProductEvents;

  ProductId id;
  std::string sku;
  std::string name;
  std::optional<std::string> category;
  std::optional<std::string> series;
  std::optional<Money> price;
  bool discontinued = false;

  void evolve(const ProductCreated& e, const EventInfo& info);
  void evolve(const ProductChanged& e, const EventInfo& info);
  void evolve(const ProductDiscontinued& e, const EventInfo& info);
  void evolve(const ProductReinstated& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Product& p);
};

/// The details of a product that can change. Absent = leave it; an empty text takes a detail away.
struct ProductFacts {
  std::optional<std::string> category;
  std::optional<std::string> series;
  std::optional<Money> price;

  static void describe(FieldVisitor& v, ProductFacts& f);
};

struct CreateProduct : CreationOf<Product> {
  static constexpr std::string_view kName = "CreateProduct";
  static constexpr std::string_view kDoc = "Puts a product into the catalogue";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"name", "category", "series", "price", "occurred_at"});

  struct Model {
    Folded<Product> self;
    std::optional<std::string> sku_holder;
  };

  std::string sku;
  std::string name;
  ProductFacts facts;

  static void describe(FieldVisitor& v, CreateProduct& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeProduct : CommandOn<Product> {
  static constexpr std::string_view kName = "ChangeProduct";
  static constexpr std::string_view kDoc = "Changes details; absent fields stay";

  std::optional<std::string> name;
  ProductFacts facts;

  static void describe(FieldVisitor& v, ChangeProduct& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct DiscontinueProduct : CommandOn<Product> {
  static constexpr std::string_view kName = "DiscontinueProduct";
  static constexpr std::string_view kDoc = "Withdraws the product from sale";

  static void describe(FieldVisitor& v, DiscontinueProduct& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReinstateProduct : CommandOn<Product> {
  static constexpr std::string_view kName = "ReinstateProduct";
  static constexpr std::string_view kDoc = "Sells a withdrawn product again";

  static void describe(FieldVisitor& v, ReinstateProduct& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kProductSkuTaken{"product.sku_taken",
                                       "another product has this article code"};
inline constexpr Rule kProductPriceNegative{"product.price_negative",
                                            "a list price is zero or more"};
}  // namespace rules

using ProductCommands =
    TypeList<CreateProduct, ChangeProduct, DiscontinueProduct, ReinstateProduct>;
using ProductEntities = TypeList<Product>;

}  // namespace factum::crm
