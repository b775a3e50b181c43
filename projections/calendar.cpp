#include "projections/calendar.hpp"

#include <algorithm>
#include <chrono>

namespace factum::projections {
namespace {

constexpr std::int32_t kFirstDay = -719'528;  // 0000-01-01
constexpr std::int32_t kLastDay = 2'932'896;  // 9999-12-31
constexpr char kMonth = 'm';
constexpr char kDay = 'd';
constexpr char kUndated = 'u';
constexpr std::size_t kDateBytes = 8;

std::chrono::year_month_day civil(Date day) {
  return std::chrono::sys_days{std::chrono::days{report_day(day).value()}};
}

Date from_civil(const std::chrono::year_month_day& day) {
  const auto count = std::chrono::sys_days{day}.time_since_epoch().count();
  return Date(static_cast<std::int32_t>(count));
}

std::string cell(const std::string& prefix, char period, Date first) {
  return prefix + ViewKey(period).date(first).str();
}

RowRange cells(const std::string& prefix, char period, Date from, Date to) {
  return {.from = cell(prefix, period, from), .to = cell(prefix, period, to)};
}

}  // namespace

Date report_day(Date day) { return Date(std::clamp(day.value(), kFirstDay, kLastDay)); }

Date month_of(Date day) {
  const auto date = civil(day);
  return from_civil(date.year() / date.month() / 1);
}

Date next_month(Date day) {
  const auto date = civil(day);
  return from_civil((date.year() / date.month() / 1) + std::chrono::months{1});
}

std::vector<std::string> period_cells(const std::string& prefix, std::optional<Timestamp> at) {
  if (!at) return {undated_cell(prefix)};
  return period_cells_of_day(prefix, date_of(*at));
}

std::vector<std::string> period_cells_of_day(const std::string& prefix, Date day) {
  return {cell(prefix, kDay, report_day(day)), cell(prefix, kMonth, month_of(day))};
}

std::vector<RowRange> period_ranges(const std::string& prefix, std::optional<Date> from,
                                    std::optional<Date> to) {
  const Date first = report_day(from.value_or(Date(kFirstDay)));
  const Date last = to ? report_day(*to) : Date(kLastDay + 1);
  const Date months_from = first == month_of(first) ? first : next_month(first);
  const Date months_to = to ? month_of(last) : last;
  if (months_from >= months_to) return {cells(prefix, kDay, first, last)};
  return {cells(prefix, kDay, first, months_from), cells(prefix, kMonth, months_from, months_to),
          cells(prefix, kDay, months_to, last)};
}

RowRange month_range(const std::string& prefix, std::optional<Date> from, std::optional<Date> to) {
  const Date first = month_of(from.value_or(Date(kFirstDay)));
  const Date last = to ? (month_of(*to) == *to ? *to : next_month(*to)) : Date(kLastDay + 1);
  return cells(prefix, kMonth, first, last);
}

std::string undated_cell(const std::string& prefix) { return prefix + kUndated; }

Date month_of_key(std::string_view key) {
  ViewKeyReader reader(key.substr(key.size() - kDateBytes - 1));
  return reader.date();
}

Status check_period(std::optional<Date> from, std::optional<Date> to) {
  if (from && to && *from > *to)
    return fail(ErrorCode::invalid_argument, "the period ends before it begins");
  return {};
}

}  // namespace factum::projections
