#include "api/import/csv_writer.hpp"

namespace factum::importing {

void append_csv_field(std::string& line, std::string_view field) {
  const bool formula = !field.empty() && std::string_view("=+-@").find(field[0]) != field.npos;
  const bool quote = field.find_first_of(",\"\r\n") != field.npos;
  if (quote) line += '"';
  if (formula) line += '\'';
  for (const char c : field) {
    if (c == '"') line += '"';
    line += c;
  }
  if (quote) line += '"';
}

std::string csv_line(std::initializer_list<std::string_view> fields) {
  std::string line;
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) line += ',';
    first = false;
    append_csv_field(line, field);
  }
  return line + "\r\n";
}

}  // namespace factum::importing
