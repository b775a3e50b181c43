// Rows and keys of the view funnel, shared by its fold and its query.
#pragma once

#include "core/es/view_key.hpp"
#include "core/es/view_store.hpp"
#include "projections/deal_state.hpp"
#include "projections/tally.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections::funnel_rows {

// Tables: 'p' pipeline; 'D' deal; 'f' pipeline, scope, period: flows by stage; 'n' pipeline,
// scope: open deals by stage; 'o' pipeline, expected close, deal: open deal; 'w' pipeline, closing
// day, deal: closed deal.

/// What a cell counts: all deals, or those of an owner, with a product, or both.
struct Scope {
  std::optional<crm::UserId> owner;
  std::optional<crm::ProductId> product;
};

/// Every scope a deal belongs to.
std::vector<Scope> scopes_of(const std::optional<crm::UserId>& owner,
                             const std::vector<crm::ProductId>& products);
/// Key of the open deals of a scope, and the prefix of its period cells.
std::string open_key(const crm::PipelineId& pipeline, const Scope& scope);
std::string flow_prefix(const crm::PipelineId& pipeline, const Scope& scope);
/// Keys of one deal in the lists by date; an absent date sorts before all others.
std::string open_deal_key(const crm::PipelineId& pipeline, std::optional<Date> expected_close,
                          const crm::DealId& deal);
std::string closed_deal_key(const crm::PipelineId& pipeline, std::optional<Timestamp> closed_at,
                            const crm::DealId& deal);
/// Rows of a list ('o' or 'w') whose date is in [from, to), or those without a date.
RowRange dated_rows(char table, const crm::PipelineId& pipeline, std::optional<Date> from,
                    std::optional<Date> to);
RowRange undated_rows(char table, const crm::PipelineId& pipeline);

struct PipelineRow {
  std::string name;
  std::vector<crm::Stage> stages;

  static void describe(FieldVisitor& v, PipelineRow& p);
};

/// The first time a deal was in a stage; its cohort is where `converted` is counted.
struct Visit {
  std::optional<Timestamp> entered_at;
  bool converted = false;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;

  static void describe(FieldVisitor& v, Visit& visit);
};

/// How a deal leaves a stage. Values are in rows: only append.
enum class Leaving : std::uint8_t { forward, back, won, lost };

/// A deal leaves a stage, as it is counted in cells.
struct Departure {
  std::string stage;
  Leaving how{};
  std::optional<Timestamp> left_at;
  std::optional<std::int64_t> dwell_micros;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;

  static void describe(FieldVisitor& v, Departure& d);
};

/// What winning or losing a deal has counted, to take it back when another closing corrects it.
struct Closing {
  Departure departure;
  std::vector<std::string> converted;  ///< stages whose cohorts it has converted
  std::string opened_in;               ///< stage of an opening that was recorded since
  std::string in_stage;                ///< where the deal was before
  std::optional<Timestamp> in_since;

  static void describe(FieldVisitor& v, Closing& c);
};

struct FunnelDeal {
  DealState state;
  std::string in_stage;  ///< empty = in none that is known
  std::optional<Timestamp> in_since;
  std::map<std::string, Visit> visits;
  std::optional<Closing> closing;  ///< of a deal that is closed

  static void describe(FieldVisitor& v, FunnelDeal& d);
};

struct StageCell {
  std::int64_t entered = 0;
  Tallies entered_value;
  std::int64_t left_forward = 0;
  std::int64_t left_back = 0;
  std::int64_t won = 0;
  std::int64_t lost = 0;
  Int128 dwell_micros = 0;
  std::int64_t dwell_count = 0;
  std::int64_t cohort_entered = 0;
  std::int64_t cohort_converted = 0;

  void add(const StageCell& more);
  static void describe(FieldVisitor& v, StageCell& c);
  friend bool operator==(const StageCell&, const StageCell&) = default;
};

struct FlowCell {
  std::map<std::string, StageCell> stages;
  static void describe(FieldVisitor& v, FlowCell& c);
};

struct OpenStage {
  std::int64_t deals = 0;
  Tallies value;
  static void describe(FieldVisitor& v, OpenStage& s);
};

struct OpenCell {
  std::map<std::string, OpenStage> stages;
  std::int64_t undated = 0;
  Tallies undated_value;
  static void describe(FieldVisitor& v, OpenCell& c);
};

struct OpenDeal {
  std::string stage;
  std::optional<Money> amount;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;
  static void describe(FieldVisitor& v, OpenDeal& d);
};

struct ClosedDeal {
  bool won = false;
  std::optional<Money> amount;
  std::optional<std::int64_t> cycle_micros;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;
  static void describe(FieldVisitor& v, ClosedDeal& d);
};

}  // namespace factum::projections::funnel_rows

template <>
struct factum::Symbols<factum::projections::funnel_rows::Leaving> {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"forward", "back", "won", "lost"});
};
