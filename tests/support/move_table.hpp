// Whole tables of a state machine: every state against every command, as one text to compare.
#pragma once

#include "tests/support/spec.hpp"

#include <functional>
#include <string>
#include <vector>

namespace factum::test {

/// A state and the events that lead there.
struct TableState {
  std::string name;
  std::function<void(Spec&)> reach;
};

/// A command that is tried in every state.
struct TableCommand {
  std::string name;
  std::function<Outcome(Spec&)> attempt;
};

/// One line per command: its name, then per state "state=verdict". A verdict is the names of the
/// events joined by '+', "nothing", the rule that refused, or the code of another error.
std::string move_table(const std::vector<TableState>& states,
                       const std::vector<TableCommand>& commands);

}  // namespace factum::test
