#include "api/event_json.hpp"

#include "core/base/hex.hpp"
#include "core/es/json_writer.hpp"

#include <algorithm>
#include <array>

namespace factum::api {
namespace {

constexpr std::size_t kEventsPerPage = 500;

void add_text(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

// Ids, instants and digests need no escapes.
void add_id(std::string& out, std::string_view name, const Uuid& id) {
  out.append(",\"").append(name).append("\":\"");
  id.append_to(out);
  out += '"';
}

void add_instant(std::string& out, std::string_view name, Timestamp instant) {
  out.append(",\"").append(name).append("\":\"");
  append_to(out, instant);
  out += '"';
}

void add_digest(std::string& out, std::string_view name, const Digest& digest) {
  out.append(",\"").append(name).append("\":\"");
  append_hex(out, digest);
  out += '"';
}

std::string_view name_of(Source source) {
  switch (source) {
    case Source::api: return "api";
    case Source::import: return "import";
    case Source::rule: return "rule";
    case Source::system: return "system";
  }
  return "unknown";
}

void add_texts(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  out.append(",\"").append(name).append("\":[");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, values[i]);
  }
  out += ']';
}

void add_slots(std::string& out, const RecordedEvent& event) {
  if (event.record.slots.empty()) return;
  out.append(",\"slots\":[");
  for (std::size_t i = 0; i < event.record.slots.size(); ++i) {
    const SlotHeader& slot = event.record.slots[i];
    out.append(i == 0 ? "{\"name\":" : ",{\"name\":");
    append_json_string(out, slot.name);
    add_id(out, "key_id", slot.key_id);
    out.append(",\"generation\":").append(std::to_string(slot.generation));
    out.append(",\"padded_bytes\":").append(std::to_string(slot.padded_bytes));
    add_digest(out, "ciphertext_hash", slot.ciphertext_hash);
    out += '}';
  }
  out += ']';
}

}  // namespace

void append_event_json(std::string& out, const RecordedEvent& event) {
  const EventRecord& record = event.record;
  out.append("{\"position\":").append(std::to_string(event.position.value()));
  add_instant(out, "recorded_at", event.recorded_at);
  add_text(out, "type", record.type);
  out.append(",\"schema\":").append(std::to_string(record.schema));
  add_id(out, "event_id", record.event_id);
  add_texts(out, "tags", record.tags);
  out.append(",\"data\":").append(record.data);
  add_slots(out, event);
  if (record.occurred_at) add_instant(out, "occurred_at", *record.occurred_at);
  add_text(out, "actor", record.actor);
  if (!record.on_behalf_of.empty()) add_text(out, "on_behalf_of", record.on_behalf_of);
  add_text(out, "source", name_of(record.source));
  add_id(out, "correlation_id", record.correlation_id);
  if (!record.causation_id.is_nil()) add_id(out, "causation_id", record.causation_id);
  if (!record.broken_rules.empty()) add_texts(out, "broken_rules", record.broken_rules);
  add_digest(out, "event_hash", event.event_hash);
  out += '}';
}

EventPages::EventPages(const EventStore& store, Query query, ReadOptions options)
    : store_(store), query_(std::move(query)), options_(options) {}

Result<bool> EventPages::next(const std::function<void(const RecordedEvent&)>& take) {
  ReadOptions page = options_;
  page.limit = std::min(options_.limit, kEventsPerPage);
  std::size_t count = 0;
  Position last;
  FACTUM_CHECK(store_.visit(query_, page, [&](const RecordedEvent& event) {
    take(event);
    last = event.position;
    return ++count < page.limit;
  }));
  const bool at_end = count < page.limit || (options_.backwards && last == Position{1});
  options_.limit = at_end ? 0 : options_.limit - count;
  if (options_.backwards)
    options_.to = Position(last.value() - 1);
  else
    options_.from = Position(last.value() + 1);
  return count > 0;
}

}  // namespace factum::api
