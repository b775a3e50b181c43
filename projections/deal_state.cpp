#include "projections/deal_state.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

std::vector<crm::ProductId> products_of(const std::vector<crm::DealLine>& lines) {
  std::vector<crm::ProductId> products;
  for (const crm::DealLine& line : lines) products.push_back(line.product);
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  if (products.size() > kDealProductsMax) products.resize(kDealProductsMax);
  return products;
}

template <class T>
void set_if_absent(std::optional<T>& known, const std::optional<T>& said) {
  if (!known) known = said;
}

void close(DealState& deal, DealStatus status, const crm::PipelineId& pipeline,
           const std::string& from_stage, std::optional<Timestamp> at) {
  if (deal.pipeline.is_nil()) deal.pipeline = pipeline;
  if (deal.stage.empty()) deal.stage = from_stage;
  deal.status = status;
  deal.closed_at = at;
}

}  // namespace

void DealState::describe(FieldVisitor& v, DealState& d) {
  v.shown("status", d.status, "Whether it is open");
  v.shown("opened", d.opened, "Whether its opening is recorded");
  v.shown("archived", d.archived, "Out of sight");
  v.shown("pipeline", d.pipeline, "The pipeline");
  v.shown("customer", d.customer, "The customer");
  v.shown("stage", d.stage, "The stage it is in, or was in when it was closed");
  v.shown("amount", d.amount, "Expected value");
  v.shown("won_amount", d.won_amount, "Final value of a won deal");
  v.shown("expected_close", d.expected_close, "Expected day of closing");
  v.shown("owner", d.owner, "Who works on it");
  v.shown("products", d.products, "Products");
  v.shown("opened_at", d.opened_at, "When it was opened");
  v.shown("stage_entered_at", d.stage_entered_at, "When it entered the stage");
  v.shown("closed_at", d.closed_at, "When it was won or lost");
}

// An opening that is recorded late tells only what is not known yet.
void evolve(DealState& deal, const crm::DealOpened& e, std::optional<Timestamp> at) {
  if (deal.opened) return;
  deal.opened = true;
  deal.opened_at = at;
  if (deal.pipeline.is_nil()) deal.pipeline = e.pipeline;
  set_if_absent(deal.customer, e.customer);
  set_if_absent(deal.amount, e.amount);
  set_if_absent(deal.expected_close, e.expected_close);
  set_if_absent(deal.owner, e.owner);
  if (deal.products.empty()) deal.products = products_of(e.lines);
  if (deal.status == DealStatus::none) {
    deal.status = DealStatus::open;
    deal.stage = e.stage;
    deal.stage_entered_at = at;
  }
}

void evolve(DealState& deal, const crm::DealStageChanged& e, std::optional<Timestamp> at) {
  if (deal.is_closed()) return;
  if (deal.pipeline.is_nil()) deal.pipeline = e.pipeline;
  deal.status = DealStatus::open;
  deal.stage = e.to_stage;
  deal.stage_entered_at = at;
}

void evolve(DealState& deal, const crm::DealAmountChanged& e, std::optional<Timestamp> /*at*/) {
  deal.amount = e.amount;
}

void evolve(DealState& deal, const crm::DealCloseDateChanged& e, std::optional<Timestamp> /*at*/) {
  deal.expected_close = e.expected_close;
}

void evolve(DealState& deal, const crm::DealOwnerAssigned& e, std::optional<Timestamp> /*at*/) {
  deal.owner = e.owner;
}

void evolve(DealState& deal, const crm::DealLinesChanged& e, std::optional<Timestamp> /*at*/) {
  deal.products = products_of(e.lines);
}

void evolve(DealState& deal, const crm::DealCustomerAssigned& e, std::optional<Timestamp> /*at*/) {
  deal.customer = e.customer;
}

void evolve(DealState& deal, const crm::DealWon& e, std::optional<Timestamp> at) {
  close(deal, DealStatus::won, e.pipeline, e.from_stage, at);
  deal.won_amount = e.amount;
}

void evolve(DealState& deal, const crm::DealLost& e, std::optional<Timestamp> at) {
  close(deal, DealStatus::lost, e.pipeline, e.from_stage, at);
  deal.won_amount.reset();
}

void evolve(DealState& deal, const crm::DealReopened& e, std::optional<Timestamp> at) {
  if (deal.pipeline.is_nil()) deal.pipeline = e.pipeline;
  deal.status = DealStatus::open;
  deal.stage = e.stage;
  deal.stage_entered_at = at;
  deal.closed_at.reset();
  deal.won_amount.reset();
}

void evolve(DealState& deal, const crm::DealArchived& /*e*/, std::optional<Timestamp> /*at*/) {
  deal.archived = true;
}

void evolve(DealState& deal, const crm::DealRestored& /*e*/, std::optional<Timestamp> /*at*/) {
  deal.archived = false;
}

}  // namespace factum::projections
