// Events of products.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct ProductCreated {
  static constexpr std::string_view kName = "ProductCreated";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A product can be sold";

  ProductId product;
  std::string sku;
  std::string name;
  std::optional<std::string> category;
  std::optional<std::string> series;
  std::optional<Money> price;

  static void describe(FieldVisitor& v, ProductCreated& e) {
    v.id("product", e.product, "The product");
    v.fact("sku", e.sku, "Article code", non_empty(200));
    v.fact("name", e.name, "Name", non_empty(500));
    v.fact("category", e.category, "Category");
    v.fact("series", e.series, "Series or sub-category");
    v.fact("price", e.price, "List price");
  }
};

struct ProductChanged {
  static constexpr std::string_view kName = "ProductChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Details of a product changed; absent fields stay";

  ProductId product;
  std::optional<std::string> name;
  std::optional<std::string> category;
  std::optional<std::string> series;
  std::optional<Money> price;

  static void describe(FieldVisitor& v, ProductChanged& e) {
    v.id("product", e.product, "The product");
    v.fact("name", e.name, "Name");
    v.fact("category", e.category, "Category");
    v.fact("series", e.series, "Series or sub-category");
    v.fact("price", e.price, "List price");
  }
};

struct ProductDiscontinued {
  static constexpr std::string_view kName = "ProductDiscontinued";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The product is withdrawn";

  ProductId product;

  static void describe(FieldVisitor& v, ProductDiscontinued& e) {
    v.id("product", e.product, "The product");
  }
};

struct ProductReinstated {
  static constexpr std::string_view kName = "ProductReinstated";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The product can be sold again";

  ProductId product;

  static void describe(FieldVisitor& v, ProductReinstated& e) {
    v.id("product", e.product, "The product");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using ProductEvents =
    TypeList<ProductCreated, ProductChanged, ProductDiscontinued, ProductReinstated>;

}  // namespace factum::crm
