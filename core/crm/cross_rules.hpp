// The rules that span several entities: what keeps each of them when two writers race.
#pragma once

#include "core/es/decision.hpp"

#include <vector>

namespace factum::crm {

/// How the loser of a race is found.
enum class CrossRuleGuard {
  claim,      ///< the value itself is claimed with the append
  condition,  ///< the append fails if what the decision looked at has changed
};

struct CrossRule {
  Rule rule;
  CrossRuleGuard guard{};
};

/// Every rule whose decision looks at an entity or value besides its target. Each is raced by two
/// writers in tests; a new one is added here and there.
const std::vector<CrossRule>& cross_rules();

}  // namespace factum::crm
