// What changed about one entity between two moments.
#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/json_pointer.hpp"
#include "api/query_reader.hpp"
#include "api/request_options.hpp"
#include "api/routes.hpp"
#include "core/es/json_writer.hpp"
#include "core/es/log_model_reader.hpp"

namespace factum::api {
namespace {

constexpr std::size_t kEventsShown = 200;

struct DiffQuery {
  std::string tag;
  std::string from;
  std::optional<std::string> to;

  static void describe(FieldVisitor& v, DiffQuery& q) {
    v.shown("tag", q.tag, "The entity, e.g. customer:<id>", non_empty(255));
    v.shown("from", q.from, "The earlier moment: a position or a time of recording", non_empty(64));
    v.shown("to", q.to, "The later moment; absent = now", non_empty(64));
  }
};

struct DiffEvent {
  Position position;
  std::string type;
  Timestamp recorded_at;
  std::string actor;

  static void describe(FieldVisitor& v, DiffEvent& e) {
    v.shown("position", e.position, "Place in the log");
    v.shown("type", e.type, "The event type");
    v.shown("recorded_at", e.recorded_at, "When the log took it");
    v.shown("actor", e.actor, "Who caused it");
  }
};

/// The changes stand beside these, as JSON.
struct Diff {
  std::string tag;
  Position from;
  Position to;
  std::vector<DiffEvent> events;
  bool more_events = false;

  static void describe(FieldVisitor& v, Diff& d) {
    v.shown("tag", d.tag, "The entity");
    v.shown("from", d.from, "Position of the earlier moment");
    v.shown("to", d.to, "Position of the later moment");
    v.shown("events", d.events, "The first 200 events about it in between");
    v.shown("more_events", d.more_events, "Whether there are more");
  }
};

tl::unexpected<Error> wrong_tag(const std::string& detail) {
  return fail(
      Error{ErrorCode::invalid_argument, detail, {}, {{"/query/tag", "format", detail}}, 0});
}

// The state of the entity as JSON; empty if it was not there.
Result<std::string> state_at(const Services& services, const EntityType& type, const Uuid& id,
                             Position at) {
  LogModelReader reader(services.store, services.codec, at, true);
  FACTUM_TRY(EntityAnswer answer, type.read(reader, id));
  return answer.version == Position{} ? std::string{} : std::move(answer.json);
}

Status add_events(const EventStore& store, Diff& diff) {
  ReadOptions options{.from = Position(diff.from.value() + 1),
                      .to = diff.to,
                      .limit = kEventsShown + 1,
                      .with_slots = false};
  if (options.from > options.to) return {};
  FACTUM_TRY(const auto events, store.read({{{{}, {diff.tag}}}}, options));
  for (const RecordedEvent& event : events) {
    diff.more_events = diff.events.size() == kEventsShown;
    if (diff.more_events) return {};
    diff.events.push_back(
        {event.position, event.record.type, event.recorded_at, event.record.actor});
  }
  return {};
}

std::string changes_json(const std::vector<JsonChange>& changes) {
  std::string json = "[";
  for (const JsonChange& change : changes) {
    json += json.size() > 1 ? ",{\"pointer\":" : "{\"pointer\":";
    append_json_string(json, change.pointer);
    if (!change.before.empty()) json += ",\"before\":" + change.before;
    if (!change.after.empty()) json += ",\"after\":" + change.after;
    json += '}';
  }
  return json + "]";
}

Result<HttpResponse> answer(const Services& services, const Call& call) {
  FACTUM_TRY(const auto asked, from_query<DiffQuery>(call.own_query()));
  const std::size_t colon = asked.tag.find(':');
  const auto type = services.entities.find(asked.tag.substr(0, colon));
  if (colon == std::string::npos || type == services.entities.end())
    return wrong_tag("there is no such kind of entity; a tag is kind:id");
  const auto id = Uuid::parse(asked.tag.substr(colon + 1));
  if (!id) return wrong_tag("a tag is kind:id, and this is no id");
  Diff diff;
  diff.tag = asked.tag;
  diff.to = services.store.head();
  const Timestamp now = services.clock.now();
  FACTUM_TRY(diff.from, position_of(asked.from, "from", services.store, now));
  if (asked.to) {
    FACTUM_TRY(diff.to, position_of(*asked.to, "to", services.store, now));
  }
  if (diff.from > diff.to)
    return fail(ErrorCode::invalid_argument, "from lies after to: nothing is between them");
  FACTUM_TRY(const std::string before, state_at(services, *type->second, *id, diff.from));
  FACTUM_TRY(const std::string after, state_at(services, *type->second, *id, diff.to));
  if (before.empty() && after.empty())
    return fail(ErrorCode::not_found,
                "there was no such " + std::string(type->first) + " at either moment");
  FACTUM_CHECK(add_events(services.store, diff));
  std::string json = to_json(diff);
  json.pop_back();
  json += ",\"changes\":" + changes_json(json_changes(before, after)) + "}";
  HttpResponse response = json_response(std::move(json));
  set_position(response, diff.to);
  return response;
}

}  // namespace

void add_diff_route(Routes& routes) {
  Route route = make_route("GET", "/v1/audit/diff");
  route.operation = "read_diff";
  route.summary = "What changed about an entity between two moments, and the events in between";
  route.query = shape_of<DiffQuery>();
  route.response = shape_of<Diff>();
  route.handler = [&services = routes.services()](const std::shared_ptr<const Call>& call,
                                                  const Respond& respond) {
    respond(response_of(answer(services, *call), *call));
  };
  routes.add(std::move(route));
}

}  // namespace factum::api
