// Reads expressions of the profile language from JSON.
#pragma once

#include "api/import/profile.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace factum::importing {

using Expressions = std::vector<ExpressionPtr>;

/// What names mean inside one fact: columns of its own file and of its joins, and its time zone.
/// The files outlive this.
struct Names {
  const FileSpec* own = nullptr;
  std::vector<std::pair<std::string, const FileSpec*>> joins;
  std::string zone = "UTC";

  /// "column" of the own file, else "join.column".
  std::optional<ColumnPlace> column(const std::string& name) const;
  /// "rows" or the name of a join.
  std::optional<std::size_t> source(const std::string& name) const;
};

/// Where a column stands among those a profile uses of a file.
std::optional<std::size_t> column_within(const FileSpec& file, const std::string& name);

/// `path`: JSON Pointer of `json`, for errors. Errors: invalid_argument.
Result<ExpressionPtr> read_expression(const nlohmann::json& json, const Names& names,
                                      const std::string& path);
/// One expression, or a list of at least one.
Result<Expressions> read_expressions(const nlohmann::json& json, const Names& names,
                                     const std::string& path);
/// Member `name` of `json` (a set of rows) with its "where".
Result<RowSet> read_rows(const nlohmann::json& json, const char* name, const Names& names,
                         const std::string& path);

}  // namespace factum::importing
