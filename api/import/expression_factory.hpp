// Makers of the operators of the profile language; `docs/import-profiles.md` describes each.
#pragma once

#include "api/import/expression.hpp"
#include "api/import/text_number.hpp"
#include "api/import/time_parser.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace factum::importing {

// ---- text

/// A piece of a template: literal text, or a column with its name.
struct TemplatePart {
  std::string text;
  std::optional<ColumnPlace> place;
};
/// Concatenation; absent when every column in it is empty and there is at least one.
ExpressionPtr make_template(std::vector<TemplatePart> parts);
/// A piece of JSON that is always the same.
ExpressionPtr make_constant(std::string json);
ExpressionPtr make_trim(ExpressionPtr of);
ExpressionPtr make_lower(ExpressionPtr of);
/// The parts that are there, with `between` between them; absent when none is.
ExpressionPtr make_join(std::vector<ExpressionPtr> parts, std::string between);
ExpressionPtr make_first(std::vector<ExpressionPtr> choices);
/// `otherwise` null: a text that is not in `to` is rejected (import.unmapped_value).
ExpressionPtr make_map(ExpressionPtr of, std::map<std::string, ExpressionPtr> to,
                       ExpressionPtr otherwise);
ExpressionPtr make_if(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise);

// ---- numbers and times

/// What is done to a number that was read.
struct NumberRule {
  NumberStyle style;
  bool negate = false;
  ExpressionPtr times;  ///< may be null
};
ExpressionPtr make_decimal(ExpressionPtr of, NumberRule rule);
/// Numbers outside are codes for "no answer": they are absent.
struct IntegerRange {
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};
ExpressionPtr make_integer(ExpressionPtr of, NumberRule rule, IntegerRange range);
ExpressionPtr make_money(ExpressionPtr of, NumberRule rule, ExpressionPtr currency);
/// The first parser that understands the text counts.
ExpressionPtr make_time(ExpressionPtr of, std::vector<TimeParser> parsers);
ExpressionPtr make_day(ExpressionPtr of, std::vector<TimeParser> parsers);

// ---- several rows

/// Which rows an operator goes over: the fact's own (0), or those of a join.
struct RowSet {
  std::size_t source = 0;
  ExpressionPtr where;  ///< may be null
};
ExpressionPtr make_list(ExpressionPtr of, RowSet rows);
ExpressionPtr make_sum(ExpressionPtr of, RowSet rows);
ExpressionPtr make_count(RowSet rows);
/// The sum of amounts of one currency; absent when there are none.
ExpressionPtr make_total(ExpressionPtr of, RowSet rows);
ExpressionPtr make_array(std::vector<ExpressionPtr> elements);
ExpressionPtr make_object(std::vector<std::pair<std::string, ExpressionPtr>> members);
ExpressionPtr make_ref(ExpressionPtr kind, std::vector<ExpressionPtr> key, bool optional);
/// The value an expression had in the row before; absent in the first row.
ExpressionPtr make_before(ExpressionPtr of);
/// The value an expression has in the last row of the fact.
ExpressionPtr make_last(ExpressionPtr of);

// ---- conditions

ExpressionPtr make_not(ExpressionPtr of);
ExpressionPtr make_all(std::vector<ExpressionPtr> parts);
ExpressionPtr make_any(std::vector<ExpressionPtr> parts);
/// The first is equal to one of the others.
ExpressionPtr make_is(std::vector<ExpressionPtr> parts);
ExpressionPtr make_starts(ExpressionPtr of, ExpressionPtr with);
/// One of them differs from the row before; false in the first row.
ExpressionPtr make_changed(std::vector<ExpressionPtr> parts);
ExpressionPtr make_first_row();
/// The first is a greater number than the second; false when one is absent.
ExpressionPtr make_more(ExpressionPtr left, ExpressionPtr right);

/// Runs `body` once per row of `rows`, with that row as the present one.
Status for_each_row(Scope& scope, const RowSet& rows, const std::function<Status()>& body);

}  // namespace factum::importing
