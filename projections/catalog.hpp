// The view catalog: products and pipelines.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

struct ProductEntry {
  crm::ProductId product;
  std::string sku;
  std::string name;
  std::optional<std::string> category;
  std::optional<std::string> series;
  std::optional<Money> price;
  bool discontinued = false;

  static void describe(FieldVisitor& v, ProductEntry& p);
};

struct PipelineEntry {
  crm::PipelineId pipeline;
  std::string name;
  std::vector<crm::Stage> stages;
  std::vector<crm::StageMove> moves;
  bool retired = false;

  static void describe(FieldVisitor& v, PipelineEntry& p);
};

struct ProductQuery {
  std::optional<std::string> sku = {};  ///< the product with this article code, if any
  bool with_discontinued = true;
  PageRequest page = {};
};

Projection catalog_projection();

/// By article code. Errors: corrupt, io_error.
Result<Page<ProductEntry>> products(const ViewReader& rows, const ProductQuery& query);
/// Errors: not_found, corrupt, io_error.
Result<ProductEntry> product_entry(const ViewReader& rows, const crm::ProductId& product);
/// All pipelines, by id, retired ones included. Errors: corrupt, io_error.
Result<std::vector<PipelineEntry>> pipelines(const ViewReader& rows);

}  // namespace factum::projections
