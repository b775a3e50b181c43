// The view funnel: how deals flow through the stages of a pipeline, and the sales metrics.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/tally.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

struct FunnelQuery {
  crm::PipelineId pipeline;
  std::optional<Date> from = {};  ///< first day
  std::optional<Date> to = {};    ///< the day after the last
  std::optional<crm::UserId> owner = {};
  std::optional<crm::ProductId> product = {};
};

/// What happened in one stage within the period.
struct StageFlow {
  std::string stage;
  std::string name;
  std::int64_t probability = 0;
  std::int64_t entered = 0;
  Tallies entered_value;
  std::int64_t left_forward = 0;
  std::int64_t left_back = 0;
  std::int64_t won = 0;
  std::int64_t lost = 0;
  Metric mean_dwell;
  Metric conversion;
  std::int64_t open_now = 0;
  Tallies open_value;

  static void describe(FieldVisitor& v, StageFlow& s);
};

struct ClosedDeals {
  std::int64_t won = 0;
  Tallies won_value;
  std::int64_t lost = 0;
  Tallies lost_value;

  static void describe(FieldVisitor& v, ClosedDeals& c);
};

/// An amount of one currency that was computed, with what it was computed from.
struct MoneyMetric {
  MoneySum value;
  std::int64_t denominator = 0;

  static void describe(FieldVisitor& v, MoneyMetric& m);
};

struct Velocity {
  std::vector<MoneyMetric> per_day;
  std::string formula;

  static void describe(FieldVisitor& v, Velocity& s);
};

struct CurrencyForecast {
  MoneySum weighted_open;
  MoneySum won;
  MoneySum total;

  static void describe(FieldVisitor& v, CurrencyForecast& f);
};

struct Forecast {
  std::vector<CurrencyForecast> by_currency;
  std::int64_t open_deals = 0;
  std::int64_t open_without_amount = 0;
  std::int64_t open_undated = 0;
  Tallies open_undated_value;
  std::string formula;

  static void describe(FieldVisitor& v, Forecast& f);
};

/// What has no date and is therefore in no period.
struct UndatedDeals {
  ClosedDeals closed;
  std::int64_t stage_entries = 0;

  static void describe(FieldVisitor& v, UndatedDeals& u);
};

struct FunnelAnswer {
  crm::PipelineId pipeline;
  std::string name;
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<crm::UserId> owner;
  std::optional<crm::ProductId> product;
  std::vector<StageFlow> stages;
  ClosedDeals closed;
  Metric win_rate;
  std::vector<MoneyRatio> win_rate_by_value;
  std::string win_rate_by_value_formula;
  Metric mean_cycle;
  Metric median_cycle;
  std::int64_t won_without_cycle = 0;
  Velocity velocity;
  Forecast forecast;
  UndatedDeals undated;

  static void describe(FieldVisitor& v, FunnelAnswer& a);
};

Projection funnel_projection();

/// The funnel of one pipeline. Periods are days of occurred time (UTC). Cost: the cells of the
/// period (months, and days at its ends), the deals closed in it and the open deals that close in
/// it. Errors: not_found (no such pipeline), invalid_argument (from after to), corrupt, io_error.
Result<FunnelAnswer> funnel(const ViewReader& rows, const FunnelQuery& query);

}  // namespace factum::projections
