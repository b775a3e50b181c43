#include "core/es/decision.hpp"

#include <algorithm>

namespace factum {

Status Decision::require(bool holds, const Rule& rule, const DecisionContext& context) {
  if (holds) return {};
  if (!context.import) return refuse(std::string(rule.name), std::string(rule.message));
  if (std::find(broken_rules.begin(), broken_rules.end(), rule.name) == broken_rules.end())
    broken_rules.emplace_back(rule.name);
  return {};
}

}  // namespace factum
