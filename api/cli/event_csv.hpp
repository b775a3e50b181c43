// Events as rows of a table (RFC 4180).
#pragma once

#include "core/es/event_store.hpp"

#include <string>

namespace factum::cli {

/// The names of the columns, as in the lines of JSON.
std::string event_csv_header();
/// One event; lists are separated by spaces, the clear data is JSON.
std::string event_csv_line(const RecordedEvent& event);

}  // namespace factum::cli
