// Runs commands on a bus and waits for the answer; what the bus puts off runs on the waiting
// thread.
#pragma once

#include "core/es/command_bus.hpp"

#include <memory>
#include <utility>

namespace factum {

/// Executes and waits. Safe from any thread.
Result<CommandOutcome> run_command(CommandBus& bus, const CommandType& type,
                                   std::shared_ptr<AnyCommand> command, CommandMeta meta = {});

template <class C>
Result<CommandOutcome> run_command(CommandBus& bus, C command, CommandMeta meta = {}) {
  return run_command(bus, command_type<C>(), box_command(std::move(command)), std::move(meta));
}

}  // namespace factum
