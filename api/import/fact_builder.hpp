// Makes facts of rows, as one fact specification of a profile says.
#pragma once

#include "api/import/expression.hpp"
#include "api/import/fact.hpp"
#include "api/import/profile.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace factum::importing {

/// Pure over the rows it is given. Not thread-safe.
class FactBuilder {
 public:
  /// `joins` in the order of `spec.joins`; both outlive this.
  FactBuilder(const FactSpec& spec, const std::vector<Join>& joins) : spec_(spec), joins_(joins) {}

  /// Whether the row counts at all. Errors: rejects, as Expression, and those of "refuse".
  Result<bool> wants(const RowView& row) const;
  /// The key of the fact that the row belongs to. Errors: rejects (import.missing_key).
  Result<std::string> key(const RowView& row) const;
  /// The fact of all rows with one key; no steps = nothing to record. Errors: rejects.
  Result<Fact> build(std::string key, const std::vector<RowView>& rows) const;

 private:
  using NameCounts = std::unordered_map<std::string, int>;
  Status run_steps(const std::vector<StepSpec>& steps, Scope& scope, Fact& fact, NameCounts& names,
                   bool top) const;
  Status run_step(const StepSpec& spec, Scope& scope, Fact& fact, NameCounts& names,
                  bool makes_entity) const;

  const FactSpec& spec_;
  const std::vector<Join>& joins_;
};

/// What the report says of an error that an expression gave; nothing if it is no reject.
std::optional<Reject> as_reject(const Error& error, const std::string& file);

}  // namespace factum::importing
