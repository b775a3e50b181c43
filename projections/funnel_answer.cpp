// How the answer of the view funnel is described.
#include "projections/funnel.hpp"

namespace factum::projections {

void StageFlow::describe(FieldVisitor& v, StageFlow& s) {
  v.shown("stage", s.stage, "Key of the stage");
  v.shown("name", s.name, "Name of the stage");
  v.shown("probability", s.probability, "Chance of winning in percent");
  v.shown("entered", s.entered, "How often deals entered in the period");
  v.shown("entered_value", s.entered_value, "Their value at that time, by currency");
  v.shown("left_forward", s.left_forward, "How often deals left to a later stage");
  v.shown("left_back", s.left_back, "How often deals left to an earlier stage");
  v.shown("won", s.won, "How many were won from here");
  v.shown("lost", s.lost, "How many were lost from here");
  v.shown("mean_dwell", s.mean_dwell, "Time spent in the stage");
  v.shown("conversion", s.conversion, "Share of the deals that went on from here");
  v.shown("open_now", s.open_now, "Open deals that are here now, whatever the period");
  v.shown("open_value", s.open_value, "Their value, by currency");
}

void ClosedDeals::describe(FieldVisitor& v, ClosedDeals& c) {
  v.shown("won", c.won, "Deals won");
  v.shown("won_value", c.won_value, "Their value, by currency; deals without amount left out");
  v.shown("lost", c.lost, "Deals lost");
  v.shown("lost_value", c.lost_value, "Their value, by currency; deals without amount left out");
}

void MoneyMetric::describe(FieldVisitor& v, MoneyMetric& m) {
  v.shown("value", m.value, "The amount, rounded to the minor unit");
  v.shown("denominator", m.denominator, "How many closed deals it was computed from");
}

void Velocity::describe(FieldVisitor& v, Velocity& s) {
  v.shown("per_day", s.per_day, "Value won per day, by currency");
  v.shown("formula", s.formula, "How it is computed");
}

void CurrencyForecast::describe(FieldVisitor& v, CurrencyForecast& f) {
  v.shown("weighted_open", f.weighted_open, "Open deals, weighted");
  v.shown("won", f.won, "Value won in the period");
  v.shown("total", f.total, "Both together");
}

void Forecast::describe(FieldVisitor& v, Forecast& f) {
  v.shown("by_currency", f.by_currency, "The forecast by currency");
  v.shown("open_deals", f.open_deals, "Open deals expected to close in the period");
  v.shown("open_without_amount", f.open_without_amount, "How many of them have no amount");
  v.shown("open_undated", f.open_undated, "Open deals without expected close, in no period");
  v.shown("open_undated_value", f.open_undated_value, "Their value, by currency");
  v.shown("formula", f.formula, "How it is computed");
}

void UndatedDeals::describe(FieldVisitor& v, UndatedDeals& u) {
  v.shown("closed", u.closed, "Deals won and lost without a date");
  v.shown("stage_entries", u.stage_entries, "Entries into stages without a date");
}

void FunnelAnswer::describe(FieldVisitor& v, FunnelAnswer& a) {
  v.shown("pipeline", a.pipeline, "The pipeline");
  v.shown("name", a.name, "Its name");
  v.shown("from", a.from, "First day of the period; absent = from the beginning");
  v.shown("to", a.to, "The day after the last; absent = to the end");
  v.shown("owner", a.owner, "Only deals of this user");
  v.shown("product", a.product,
          "Only deals with this product; amounts are those of the whole deal");
  v.shown("stages", a.stages, "The stages in order");
  v.shown("closed", a.closed, "Deals closed in the period");
  v.shown("win_rate", a.win_rate, "Win rate by number");
  v.shown("win_rate_by_value", a.win_rate_by_value, "Win rate by value, by currency");
  v.shown("win_rate_by_value_formula", a.win_rate_by_value_formula, "How it is computed");
  v.shown("mean_cycle", a.mean_cycle, "Mean length of the sales cycle");
  v.shown("median_cycle", a.median_cycle, "Median length of the sales cycle");
  v.shown("won_without_cycle", a.won_without_cycle,
          "Deals won whose opening is undated or after the win");
  v.shown("velocity", a.velocity, "Sales velocity");
  v.shown("forecast", a.forecast, "Weighted forecast");
  v.shown("undated", a.undated, "What has no date and is in no period");
}

}  // namespace factum::projections
