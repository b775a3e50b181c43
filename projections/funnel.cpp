#include "projections/funnel.hpp"

#include "projections/calendar.hpp"
#include "projections/funnel_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace factum::projections {
namespace {

using namespace funnel_rows;

constexpr double kMicrosPerDayReal = 86'400e6;

bool is_wanted(const FunnelQuery& query, const std::optional<crm::UserId>& owner,
               const std::vector<crm::ProductId>& products) {
  if (query.owner && owner != query.owner) return false;
  return !query.product || std::binary_search(products.begin(), products.end(), *query.product);
}

// Decodes every row of a range into `use`.
template <class Row, class Use>
Status each_row(const ViewReader& rows, const RowRange& range, Use use) {
  Status status;
  FACTUM_CHECK(rows.scan(range, [&](std::string_view /*key*/, std::string_view value) {
    auto row = decode_row<Row>(value);
    if (!row) {
      status = fail(std::move(row).error());
      return false;
    }
    use(*row);
    return true;
  }));
  return status;
}

template <class Row>
Result<Row> row_or_empty(const ViewReader& rows, const std::string& key) {
  FACTUM_TRY(const auto bytes, rows.get(key));
  return bytes ? decode_row<Row>(*bytes) : Row{};
}

using Flows = std::map<std::string, StageCell>;

// What happened in a period, all cells together.
struct Period {
  Flows flows;
  ClosedCell closed;
};

Result<Period> period_of(const ViewReader& rows, const FunnelQuery& query, const Scope& scope) {
  Period period;
  const auto add = [&](const FlowCell& cell) {
    for (const auto& [stage, flow] : cell.stages) period.flows[stage].add(flow);
    period.closed.add(cell.closed);
  };
  const std::string prefix = flow_prefix(query.pipeline, scope);
  for (const RowRange& range : period_ranges(prefix, query.from, query.to))
    FACTUM_CHECK(each_row<FlowCell>(rows, range, add));
  return period;
}

// ---- stages -------------------------------------------------------------------------------------

StageFlow stage_flow(const std::string& stage, const StageCell& cell, const OpenStage& open) {
  StageFlow flow;
  flow.stage = stage;
  flow.name = stage;
  flow.entered = cell.entered;
  flow.entered_value = cell.entered_value;
  flow.left_forward = cell.left_forward;
  flow.left_back = cell.left_back;
  flow.won = cell.won;
  flow.lost = cell.lost;
  flow.mean_dwell = {{},
                     cell.dwell_count,
                     "days",
                     "sum of (left - entered) / number, of the deals that left in the period with "
                     "both times known"};
  if (cell.dwell_count > 0)
    flow.mean_dwell.value = static_cast<double>(cell.dwell_micros) / kMicrosPerDayReal /
                            static_cast<double>(cell.dwell_count);
  flow.conversion = {percent_of(cell.cohort_converted, cell.cohort_entered), cell.cohort_entered,
                     "percent",
                     "100 x deals that have left forward or were won since / deals that entered "
                     "for the first time in the period"};
  flow.open_now = open.deals;
  flow.open_value = open.value;
  return flow;
}

// Open stages in the order of the pipeline, then whatever else deals have been in.
std::vector<StageFlow> stage_flows(const PipelineRow& pipeline, Flows flows, OpenCell open) {
  std::vector<StageFlow> stages;
  for (const crm::Stage& stage : pipeline.stages) {
    const bool seen = flows.contains(stage.key) || open.stages.contains(stage.key);
    if (stage.category != crm::StageCategory::open && !seen) continue;
    stages.push_back(stage_flow(stage.key, flows[stage.key], open.stages[stage.key]));
    stages.back().name = stage.name;
    stages.back().probability = stage.probability;
    flows.erase(stage.key);
    open.stages.erase(stage.key);
  }
  for (const auto& [stage, deals] : open.stages) flows.try_emplace(stage);
  for (const auto& [stage, cell] : flows)
    stages.push_back(stage_flow(stage, cell, open.stages[stage]));
  return stages;
}

// ---- closed deals -------------------------------------------------------------------------------

ClosedDeals counts_of(const ClosedCell& closed) {
  return {closed.won, closed.won_value, closed.lost, closed.lost_value};
}

// The cycles of a bucket, the shortest first.
Result<std::vector<std::int64_t>> cycles_in(const ViewReader& rows, const FunnelQuery& query,
                                            const CycleCount& bucket) {
  std::vector<std::int64_t> cycles;
  FACTUM_CHECK(each_row<CycleRow>(rows,
                                  cycle_rows(query.pipeline, bucket.bucket, query.from, query.to),
                                  [&](const CycleRow& row) {
                                    if (is_wanted(query, row.owner, row.products))
                                      cycles.push_back(row.micros);
                                  }));
  if (static_cast<std::int64_t>(cycles.size()) != bucket.deals)
    return fail(ErrorCode::corrupt, "the closed deals of the funnel are not those of its cells");
  std::sort(cycles.begin(), cycles.end());
  return cycles;
}

// The median by cells: only the one or two buckets that hold the middle are read.
Result<double> median_cycle(const ViewReader& rows, const FunnelQuery& query,
                            const ClosedCell& closed, std::int64_t count) {
  const std::array<std::int64_t, 2> middle{(count - 1) / 2, count / 2};
  std::int64_t before = 0;
  double sum = 0;
  for (const CycleCount& bucket : closed.cycles) {
    const std::int64_t behind = before + bucket.deals;
    if (middle.front() < behind && middle.back() >= before) {
      FACTUM_TRY(const auto cycles, cycles_in(rows, query, bucket));
      for (const std::int64_t rank : middle) {
        if (rank >= before && rank < behind)
          sum += static_cast<double>(cycles[static_cast<std::size_t>(rank - before)]);
      }
    }
    before = behind;
  }
  return sum / 2;
}

Status set_cycles(FunnelAnswer& answer, const ViewReader& rows, const FunnelQuery& query,
                  const ClosedCell& closed) {
  const std::int64_t count = closed.cycle_count();
  answer.mean_cycle = {
      {}, count, "days", "mean of (won - opened), of the deals won in the period with both times"};
  answer.median_cycle = {{},
                         count,
                         "days",
                         "median of (won - opened), of the deals won in the period with both "
                         "times; of an even number the mean of the two in the middle"};
  answer.won_without_cycle = closed.won - count;
  if (count == 0) return {};
  answer.mean_cycle.value =
      static_cast<double>(closed.cycle_micros) / kMicrosPerDayReal / static_cast<double>(count);
  FACTUM_TRY(const double median, median_cycle(rows, query, closed, count));
  answer.median_cycle.value = median / kMicrosPerDayReal;
  return {};
}

void set_win_rates(FunnelAnswer& answer) {
  const ClosedDeals& closed = answer.closed;
  answer.win_rate = {percent_of(closed.won, closed.won + closed.lost), closed.won + closed.lost,
                     "percent", "100 x won / (won + lost), of the deals closed in the period"};
  answer.win_rate_by_value_formula =
      "100 x value won / (value won + value lost), of the deals closed in the period, by currency";
  Tallies all = closed.won_value;
  merge(all, closed.lost_value);
  for (const CurrencyTally& item : all) {
    const MoneySum won = sum_in(closed.won_value, item.sum.currency);
    answer.win_rate_by_value.push_back({won, item.sum, percent_of(won.minor, item.sum.minor)});
  }
}

// ---- forecast and velocity ----------------------------------------------------------------------

void set_velocity(FunnelAnswer& answer, const OpenCell& open) {
  answer.velocity.formula =
      "open deals x mean won value x win rate / mean cycle in days, by currency, per day";
  std::int64_t deals = 0;
  for (const auto& [stage, cell] : open.stages) deals += cell.deals;
  const std::int64_t closed = answer.closed.won + answer.closed.lost;
  if (closed == 0 || !answer.mean_cycle.value || *answer.mean_cycle.value <= 0) return;
  for (const CurrencyTally& won : answer.closed.won_value) {
    const double per_day = static_cast<double>(deals) * static_cast<double>(won.sum.minor) /
                           static_cast<double>(closed) / *answer.mean_cycle.value;
    answer.velocity.per_day.push_back(
        {{static_cast<Int128>(std::round(per_day)), won.sum.currency}, closed});
  }
}

// `percents` are sums of amount x probability, so that only the total is rounded.
void set_forecast_sums(FunnelAnswer& answer, const MoneySums& percents) {
  Tallies currencies = answer.closed.won_value;
  for (const MoneySum& sum : percents) merge(currencies, {{1, {0, sum.currency}}});
  for (const CurrencyTally& item : currencies) {
    const std::string& currency = item.sum.currency;
    const MoneySum weighted = mean_of({sum_in(percents, currency), currency}, 100);
    const MoneySum won = sum_in(answer.closed.won_value, currency);
    answer.forecast.by_currency.push_back({weighted, won, {weighted.minor + won.minor, currency}});
  }
}

Status set_forecast(FunnelAnswer& answer, const ViewReader& rows, const FunnelQuery& query,
                    const PipelineRow& pipeline, const OpenCell& open) {
  Forecast& forecast = answer.forecast;
  forecast.formula =
      "sum of amount x probability of the stage, of the open deals expected to close in the "
      "period, + value won in the period";
  forecast.open_undated = open.undated;
  forecast.open_undated_value = open.undated_value;
  std::map<std::string, std::int64_t> probabilities;
  for (const crm::Stage& stage : pipeline.stages) probabilities[stage.key] = stage.probability;
  MoneySums percents;
  const auto add = [&](const ExpectedCell& cell) {
    for (const auto& [key, stage] : cell.stages) {
      forecast.open_deals += stage.deals;
      forecast.open_without_amount += stage.without_amount;
      for (const CurrencyTally& value : stage.value)
        add_to(percents, value.sum, probabilities[key]);
    }
  };
  const std::string prefix = expected_prefix(query.pipeline, {query.owner, query.product});
  for (const RowRange& range : period_ranges(prefix, query.from, query.to))
    FACTUM_CHECK(each_row<ExpectedCell>(rows, range, add));
  set_forecast_sums(answer, percents);
  return {};
}

Status set_undated(FunnelAnswer& answer, const ViewReader& rows, const FunnelQuery& query,
                   const Scope& scope) {
  FACTUM_TRY(const FlowCell cell,
             row_or_empty<FlowCell>(rows, undated_cell(flow_prefix(query.pipeline, scope))));
  answer.undated.closed = counts_of(cell.closed);
  for (const auto& [stage, flow] : cell.stages) answer.undated.stage_entries += flow.entered;
  return {};
}

}  // namespace

Result<FunnelAnswer> funnel(const ViewReader& rows, const FunnelQuery& query) {
  FACTUM_CHECK(check_period(query.from, query.to));
  const Scope scope{query.owner, query.product};
  FACTUM_TRY(const auto pipeline_bytes, rows.get(ViewKey('p').id(query.pipeline).str()));
  if (!pipeline_bytes) return fail(ErrorCode::not_found, "there is no such pipeline");
  FACTUM_TRY(const PipelineRow pipeline, decode_row<PipelineRow>(*pipeline_bytes));
  FACTUM_TRY(const OpenCell open, row_or_empty<OpenCell>(rows, open_key(query.pipeline, scope)));
  FACTUM_TRY(Period period, period_of(rows, query, scope));
  FunnelAnswer answer{.pipeline = query.pipeline,
                      .name = pipeline.name,
                      .from = query.from,
                      .to = query.to,
                      .owner = query.owner,
                      .product = query.product,
                      .stages = stage_flows(pipeline, std::move(period.flows), open),
                      .closed = counts_of(period.closed),
                      .win_rate = {},
                      .win_rate_by_value = {},
                      .win_rate_by_value_formula = {},
                      .mean_cycle = {},
                      .median_cycle = {},
                      .won_without_cycle = 0,
                      .velocity = {},
                      .forecast = {},
                      .undated = {}};
  set_win_rates(answer);
  FACTUM_CHECK(set_cycles(answer, rows, query, period.closed));
  set_velocity(answer, open);
  FACTUM_CHECK(set_forecast(answer, rows, query, pipeline, open));
  FACTUM_CHECK(set_undated(answer, rows, query, scope));
  return answer;
}

}  // namespace factum::projections
