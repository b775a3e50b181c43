#include "projections/funnel_rows.hpp"

#include "projections/calendar.hpp"

#include <algorithm>
#include <bit>

namespace factum::projections::funnel_rows {
namespace {

// Buckets of a doubling of the length.
constexpr int kBucketBits = 6;

ViewKey scoped(char table, const crm::PipelineId& pipeline, const Scope& scope) {
  ViewKey key(table);
  const int kind = (scope.owner ? 1 : 0) + (scope.product ? 2 : 0);
  key.id(pipeline).byte(static_cast<std::uint8_t>(kind));
  if (scope.owner) key.id(*scope.owner);
  if (scope.product) key.id(*scope.product);
  return key;
}

ViewKey bucket_key(const crm::PipelineId& pipeline, std::int64_t bucket) {
  return ViewKey('c').id(pipeline).i64(bucket);
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

std::string expected_prefix(const crm::PipelineId& pipeline, const Scope& scope) {
  return scoped('e', pipeline, scope).str();
}

std::int64_t cycle_bucket(std::int64_t micros) {
  const auto length = static_cast<std::uint64_t>(micros);
  const int shift = std::max(0, static_cast<int>(std::bit_width(length)) - kBucketBits - 1);
  return (std::int64_t{shift} << kBucketBits) + static_cast<std::int64_t>(length >> shift);
}

std::string cycle_key(const crm::PipelineId& pipeline, std::int64_t micros, Date closed,
                      const crm::DealId& deal) {
  return bucket_key(pipeline, cycle_bucket(micros)).date(report_day(closed)).id(deal).str();
}

RowRange cycle_rows(const crm::PipelineId& pipeline, std::int64_t bucket, std::optional<Date> from,
                    std::optional<Date> to) {
  RowRange range = rows_with_prefix(bucket_key(pipeline, bucket).str());
  if (from) range.from = bucket_key(pipeline, bucket).date(report_day(*from)).str();
  if (to) range.to = bucket_key(pipeline, bucket).date(report_day(*to)).str();
  return range;
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

void CycleCount::describe(FieldVisitor& v, CycleCount& c) {
  v.shown("bucket", c.bucket, "Length of the cycle, see cycle_bucket");
  v.shown("deals", c.deals, "Deals won after about so long");
}

void ClosedCell::add(const ClosedDeal& deal, std::int64_t times) {
  (deal.won ? won : lost) += times;
  tally(deal.won ? won_value : lost_value, deal.amount, times);
  if (!deal.won || !deal.cycle_micros) return;
  cycle_micros += Int128{*deal.cycle_micros} * times;
  add_cycles(cycle_bucket(*deal.cycle_micros), times);
}

void ClosedCell::add(const ClosedCell& more) {
  won += more.won;
  merge(won_value, more.won_value);
  lost += more.lost;
  merge(lost_value, more.lost_value);
  cycle_micros += more.cycle_micros;
  for (const CycleCount& some : more.cycles) add_cycles(some.bucket, some.deals);
}

void ClosedCell::add_cycles(std::int64_t bucket, std::int64_t deals) {
  const auto at = std::lower_bound(
      cycles.begin(), cycles.end(), bucket,
      [](const CycleCount& known, std::int64_t wanted) { return known.bucket < wanted; });
  if (at == cycles.end() || at->bucket != bucket) {
    cycles.insert(at, {bucket, deals});
    return;
  }
  at->deals += deals;
  if (at->deals == 0) cycles.erase(at);
}

std::int64_t ClosedCell::cycle_count() const {
  std::int64_t count = 0;
  for (const CycleCount& some : cycles) count += some.deals;
  return count;
}

void ClosedCell::describe(FieldVisitor& v, ClosedCell& c) {
  v.shown("won", c.won, "Deals won");
  v.shown("won_value", c.won_value, "Their value");
  v.shown("lost", c.lost, "Deals lost");
  v.shown("lost_value", c.lost_value, "Their value");
  v.shown("cycle_micros", c.cycle_micros, "From opening to winning, all together");
  v.shown("cycles", c.cycles, "How many took how long");
}

void FlowCell::describe(FieldVisitor& v, FlowCell& c) {
  v.shown("stages", c.stages, "By stage");
  v.shown("closed", c.closed, "Closed deals");
}

void OpenStage::describe(FieldVisitor& v, OpenStage& s) {
  v.shown("deals", s.deals, "Open deals");
  v.shown("value", s.value, "Their value");
}

void OpenCell::describe(FieldVisitor& v, OpenCell& c) {
  v.shown("stages", c.stages, "By stage");
  v.shown("undated", c.undated, "Without expected close");
  v.shown("undated_value", c.undated_value, "Their value");
}

void ExpectedStage::describe(FieldVisitor& v, ExpectedStage& s) {
  v.shown("deals", s.deals, "Open deals");
  v.shown("without_amount", s.without_amount, "How many of them have no amount");
  v.shown("value", s.value, "Their value");
}

void ExpectedCell::describe(FieldVisitor& v, ExpectedCell& c) {
  v.shown("stages", c.stages, "By stage");
}

void CycleRow::describe(FieldVisitor& v, CycleRow& r) {
  v.shown("micros", r.micros, "From opening to winning");
  v.shown("owner", r.owner, "Owner");
  v.shown("products", r.products, "Products");
}

}  // namespace factum::projections::funnel_rows
