// The fold of the view funnel: flows between stages, open and closed deals.
#include "projections/calendar.hpp"
#include "projections/funnel.hpp"
#include "projections/funnel_rows.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

using namespace funnel_rows;

// ---- cells --------------------------------------------------------------------------------------

template <class Change>
void change_cells(ViewBatch& rows, const crm::PipelineId& pipeline,
                  const std::vector<Scope>& scopes, std::optional<Timestamp> at,
                  const std::string& stage, Change change) {
  for (const Scope& scope : scopes) {
    for (const std::string& key : period_cells(flow_prefix(pipeline, scope), at)) {
      auto& stages = rows.edit<FlowCell>(key).stages;
      StageCell& cell = stages[stage];
      change(cell);
      if (cell == StageCell{}) stages.erase(stage);
    }
  }
}

void enter(ViewBatch& rows, FunnelDeal& deal, const std::string& stage,
           std::optional<Timestamp> at) {
  const DealState& state = deal.state;
  const auto [visit, first] = deal.visits.try_emplace(stage);
  if (first) visit->second = {at, false, state.owner, state.products};
  change_cells(rows, state.pipeline, scopes_of(state.owner, state.products), at, stage,
               [&, is_first = first](StageCell& cell) {
                 ++cell.entered;
                 tally(cell.entered_value, state.amount);
                 if (is_first) ++cell.cohort_entered;
               });
}

// The deal has gone on from this stage, or has not after all: its cohort converts, once. Gives
// whether that is new.
bool set_converted(ViewBatch& rows, FunnelDeal& deal, const std::string& stage, bool converted) {
  const auto found = deal.visits.find(stage);
  if (found == deal.visits.end() || found->second.converted == converted) return false;
  Visit& visit = found->second;
  visit.converted = converted;
  change_cells(rows, deal.state.pipeline, scopes_of(visit.owner, visit.products), visit.entered_at,
               stage, [&](StageCell& cell) { cell.cohort_converted += converted ? 1 : -1; });
  return true;
}

std::int64_t& count_of(StageCell& cell, Leaving how) {
  switch (how) {
    case Leaving::forward: return cell.left_forward;
    case Leaving::back: return cell.left_back;
    case Leaving::won: return cell.won;
    case Leaving::lost: return cell.lost;
  }
  return cell.left_forward;
}

void count(ViewBatch& rows, const crm::PipelineId& pipeline, const Departure& departure,
           std::int64_t times) {
  change_cells(rows, pipeline, scopes_of(departure.owner, departure.products), departure.left_at,
               departure.stage, [&](StageCell& cell) {
                 count_of(cell, departure.how) += times;
                 if (!departure.dwell_micros) return;
                 cell.dwell_count += times;
                 cell.dwell_micros += Int128{*departure.dwell_micros} * times;
               });
}

Departure leave(ViewBatch& rows, const FunnelDeal& deal, const std::string& stage, Leaving how,
                std::optional<Timestamp> at) {
  Departure departure{stage, how, at, {}, deal.state.owner, deal.state.products};
  if (deal.in_stage == stage && deal.in_since && at && *at >= *deal.in_since)
    departure.dwell_micros = at->value() - deal.in_since->value();
  count(rows, deal.state.pipeline, departure, 1);
  return departure;
}

void move_into(FunnelDeal& deal, const std::string& stage, std::optional<Timestamp> at) {
  deal.in_stage = stage;
  deal.in_since = at;
}

// A stage the pipeline does not know counts as later than all it knows.
Leaving direction(ViewBatch& rows, const crm::PipelineId& pipeline, const std::string& from,
                  const std::string& to) {
  const PipelineRow* row = rows.find<PipelineRow>(ViewKey('p').id(pipeline));
  if (row == nullptr) return Leaving::forward;
  const auto rank = [row](const std::string& stage) {
    return std::find_if(row->stages.begin(), row->stages.end(),
                        [&](const crm::Stage& known) { return known.key == stage; });
  };
  return rank(to) < rank(from) ? Leaving::back : Leaving::forward;
}

void move(ViewBatch& rows, FunnelDeal& deal, const std::string& from, const std::string& to,
          std::optional<Timestamp> at) {
  if (from == to) return;
  if (!from.empty()) {
    const Leaving how = direction(rows, deal.state.pipeline, from, to);
    leave(rows, deal, from, how, at);
    if (how == Leaving::forward) set_converted(rows, deal, from, true);
  }
  enter(rows, deal, to, at);
  move_into(deal, to, at);
}

// ---- closing ------------------------------------------------------------------------------------

void convert_by(ViewBatch& rows, FunnelDeal& deal, Closing& closing, const std::string& stage) {
  if (closing.departure.how == Leaving::won && set_converted(rows, deal, stage, true))
    closing.converted.push_back(stage);
}

// The deal is again where it was before it was closed.
void take_back(ViewBatch& rows, FunnelDeal& deal, const Closing& closing) {
  count(rows, deal.state.pipeline, closing.departure, -1);
  for (const std::string& stage : closing.converted) set_converted(rows, deal, stage, false);
  move_into(deal, closing.in_stage, closing.in_since);
}

// A closing without reopening corrects the former one.
void close(ViewBatch& rows, FunnelDeal& deal, const std::string& from_stage, Leaving how,
           std::optional<Timestamp> at) {
  Closing closing;
  if (deal.closing) {
    take_back(rows, deal, *deal.closing);
    closing.opened_in = deal.closing->opened_in;
  }
  closing.in_stage = deal.in_stage;
  closing.in_since = deal.in_since;
  closing.departure =
      leave(rows, deal, deal.in_stage.empty() ? from_stage : deal.in_stage, how, at);
  convert_by(rows, deal, closing, closing.departure.stage);
  convert_by(rows, deal, closing, closing.opened_in);
  move_into(deal, {}, {});
  deal.closing = std::move(closing);
}

// ---- flows by event -----------------------------------------------------------------------------

void flow(ViewBatch& /*rows*/, FunnelDeal& /*deal*/, const DealState& /*before*/,
          const auto& /*event*/, std::optional<Timestamp> /*at*/) {}

// A deal that was closed before its opening was recorded has been in that stage all the same.
void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before, const crm::DealOpened& e,
          std::optional<Timestamp> at) {
  if (before.opened) return;
  enter(rows, deal, e.stage, at);
  if (before.status == DealStatus::none) move_into(deal, e.stage, at);
  if (!deal.closing) return;
  deal.closing->opened_in = e.stage;
  convert_by(rows, deal, *deal.closing, e.stage);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before,
          const crm::DealStageChanged& e, std::optional<Timestamp> at) {
  if (before.is_closed()) return;
  move(rows, deal, deal.in_stage.empty() ? e.from_stage : deal.in_stage, e.to_stage, at);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before, const crm::DealReopened& e,
          std::optional<Timestamp> at) {
  deal.closing.reset();
  move(rows, deal, before.is_closed() ? std::string{} : deal.in_stage, e.stage, at);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& /*before*/, const crm::DealWon& e,
          std::optional<Timestamp> at) {
  close(rows, deal, e.from_stage, Leaving::won, at);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& /*before*/, const crm::DealLost& e,
          std::optional<Timestamp> at) {
  close(rows, deal, e.from_stage, Leaving::lost, at);
}

// ---- open and closed deals ----------------------------------------------------------------------

void count_expected(ViewBatch& rows, const DealState& deal, const Scope& scope,
                    std::int64_t times) {
  for (const std::string& key :
       period_cells_of_day(expected_prefix(deal.pipeline, scope), *deal.expected_close)) {
    auto& stages = rows.edit<ExpectedCell>(key).stages;
    ExpectedStage& stage = stages[deal.stage];
    stage.deals += times;
    if (!deal.amount) stage.without_amount += times;
    tally(stage.value, deal.amount, times);
    if (stage.deals == 0) stages.erase(deal.stage);
  }
}

void count_open(ViewBatch& rows, const DealState& deal, std::int64_t times) {
  for (const Scope& scope : scopes_of(deal.owner, deal.products)) {
    OpenCell& cell = rows.edit<OpenCell>(open_key(deal.pipeline, scope));
    OpenStage& stage = cell.stages[deal.stage];
    stage.deals += times;
    tally(stage.value, deal.amount, times);
    if (stage.deals == 0) cell.stages.erase(deal.stage);
    if (deal.expected_close) {
      count_expected(rows, deal, scope, times);
      continue;
    }
    cell.undated += times;
    tally(cell.undated_value, deal.amount, times);
  }
}

std::optional<std::int64_t> cycle_of(const DealState& deal) {
  if (!deal.opened_at || !deal.closed_at || *deal.closed_at < *deal.opened_at) return std::nullopt;
  return deal.closed_at->value() - deal.opened_at->value();
}

void count_closed(ViewBatch& rows, const crm::DealId& id, const DealState& deal,
                  std::int64_t times) {
  const ClosedDeal closed{deal.status == DealStatus::won, deal.value(), cycle_of(deal)};
  for (const Scope& scope : scopes_of(deal.owner, deal.products)) {
    for (const std::string& key : period_cells(flow_prefix(deal.pipeline, scope), deal.closed_at))
      rows.edit<FlowCell>(key).closed.add(closed, times);
  }
  if (!closed.won || !closed.cycle_micros) return;
  const std::string key =
      cycle_key(deal.pipeline, *closed.cycle_micros, date_of(*deal.closed_at), id);
  if (times < 0)
    rows.erase(key);
  else
    rows.put(key, CycleRow{*closed.cycle_micros, deal.owner, deal.products});
}

void recount(ViewBatch& rows, const crm::DealId& id, const DealState& before,
             const DealState& after) {
  if (before == after) return;
  if (before.is_open()) count_open(rows, before, -1);
  if (before.is_closed()) count_closed(rows, id, before, -1);
  if (after.is_open()) count_open(rows, after, 1);
  if (after.is_closed()) count_closed(rows, id, after, 1);
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  const auto occurred = at.record().occurred_at;
  FunnelDeal& deal = rows.edit<FunnelDeal>(ViewKey('D').id(e.deal));
  const DealState before = deal.state;
  evolve(deal.state, e, occurred);
  flow(rows, deal, before, e, occurred);
  recount(rows, e.deal, before, deal.state);
}

template <class... E>
void register_each(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&on_deal<E>), ...);
}

template <class E>
void on_pipeline(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  PipelineRow& row = rows.edit<PipelineRow>(ViewKey('p').id(e.pipeline));
  row.name = e.name;
  row.stages = e.stages;
}

}  // namespace

Projection funnel_projection() {
  Projection projection("funnel", 5, "How deals flow through the stages of a pipeline");
  projection.on<crm::PipelineDefined>(&on_pipeline<crm::PipelineDefined>);
  projection.on<crm::PipelineChanged>(&on_pipeline<crm::PipelineChanged>);
  register_each(projection, DealStateEvents{});
  return projection;
}

}  // namespace factum::projections
