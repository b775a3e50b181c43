// The view deal_board: open deals by pipeline and stage, with totals.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"
#include "projections/tally.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

struct DealCard {
  crm::DealId deal;
  crm::PipelineId pipeline = {};
  std::string stage;
  std::optional<crm::CustomerId> customer;
  std::optional<crm::UserId> owner;
  std::optional<Money> amount;
  std::optional<Date> expected_close;
  std::optional<Timestamp> opened_at;
  std::optional<Timestamp> stage_entered_at;
  SealedField<std::string> title;

  static void describe(FieldVisitor& v, DealCard& c);
};

enum class DealSort : std::uint8_t {
  value,           ///< by currency, then the largest amount first; without amount last
  expected_close,  ///< the earliest first; undated last
  age,             ///< the longest in its stage first; undated last
};

struct DealBoardQuery {
  crm::PipelineId pipeline = {};
  std::vector<std::string> stages = {};  ///< empty = all
  std::optional<crm::UserId> owner = {};
  DealSort sort = DealSort::age;
  PageRequest page = {};
};

struct StageTotal {
  std::string stage;
  std::int64_t deals = 0;
  Tallies value;

  static void describe(FieldVisitor& v, StageTotal& t);
};

Projection deal_board_projection();

/// Open deals in the asked order. Cost: the page, a seek per stage, and deals of other owners
/// skipped. Errors: corrupt, io_error.
Result<Page<DealCard>> deal_board(const ViewReader& rows, const DealBoardQuery& query);
/// Number and value of open deals per stage, of one owner if asked; stages without deals left out.
Result<std::vector<StageTotal>> deal_board_totals(const ViewReader& rows,
                                                  const crm::PipelineId& pipeline,
                                                  const std::optional<crm::UserId>& owner);

}  // namespace factum::projections
