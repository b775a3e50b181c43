// What `factum verify` says: for people and for programs.
#pragma once

#include "core/es/log_verdict.hpp"

#include <string>

namespace factum::cli {

/// Some lines; a fault comes last, in one line. Nothing from the log acts on a terminal.
std::string verdict_text(const LogVerdict& verdict);
/// One JSON object in one line.
std::string verdict_json(const LogVerdict& verdict);

}  // namespace factum::cli
