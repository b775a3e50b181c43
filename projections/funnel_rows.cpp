#include "projections/funnel_rows.hpp"

namespace factum::projections::funnel_rows {
namespace {

constexpr std::uint8_t kUndated = 0;
constexpr std::uint8_t kDated = 1;

ViewKey scoped(char table, const crm::PipelineId& pipeline, const Scope& scope) {
  ViewKey key(table);
  const int kind = (scope.owner ? 1 : 0) + (scope.product ? 2 : 0);
  key.id(pipeline).byte(static_cast<std::uint8_t>(kind));
  if (scope.owner) key.id(*scope.owner);
  if (scope.product) key.id(*scope.product);
  return key;
}

ViewKey listed(char table, const crm::PipelineId& pipeline, std::optional<Date> date) {
  ViewKey key(table);
  key.id(pipeline).byte(date ? kDated : kUndated);
  if (date) key.date(*date);
  return key;
}

}  // namespace

std::vector<Scope> scopes_of(const std::optional<crm::UserId>& owner,
                             const std::vector<crm::ProductId>& products) {
  std::vector<Scope> scopes{{}};
  if (owner) scopes.push_back({owner, {}});
  for (const crm::ProductId& product : products) {
    scopes.push_back({{}, product});
    if (owner) scopes.push_back({owner, product});
  }
  return scopes;
}

std::string open_key(const crm::PipelineId& pipeline, const Scope& scope) {
  return scoped('n', pipeline, scope).str();
}

std::string flow_prefix(const crm::PipelineId& pipeline, const Scope& scope) {
  return scoped('f', pipeline, scope).str();
}

std::string open_deal_key(const crm::PipelineId& pipeline, std::optional<Date> expected_close,
                          const crm::DealId& deal) {
  return listed('o', pipeline, expected_close).id(deal).str();
}

std::string closed_deal_key(const crm::PipelineId& pipeline, std::optional<Timestamp> closed_at,
                            const crm::DealId& deal) {
  const auto day = closed_at ? std::optional(date_of(*closed_at)) : std::nullopt;
  return listed('w', pipeline, day).id(deal).str();
}

RowRange dated_rows(char table, const crm::PipelineId& pipeline, std::optional<Date> from,
                    std::optional<Date> to) {
  RowRange range = rows_with_prefix(ViewKey(table).id(pipeline).byte(kDated).str());
  if (from) range.from = listed(table, pipeline, from).str();
  if (to) range.to = listed(table, pipeline, to).str();
  return range;
}

RowRange undated_rows(char table, const crm::PipelineId& pipeline) {
  return rows_with_prefix(ViewKey(table).id(pipeline).byte(kUndated).str());
}

void PipelineRow::describe(FieldVisitor& v, PipelineRow& p) {
  v.shown("name", p.name, "Name");
  v.shown("stages", p.stages, "The stages in order");
}

void Visit::describe(FieldVisitor& v, Visit& visit) {
  v.shown("entered_at", visit.entered_at, "When it entered first");
  v.shown("converted", visit.converted, "Whether it has left forward since");
  v.shown("owner", visit.owner, "Owner then");
  v.shown("products", visit.products, "Products then");
}

void Departure::describe(FieldVisitor& v, Departure& d) {
  v.shown("stage", d.stage, "The stage it leaves");
  v.shown("how", d.how, "Where to");
  v.shown("left_at", d.left_at, "When");
  v.shown("dwell_micros", d.dwell_micros, "Time spent there");
  v.shown("owner", d.owner, "Owner then");
  v.shown("products", d.products, "Products then");
}

void Closing::describe(FieldVisitor& v, Closing& c) {
  v.shown("departure", c.departure, "What was counted at the stage it left");
  v.shown("converted", c.converted, "Stages whose cohorts it has converted");
  v.shown("opened_in", c.opened_in, "Stage of an opening that was recorded since");
  v.shown("in_stage", c.in_stage, "Where it was before");
  v.shown("in_since", c.in_since, "Since when");
}

void FunnelDeal::describe(FieldVisitor& v, FunnelDeal& d) {
  v.shown("state", d.state, "The deal");
  v.shown("in_stage", d.in_stage, "Where it is");
  v.shown("in_since", d.in_since, "Since when");
  v.shown("visits", d.visits, "First visits by stage");
  v.shown("closing", d.closing, "How it was closed");
}

void StageCell::add(const StageCell& more) {
  entered += more.entered;
  merge(entered_value, more.entered_value);
  left_forward += more.left_forward;
  left_back += more.left_back;
  won += more.won;
  lost += more.lost;
  dwell_micros += more.dwell_micros;
  dwell_count += more.dwell_count;
  cohort_entered += more.cohort_entered;
  cohort_converted += more.cohort_converted;
}

void StageCell::describe(FieldVisitor& v, StageCell& c) {
  v.shown("entered", c.entered, "Entries");
  v.shown("entered_value", c.entered_value, "Value of the entries");
  v.shown("left_forward", c.left_forward, "Left to a later stage");
  v.shown("left_back", c.left_back, "Left to an earlier stage");
  v.shown("won", c.won, "Won from here");
  v.shown("lost", c.lost, "Lost from here");
  v.shown("dwell_micros", c.dwell_micros, "Time spent by those that left");
  v.shown("dwell_count", c.dwell_count, "How many of these have both times");
  v.shown("cohort_entered", c.cohort_entered, "Deals that entered for the first time");
  v.shown("cohort_converted", c.cohort_converted, "How many of them left forward, whenever");
}

void FlowCell::describe(FieldVisitor& v, FlowCell& c) { v.shown("stages", c.stages, "By stage"); }

void OpenStage::describe(FieldVisitor& v, OpenStage& s) {
  v.shown("deals", s.deals, "Open deals");
  v.shown("value", s.value, "Their value");
}

void OpenCell::describe(FieldVisitor& v, OpenCell& c) {
  v.shown("stages", c.stages, "By stage");
  v.shown("undated", c.undated, "Without expected close");
  v.shown("undated_value", c.undated_value, "Their value");
}

void OpenDeal::describe(FieldVisitor& v, OpenDeal& d) {
  v.shown("stage", d.stage, "Stage");
  v.shown("amount", d.amount, "Value");
  v.shown("owner", d.owner, "Owner");
  v.shown("products", d.products, "Products");
}

void ClosedDeal::describe(FieldVisitor& v, ClosedDeal& d) {
  v.shown("won", d.won, "Won or lost");
  v.shown("amount", d.amount, "Value");
  v.shown("cycle_micros", d.cycle_micros, "From opening to closing");
  v.shown("owner", d.owner, "Owner");
  v.shown("products", d.products, "Products");
}

}  // namespace factum::projections::funnel_rows
