// How a view went: its answers as of one moment after the other.
#pragma once

#include "api/app.hpp"
#include "api/cli/interrupt.hpp"
#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <string>

namespace factum::cli {

enum class ReplayFormat { ndjson, csv };

struct ReplayView {
  std::string target;   ///< path and query of a GET, such as "/v1/tickets:count?team=…"
  std::string every;    ///< "1000" events, or "30m", "12h", "1d"
  Position from;        ///< the first moment
  Position to;          ///< the last one
  std::string what_if;  ///< a file; empty = as it was
  ReplayFormat format = ReplayFormat::ndjson;
};

/// Prints one line per moment. Errors: invalid_argument (no such view, no such step, too many
/// moments), those of the view and of the file.
Status replay_view(api::App& app, const ReplayView& wanted, const Interrupt& interrupt);

}  // namespace factum::cli
