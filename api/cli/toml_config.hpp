// Reads the settings file of the command line.
#pragma once

#include <memory>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class Config;
}

namespace factum::cli {

/// TOML 1.0 for CLI11, which itself reads over what is not TOML. Keys are options, tables are
/// subcommands. It throws CLI::ConfigError, as CLI11 asks, with the line of what is not TOML or the
/// name of what has no value that an option can take.
std::shared_ptr<CLI::Config> toml_config();

}  // namespace factum::cli
