#include "projections/catalog.hpp"

#include "core/crm/deal_events.hpp"
#include "core/crm/differences.hpp"
#include "core/crm/product_events.hpp"
#include "projections/merged_scan.hpp"

namespace factum::projections {
namespace {

// Tables: 'p' product; 's' article code, product: nothing; 'l' pipeline.
std::string sku_key(const std::string& sku, const crm::ProductId& product) {
  return ViewKey('s').text(sku).id(product).str();
}

ProductEntry& product_of(ViewBatch& rows, const crm::ProductId& id) {
  ProductEntry& product = rows.edit<ProductEntry>(ViewKey('p').id(id));
  product.product = id;
  return product;
}

void created(ViewBatch& rows, const crm::ProductCreated& e, const DecodedEvent& /*at*/) {
  ProductEntry& product = product_of(rows, e.product);
  if (!product.sku.empty()) rows.erase(sku_key(product.sku, e.product));
  rows.put_bytes(sku_key(e.sku, e.product), {});
  product.sku = e.sku;
  product.name = e.name;
  product.category = e.category;
  product.series = e.series;
  product.price = e.price;
}

void changed(ViewBatch& rows, const crm::ProductChanged& e, const DecodedEvent& /*at*/) {
  ProductEntry& product = product_of(rows, e.product);
  if (e.name) product.name = *e.name;
  crm::take_over(product.category, e.category);
  crm::take_over(product.series, e.series);
  crm::take_over(product.price, e.price);
}

template <class E>
void set_discontinued(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  product_of(rows, e.product).discontinued = std::is_same_v<E, crm::ProductDiscontinued>;
}

template <class E>
void set_pipeline(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  PipelineEntry& pipeline = rows.edit<PipelineEntry>(ViewKey('l').id(e.pipeline));
  pipeline.pipeline = e.pipeline;
  pipeline.name = e.name;
  pipeline.stages = e.stages;
  pipeline.moves = e.moves;
}

void retired(ViewBatch& rows, const crm::PipelineRetired& e, const DecodedEvent& /*at*/) {
  PipelineEntry& pipeline = rows.edit<PipelineEntry>(ViewKey('l').id(e.pipeline));
  pipeline.pipeline = e.pipeline;
  pipeline.retired = true;
}

}  // namespace

Projection catalog_projection() {
  Projection projection("catalog", 2, "Products and pipelines");
  projection.on<crm::ProductCreated>(&created);
  projection.on<crm::ProductChanged>(&changed);
  projection.on<crm::ProductDiscontinued>(&set_discontinued<crm::ProductDiscontinued>);
  projection.on<crm::ProductReinstated>(&set_discontinued<crm::ProductReinstated>);
  projection.on<crm::PipelineDefined>(&set_pipeline<crm::PipelineDefined>);
  projection.on<crm::PipelineChanged>(&set_pipeline<crm::PipelineChanged>);
  projection.on<crm::PipelineRetired>(&retired);
  return projection;
}

Result<ProductEntry> product_entry(const ViewReader& rows, const crm::ProductId& product) {
  FACTUM_TRY(const auto bytes, rows.get(ViewKey('p').id(product).str()));
  if (!bytes) return fail(ErrorCode::not_found, "there is no such product");
  return decode_row<ProductEntry>(*bytes);
}

Result<Page<ProductEntry>> products(const ViewReader& rows, const ProductQuery& query) {
  const std::string prefix = query.sku ? ViewKey('s').text(*query.sku).str() : std::string(1, 's');
  const MergedScan scan{.prefixes = {prefix}, .from = {}, .to = {}, .page = query.page};
  Page<ProductEntry> page;
  const auto take = [&](std::string_view key, std::string_view /*value*/) -> Result<bool> {
    constexpr std::size_t kIdBytes = 16;
    ViewKeyReader reader(key.substr(key.size() - kIdBytes - 1));
    FACTUM_TRY(ProductEntry product, product_entry(rows, crm::ProductId{reader.id()}));
    if (product.discontinued && !query.with_discontinued) return false;
    page.items.push_back(std::move(product));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

Result<std::vector<PipelineEntry>> pipelines(const ViewReader& rows) {
  std::vector<PipelineEntry> all;
  Status status;
  FACTUM_CHECK(rows.scan(rows_with_prefix("l"), [&](std::string_view, std::string_view value) {
    auto pipeline = decode_row<PipelineEntry>(value);
    if (pipeline)
      all.push_back(std::move(*pipeline));
    else
      status = fail(std::move(pipeline).error());
    return status.has_value();
  }));
  FACTUM_CHECK(std::move(status));
  return all;
}

void ProductEntry::describe(FieldVisitor& v, ProductEntry& p) {
  v.shown("product", p.product, "The product");
  v.shown("sku", p.sku, "Article code");
  v.shown("name", p.name, "Name");
  v.shown("category", p.category, "Category");
  v.shown("series", p.series, "Series or sub-category");
  v.shown("price", p.price, "List price");
  v.shown("discontinued", p.discontinued, "Withdrawn");
}

void PipelineEntry::describe(FieldVisitor& v, PipelineEntry& p) {
  v.shown("pipeline", p.pipeline, "The pipeline");
  v.shown("name", p.name, "Name");
  v.shown("stages", p.stages, "The stages in order");
  v.shown("moves", p.moves, "Allowed moves; none = every move between open stages");
  v.shown("retired", p.retired, "No new deals enter it");
}

}  // namespace factum::projections
