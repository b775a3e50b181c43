#include "projections/timeline.hpp"

#include "projections/merged_scan.hpp"
#include "projections/timeline_facts.hpp"

namespace factum::projections {
namespace {

// 'e' customer, kind, time and position (newest first): the entry.
std::string partition(const crm::CustomerId& customer, TimelineKind kind) {
  return ViewKey('e').id(customer).byte(static_cast<std::uint8_t>(kind)).str();
}

std::string_view source_name(Source source) {
  switch (source) {
    case Source::api: return "api";
    case Source::import: return "import";
    case Source::rule: return "rule";
    case Source::system: return "system";
  }
  return "unknown";
}

}  // namespace

std::string timeline_key(const crm::CustomerId& customer, TimelineKind kind, Timestamp happened_at,
                         Position position) {
  return partition(customer, kind) + newest_first(happened_at, position);
}

TimelineEntry timeline_entry(const DecodedEvent& at, TimelineKind kind, std::string entity) {
  TimelineEntry entry;
  entry.type = at.record().type;
  entry.kind = kind;
  entry.entity = std::move(entity);
  entry.position = at.position();
  entry.happened_at = at.happened_at();
  entry.occurred_at = at.record().occurred_at;
  entry.recorded_at = at.recorded->recorded_at;
  entry.actor = at.record().actor;
  entry.source = source_name(at.record().source);
  return entry;
}

Projection timeline_projection() {
  Projection projection("timeline", 1, "What happened with one customer, newest first");
  projection.keep_past_of({});
  register_timeline(projection);
  return projection;
}

Result<Page<TimelineEntry>> timeline(const ViewReader& rows, const TimelineQuery& query) {
  MergedScan scan{.prefixes = {}, .from = {}, .to = {}, .page = query.page};
  for (std::size_t kind = 0; kind < Symbols<TimelineKind>::kNames.size(); ++kind) {
    const auto wanted = static_cast<TimelineKind>(kind);
    if (query.kinds.empty() ||
        std::find(query.kinds.begin(), query.kinds.end(), wanted) != query.kinds.end())
      scan.prefixes.push_back(partition(query.customer, wanted));
  }
  set_period(scan, query.from, query.to);
  Page<TimelineEntry> page;
  FACTUM_TRY(page.next,
             merged_scan(rows, scan,
                         [&](std::string_view /*key*/, std::string_view value) -> Result<bool> {
                           FACTUM_TRY(auto entry, decode_row<TimelineEntry>(value));
                           page.items.push_back(std::move(entry));
                           return true;
                         }));
  return page;
}

void TimelineEntry::describe(FieldVisitor& v, TimelineEntry& e) {
  v.shown("type", e.type, "Type of the event");
  v.shown("kind", e.kind, "What it is about");
  v.shown("entity", e.entity, "The entity, as kind:id");
  v.shown("position", e.position, "Its place in the log");
  v.shown("happened_at", e.happened_at, "When it happened; for undated facts, when recorded");
  v.shown("occurred_at", e.occurred_at, "When it happened in the world; absent = undated");
  v.shown("recorded_at", e.recorded_at, "When it was recorded");
  v.shown("actor", e.actor, "Who caused it");
  v.shown("source", e.source, "Where it came from: api, import, rule, system");
  v.shown("amount", e.amount, "The amount it is about");
  v.shown("facts", e.facts, "Short facts by name, such as stage, channel, reason");
  v.shown("heading", e.heading, "Heading");
  v.shown("text", e.text, "Text");
  v.shown("shortened", e.shortened, "A long text was left out; the entity has it");
}

}  // namespace factum::projections
