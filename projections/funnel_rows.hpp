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

// Tables: 'p' pipeline; 'D' deal; 'f' pipeline, scope, period: flows by stage and closed deals; 'n'
// pipeline, scope: open deals by stage; 'e' pipeline, scope, period: deals expected to close then;
// 'c' pipeline, length, closing day, deal: won deals by the length of their cycle.
//
// Nothing of an answer is read deal by deal but the cycles about as long as the median.

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
/// The prefix of the cells of deals by expected close.
std::string expected_prefix(const crm::PipelineId& pipeline, const Scope& scope);
/// A number that grows with the length of a cycle, the same for lengths that differ by less than
/// one in 64.
std::int64_t cycle_bucket(std::int64_t micros);
std::string cycle_key(const crm::PipelineId& pipeline, std::int64_t micros, Date closed,
                      const crm::DealId& deal);
/// The deals of a bucket that were closed in [from, to); an absent end is open.
RowRange cycle_rows(const crm::PipelineId& pipeline, std::int64_t bucket, std::optional<Date> from,
                    std::optional<Date> to);

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

struct ClosedDeal {
  bool won = false;
  std::optional<Money> amount;
  std::optional<std::int64_t> cycle_micros;
};

struct CycleCount {
  std::int64_t bucket = 0;
  std::int64_t deals = 0;
  static void describe(FieldVisitor& v, CycleCount& c);
};

/// Deals that were closed in a period.
struct ClosedCell {
  std::int64_t won = 0;
  Tallies won_value;
  std::int64_t lost = 0;
  Tallies lost_value;
  Int128 cycle_micros = 0;
  std::vector<CycleCount> cycles;  ///< by bucket; a count of 0 is left out

  void add(const ClosedDeal& deal, std::int64_t times);
  void add(const ClosedCell& more);
  void add_cycles(std::int64_t bucket, std::int64_t deals);
  /// How many of the won deals have a cycle.
  std::int64_t cycle_count() const;
  static void describe(FieldVisitor& v, ClosedCell& c);
};

struct FlowCell {
  std::map<std::string, StageCell> stages;
  ClosedCell closed;
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

struct ExpectedStage {
  std::int64_t deals = 0;
  std::int64_t without_amount = 0;
  Tallies value;
  static void describe(FieldVisitor& v, ExpectedStage& s);
};

struct ExpectedCell {
  std::map<std::string, ExpectedStage> stages;
  static void describe(FieldVisitor& v, ExpectedCell& c);
};

/// A won deal, where single cycles count.
struct CycleRow {
  std::int64_t micros = 0;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;
  static void describe(FieldVisitor& v, CycleRow& r);
};

}  // namespace factum::projections::funnel_rows

template <>
struct factum::Symbols<factum::projections::funnel_rows::Leaving> {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"forward", "back", "won", "lost"});
};
