// What several views know of one deal, folded from its events. Total: any order of events is fine,
// because imported history breaks rules.
#pragma once

#include "core/crm/deal_events.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// none = only events that do not tell whether the deal is open. Values are in rows: only append.
enum class DealStatus : std::uint8_t { none, open, won, lost };

/// Products of one deal that are told apart.
inline constexpr std::size_t kDealProductsMax = 50;

struct DealState {
  DealStatus status{};
  bool opened = false;
  bool archived = false;
  crm::PipelineId pipeline;
  std::optional<crm::CustomerId> customer;
  std::string stage;
  std::optional<Money> amount;      ///< expected
  std::optional<Money> won_amount;  ///< final; of a deal that is won
  std::optional<Date> expected_close;
  std::optional<crm::UserId> owner;
  std::vector<crm::ProductId> products;  ///< sorted, distinct
  std::optional<Timestamp> opened_at;
  std::optional<Timestamp> stage_entered_at;
  std::optional<Timestamp> closed_at;

  bool is_open() const { return status == DealStatus::open && !archived; }
  /// What it is worth: the final value of a won deal, else the expected one.
  const std::optional<Money>& value() const { return won_amount ? won_amount : amount; }
  bool is_closed() const { return status == DealStatus::won || status == DealStatus::lost; }
  static void describe(FieldVisitor& v, DealState& d);
  friend bool operator==(const DealState&, const DealState&) = default;
};

/// One step of the fold; `at` is the occurred time, absent = undated. A win or loss that is
/// recorded again replaces the former one with all that it said.
void evolve(DealState& deal, const crm::DealOpened& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealStageChanged& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealAmountChanged& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealCloseDateChanged& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealOwnerAssigned& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealLinesChanged& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealCustomerAssigned& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealWon& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealLost& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealReopened& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealArchived& e, std::optional<Timestamp> at);
void evolve(DealState& deal, const crm::DealRestored& e, std::optional<Timestamp> at);

/// The events above, for registering handlers.
using DealStateEvents =
    TypeList<crm::DealOpened, crm::DealStageChanged, crm::DealAmountChanged,
             crm::DealCloseDateChanged, crm::DealOwnerAssigned, crm::DealLinesChanged,
             crm::DealCustomerAssigned, crm::DealWon, crm::DealLost, crm::DealReopened,
             crm::DealArchived, crm::DealRestored>;

}  // namespace factum::projections

template <>
struct factum::Symbols<factum::projections::DealStatus> {
  static constexpr auto kNames = std::to_array<std::string_view>({"none", "open", "won", "lost"});
};
