// Writes comma separated rows (RFC 4180), for reports and exports.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace factum::importing {

/// Appends a text as one field: see csv_line.
void append_csv_field(std::string& line, std::string_view field);

/// One row with its CRLF. A field with a quote, a comma or a line break is quoted; a field that a
/// spreadsheet would run as a formula (= + - @ in front) gets an apostrophe before it.
std::string csv_line(std::initializer_list<std::string_view> fields);

}  // namespace factum::importing
