#include "api/import/fact_builder.hpp"

#include <utility>

namespace factum::importing {

Result<bool> FactBuilder::wants(const RowView& row) const {
  if (!spec_.where && spec_.refuse.empty()) return true;
  const std::vector<RowView> rows{row};
  Scope scope(spec_.kind, rows, joins_);
  for (const RefusalSpec& refusal : spec_.refuse) {
    FACTUM_TRY(const bool refused, refusal.when->holds(scope));
    if (refused) return reject(scope, refusal.when->column(), refusal.rule);
  }
  return spec_.where ? spec_.where->holds(scope) : Result<bool>(true);
}

Result<std::string> FactBuilder::key(const RowView& row) const {
  const std::vector<RowView> rows{row};
  Scope scope(spec_.kind, rows, joins_);
  return key_of(scope, spec_.key);
}

Result<Fact> FactBuilder::build(std::string key, const std::vector<RowView>& rows) const {
  Fact fact{spec_.kind, std::move(key), rows.front().line, {}};
  Scope scope(spec_.kind, rows, joins_);
  NameCounts names;
  FACTUM_CHECK(run_steps(spec_.steps, scope, fact, names, true));
  return fact;
}

Status FactBuilder::run_steps(const std::vector<StepSpec>& steps, Scope& scope, Fact& fact,
                              NameCounts& names, bool top) const {
  bool first = top;
  for (const StepSpec& step : steps) {
    const bool makes_entity = std::exchange(first, false) && !step.target_kind;
    if (step.when) {
      FACTUM_TRY(const bool wanted, step.when->holds(scope));
      if (!wanted) continue;
    }
    if (step.steps.empty()) {
      FACTUM_CHECK(run_step(step, scope, fact, names, makes_entity));
    } else if (step.for_each) {
      FACTUM_CHECK(for_each_row(scope, *step.for_each, [&]() -> Status {
        return run_steps(step.steps, scope, fact, names, false);
      }));
    } else {
      FACTUM_CHECK(run_steps(step.steps, scope, fact, names, false));
    }
  }
  return {};
}

Status FactBuilder::run_step(const StepSpec& spec, Scope& scope, Fact& fact, NameCounts& names,
                             bool makes_entity) const {
  FactStep step;
  step.command = spec.command;
  step.line = scope.line();
  if (!makes_entity) {
    step.name = spec.command;
    if (spec.name) {
      FACTUM_TRY(const Value name, spec.name->evaluate(scope));
      step.name += "/" + name.text;
    }
    const int count = ++names[step.name];
    if (count > 1) step.name += "#" + std::to_string(count);
  }
  if (spec.target_kind) {
    FACTUM_TRY(const Value kind, spec.target_kind->evaluate(scope));
    FACTUM_TRY(std::string key, key_of(scope, spec.target_key));
    step.target = SourceRef{kind.text, std::move(key), false};
  }
  if (spec.at) {
    FACTUM_TRY(const Value at, spec.at->evaluate(scope));
    if (!at.is_absent()) {
      const auto instant = parse_timestamp(at.text);
      if (!instant) return reject(scope, spec.at->column(), "import.not_a_time");
      step.occurred_at = *instant;
    }
  }
  FACTUM_TRY(const Value body, spec.fields->evaluate(scope));
  step.body = body.is_absent() ? "{}" : body.text;
  step.refs = scope.take_refs();
  fact.steps.push_back(std::move(step));
  return {};
}

std::optional<Reject> as_reject(const Error& error, const std::string& file) {
  if (error.code != ErrorCode::rule_violation || !error.rule.starts_with("import.")) {
    return std::nullopt;
  }
  return Reject{file, error.position, error.fields.empty() ? "" : error.fields.front().pointer,
                error.rule};
}

}  // namespace factum::importing
