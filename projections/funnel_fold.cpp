// The fold of the view funnel: flows between stages, and lists of open and closed deals.
#include "projections/calendar.hpp"
#include "projections/funnel.hpp"
#include "projections/funnel_rows.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

using namespace funnel_rows;

enum class Leave { forward, back, won, lost };

// ---- cells --------------------------------------------------------------------------------------

template <class Change>
void change_cells(ViewBatch& rows, const crm::PipelineId& pipeline,
                  const std::vector<Scope>& scopes, std::optional<Timestamp> at,
                  const std::string& stage, Change change) {
  for (const Scope& scope : scopes) {
    for (const std::string& key : period_cells(flow_prefix(pipeline, scope), at))
      change(rows.edit<FlowCell>(key).stages[stage]);
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

// The deal has gone on from this stage: its cohort converts, once.
void convert(ViewBatch& rows, FunnelDeal& deal, const std::string& stage) {
  const auto visit = deal.visits.find(stage);
  if (visit == deal.visits.end() || visit->second.converted) return;
  visit->second.converted = true;
  change_cells(rows, deal.state.pipeline, scopes_of(visit->second.owner, visit->second.products),
               visit->second.entered_at, stage, [](StageCell& cell) { ++cell.cohort_converted; });
}

void leave(ViewBatch& rows, FunnelDeal& deal, const std::string& stage, Leave how,
           std::optional<Timestamp> at) {
  const bool timed = deal.in_stage == stage && deal.in_since && at && *at >= *deal.in_since;
  const std::int64_t dwell = timed ? at->value() - deal.in_since->value() : 0;
  change_cells(rows, deal.state.pipeline, scopes_of(deal.state.owner, deal.state.products), at,
               stage, [&](StageCell& cell) {
                 switch (how) {
                   case Leave::forward: ++cell.left_forward; break;
                   case Leave::back: ++cell.left_back; break;
                   case Leave::won: ++cell.won; break;
                   case Leave::lost: ++cell.lost; break;
                 }
                 if (!timed) return;
                 ++cell.dwell_count;
                 cell.dwell_micros += dwell;
               });
  if (how == Leave::forward || how == Leave::won) convert(rows, deal, stage);
}

void move_into(FunnelDeal& deal, const std::string& stage, std::optional<Timestamp> at) {
  deal.in_stage = stage;
  deal.in_since = at;
}

// A stage the pipeline does not know counts as later than all it knows.
Leave direction(ViewBatch& rows, const crm::PipelineId& pipeline, const std::string& from,
                const std::string& to) {
  const PipelineRow* row = rows.find<PipelineRow>(ViewKey('p').id(pipeline));
  if (row == nullptr) return Leave::forward;
  const auto rank = [row](const std::string& stage) {
    return std::find_if(row->stages.begin(), row->stages.end(),
                        [&](const crm::Stage& known) { return known.key == stage; });
  };
  return rank(to) < rank(from) ? Leave::back : Leave::forward;
}

void move(ViewBatch& rows, FunnelDeal& deal, const std::string& from, const std::string& to,
          std::optional<Timestamp> at) {
  if (from == to) return;
  if (!from.empty()) leave(rows, deal, from, direction(rows, deal.state.pipeline, from, to), at);
  enter(rows, deal, to, at);
  move_into(deal, to, at);
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
  if (before.status == DealStatus::won) convert(rows, deal, e.stage);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before,
          const crm::DealStageChanged& e, std::optional<Timestamp> at) {
  if (before.is_closed()) return;
  move(rows, deal, deal.in_stage.empty() ? e.from_stage : deal.in_stage, e.to_stage, at);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before, const crm::DealReopened& e,
          std::optional<Timestamp> at) {
  move(rows, deal, before.is_closed() ? std::string{} : deal.in_stage, e.stage, at);
}

void close(ViewBatch& rows, FunnelDeal& deal, const DealState& before,
           const std::string& from_stage, Leave how, std::optional<Timestamp> at) {
  if (!before.is_closed())
    leave(rows, deal, deal.in_stage.empty() ? from_stage : deal.in_stage, how, at);
  else if (how == Leave::won)
    convert(rows, deal, from_stage);
  move_into(deal, {}, {});
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before, const crm::DealWon& e,
          std::optional<Timestamp> at) {
  close(rows, deal, before, e.from_stage, Leave::won, at);
}

void flow(ViewBatch& rows, FunnelDeal& deal, const DealState& before, const crm::DealLost& e,
          std::optional<Timestamp> at) {
  close(rows, deal, before, e.from_stage, Leave::lost, at);
}

// ---- lists of open and closed deals -------------------------------------------------------------

void count_open(ViewBatch& rows, const DealState& deal, std::int64_t times) {
  for (const Scope& scope : scopes_of(deal.owner, deal.products)) {
    OpenCell& cell = rows.edit<OpenCell>(open_key(deal.pipeline, scope));
    OpenStage& stage = cell.stages[deal.stage];
    stage.deals += times;
    tally(stage.value, deal.amount, times);
    if (stage.deals == 0) cell.stages.erase(deal.stage);
    if (deal.expected_close) continue;
    cell.undated += times;
    tally(cell.undated_value, deal.amount, times);
  }
}

std::optional<std::int64_t> cycle_of(const DealState& deal) {
  if (!deal.opened_at || !deal.closed_at || *deal.closed_at < *deal.opened_at) return std::nullopt;
  return deal.closed_at->value() - deal.opened_at->value();
}

void relist(ViewBatch& rows, const crm::DealId& id, const DealState& before,
            const DealState& after) {
  if (before == after) return;
  if (before.is_open()) {
    count_open(rows, before, -1);
    rows.erase(open_deal_key(before.pipeline, before.expected_close, id));
  }
  if (before.is_closed()) rows.erase(closed_deal_key(before.pipeline, before.closed_at, id));
  if (after.is_open()) {
    count_open(rows, after, 1);
    rows.put(open_deal_key(after.pipeline, after.expected_close, id),
             OpenDeal{after.stage, after.amount, after.owner, after.products});
  }
  if (after.is_closed()) {
    rows.put(closed_deal_key(after.pipeline, after.closed_at, id),
             ClosedDeal{after.status == DealStatus::won, after.value(), cycle_of(after), after.owner,
                        after.products});
  }
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  const auto occurred = at.record().occurred_at;
  FunnelDeal& deal = rows.edit<FunnelDeal>(ViewKey('D').id(e.deal));
  const DealState before = deal.state;
  evolve(deal.state, e, occurred);
  flow(rows, deal, before, e, occurred);
  relist(rows, e.deal, before, deal.state);
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
  Projection projection("funnel", 3, "How deals flow through the stages of a pipeline");
  projection.on<crm::PipelineDefined>(&on_pipeline<crm::PipelineDefined>);
  projection.on<crm::PipelineChanged>(&on_pipeline<crm::PipelineChanged>);
  register_each(projection, DealStateEvents{});
  return projection;
}

}  // namespace factum::projections
