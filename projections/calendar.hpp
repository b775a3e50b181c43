// Days and months of reports: cells are kept by both, so that long periods need few reads.
#pragma once

#include "core/base/time.hpp"
#include "core/es/view_key.hpp"
#include "core/es/view_store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// The day a fact is counted on: days beyond the years 0 to 9999 count as the nearest of these.
Date report_day(Date day);
/// The first day of the month of the report day.
Date month_of(Date day);
/// The first day of the next month.
Date next_month(Date day);

/// The cells a fact belongs to: its day and its month, or the one cell of undated facts. `prefix`
/// is the key before the period.
std::vector<std::string> period_cells(const std::string& prefix, std::optional<Timestamp> at);

/// The same for a fact of a day.
std::vector<std::string> period_cells_of_day(const std::string& prefix, Date day);

/// The day cells and month cells that together are [from, to); an absent end is open. Undated facts
/// are in no period.
std::vector<RowRange> period_ranges(const std::string& prefix, std::optional<Date> from,
                                    std::optional<Date> to);
/// The month cells of the months that [from, to) touches.
RowRange month_range(const std::string& prefix, std::optional<Date> from, std::optional<Date> to);
/// The key of the cell of undated facts.
std::string undated_cell(const std::string& prefix);
/// The month of a month cell's key.
Date month_of_key(std::string_view key);

/// Errors: invalid_argument if `from` is after `to`.
Status check_period(std::optional<Date> from, std::optional<Date> to);

}  // namespace factum::projections
