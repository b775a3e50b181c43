#include "api/cli/event_csv.hpp"

#include "api/event_json.hpp"
#include "api/import/csv_writer.hpp"
#include "api/json_pointer.hpp"

#include <array>
#include <map>
#include <string_view>

namespace factum::cli {
namespace {

constexpr auto kColumns = std::to_array<std::string_view>(
    {"position", "recorded_at", "type", "schema", "event_id", "occurred_at", "actor",
     "on_behalf_of", "source", "correlation_id", "causation_id", "event_hash"});

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : " ") + text;
  return list;
}

}  // namespace

std::string event_csv_header() {
  std::string line;
  for (const std::string_view column : kColumns) line.append(column) += ',';
  return line + "tags,broken_rules,data\r\n";
}

std::string event_csv_line(const RecordedEvent& event) {
  std::string json;
  api::append_event_json(json, event);
  std::map<std::string, std::string> values;
  for (api::JsonLeaf& leaf : api::json_leaves(json)) values[leaf.pointer] = std::move(leaf.value);
  std::string line;
  for (const std::string_view column : kColumns) {
    importing::append_csv_field(line, values['/' + std::string(column)]);
    line += ',';
  }
  importing::append_csv_field(line, joined(event.record.tags));
  line += ',';
  importing::append_csv_field(line, joined(event.record.broken_rules));
  line += ',';
  importing::append_csv_field(line, event.record.data);
  return line + "\r\n";
}

}  // namespace factum::cli
