#include "tests/support/move_table.hpp"

namespace factum::test {
namespace {

std::string verdict(const Outcome& outcome) {
  const auto& decision = outcome.decision();
  if (!decision) {
    const Error& error = decision.error();
    return error.rule.empty() ? std::string(to_string(error.code)) : error.rule;
  }
  std::string events;
  for (const DecidedEvent& decided : decision->events)
    events += (events.empty() ? "" : "+") + std::string(decided.event.type().name);
  return events.empty() ? "nothing" : events;
}

}  // namespace

std::string move_table(const std::vector<TableState>& states,
                       const std::vector<TableCommand>& commands) {
  std::string table = "\n";
  for (const TableCommand& command : commands) {
    table += command.name;
    for (const TableState& state : states) {
      Spec spec;
      state.reach(spec);
      table += " " + state.name + "=" + verdict(command.attempt(spec));
    }
    table += "\n";
  }
  return table;
}

}  // namespace factum::test
