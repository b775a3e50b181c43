// The log itself: events as NDJSON, by filters or by a query.
#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/event_query.hpp"
#include "api/openapi.hpp"
#include "api/query_reader.hpp"
#include "api/routes.hpp"
#include "core/es/json_reader.hpp"

#include <algorithm>
#include <mutex>

namespace factum::api {
namespace {

constexpr std::string_view kNdjson = "application/x-ndjson";

struct EventFilter {
  std::vector<std::string> type;
  std::vector<std::string> tag;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  std::optional<std::int64_t> limit;
  std::optional<bool> backwards;

  static void describe(FieldVisitor& v, EventFilter& f) {
    v.shown("type", f.type, "Any of these event types", at_most(100));
    v.shown("tag", f.tag, "All of these tags, e.g. customer:<id>", at_most(32));
    v.shown("from", f.from, "The first position", between(1, kPositionMax));
    v.shown("to", f.to, "The last position; absent = the head", between(0, kPositionMax));
    v.shown("limit", f.limit, "At most so many events", between(1, kPositionMax));
    v.shown("backwards", f.backwards, "The newest first");
  }
};

struct ReadRequest {
  std::vector<EventQueryItem> items;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  std::optional<std::int64_t> limit;
  std::optional<bool> backwards;

  static void describe(FieldVisitor& v, ReadRequest& r) {
    v.shown("items", r.items, "Joined by OR; none = every event", at_most(100));
    v.shown("from", r.from, "The first position", between(1, kPositionMax));
    v.shown("to", r.to, "The last position; absent = the head", between(0, kPositionMax));
    v.shown("limit", r.limit, "At most so many events", between(1, kPositionMax));
    v.shown("backwards", r.backwards, "The newest first");
  }
};

struct EventLine {
  Position position;
  Timestamp recorded_at;
  std::string type;
  std::int64_t schema = 1;
  Uuid event_id;
  std::vector<std::string> tags;
  std::optional<Timestamp> occurred_at;
  std::string actor;
  std::string source;
  std::string event_hash;

  static void describe(FieldVisitor& v, EventLine& e) {
    v.shown("position", e.position, "Place in the log");
    v.shown("recorded_at", e.recorded_at, "When the log took it");
    v.shown("type", e.type, "The event type; `data` has its shape");
    v.shown("schema", e.schema, "Version of the shape");
    v.shown("event_id", e.event_id, "Id of the event");
    v.shown("tags", e.tags, "The entities it is about");
    v.shown("occurred_at", e.occurred_at, "When it happened; absent = undated");
    v.shown("actor", e.actor, "Who caused it");
    v.shown("source", e.source, "api, import, rule or system");
    v.shown("event_hash", e.event_hash, "SHA-256 of the canonical record, hexadecimal");
  }
};

template <class Asked>
Result<ReadOptions> options_of(const Asked& asked, Position head) {
  if (asked.from && asked.to && *asked.from > *asked.to)
    return fail(ErrorCode::invalid_argument, "from is larger than to: no position lies between");
  ReadOptions options{.with_slots = false};
  if (asked.from) options.from = Position(static_cast<std::uint64_t>(*asked.from));
  options.to = head;
  if (asked.to) options.to = std::min(head, Position(static_cast<std::uint64_t>(*asked.to)));
  options.limit = asked.limit ? static_cast<std::size_t>(*asked.limit) : SIZE_MAX;
  options.backwards = asked.backwards.value_or(false);
  return options;
}

// The answer is read piece by piece as the client takes it, up to the head as it is now.
HttpResponse stream_events(const EventStore& store, Query query, ReadOptions options,
                           Position head) {
  HttpResponse response;
  response.set("Content-Type", std::string(kNdjson));
  set_position(response, head);
  auto pages = std::make_shared<EventPages>(store, std::move(query), options);
  response.chunks = [pages]() -> Result<std::optional<std::string>> {
    std::string lines;
    FACTUM_TRY(const bool any, pages->next([&](const RecordedEvent& event) {
      append_event_json(lines, event);
      lines += '\n';
    }));
    if (!any) return std::optional<std::string>{};
    return std::optional<std::string>(std::move(lines));
  };
  return response;
}

Result<HttpResponse> list_events(const Services& services, const Call& call) {
  FACTUM_TRY(EventFilter filter, from_query<EventFilter>(call.own_query()));
  const Position head = services.store.head();
  FACTUM_TRY(const ReadOptions options, options_of(filter, head));
  FACTUM_CHECK(check_types(services.codec, filter.type, "/query/type"));
  Query query;
  if (!filter.type.empty() || !filter.tag.empty())
    query.items.push_back({std::move(filter.type), std::move(filter.tag)});
  return stream_events(services.store, std::move(query), options, head);
}

Result<HttpResponse> read_events(const Services& services, const Call& call) {
  FACTUM_TRY(ReadRequest asked, from_json<ReadRequest>(call.request->body));
  const Position head = services.store.head();
  FACTUM_TRY(const ReadOptions options, options_of(asked, head));
  FACTUM_TRY(Query query, query_of(services.codec, std::move(asked.items), "/items"));
  return stream_events(services.store, std::move(query), options, head);
}

using Answer = Result<HttpResponse> (*)(const Services&, const Call&);

Handler answer_with(const Services& services, Answer answer) {
  return [&services, answer](const std::shared_ptr<const Call>& call, const Respond& respond) {
    respond(response_of(answer(services, *call), *call));
  };
}

}  // namespace

void add_event_routes(Routes& routes) {
  Route list = make_route("GET", "/v1/events");
  list.operation = "list_events";
  list.summary = "Events by type, tag and position, one JSON object per line";
  list.query = shape_of<EventFilter>();
  list.response = shape_of<EventLine>();
  list.response_type = kNdjson;
  list.handler = answer_with(routes.services(), &list_events);
  routes.add(std::move(list));

  Route read = make_route("POST", "/v1/events:read");
  read.operation = "read_events";
  read.summary = "Events of a query: any of the types and all of the tags of any item";
  read.request = shape_of<ReadRequest>();
  read.response = shape_of<EventLine>();
  read.response_type = kNdjson;
  read.handler = answer_with(routes.services(), &read_events);
  routes.add(std::move(read));
}

void add_openapi_route(Routes& routes, const Router& router) {
  struct Once {
    std::once_flag flag;
    std::string document;
  };
  Route route = make_route("GET", "/openapi.json");
  route.operation = "openapi";
  route.summary = "This description";
  route.area = "service";
  route.permission = "public";
  route.response = Shape{.kind = ShapeKind::object,
                         .limits = {},
                         .id_kind = {},
                         .symbols = {},
                         .fields = {},
                         .element = {}};
  route.handler = [&router, &codec = routes.services().codec, once = std::make_shared<Once>()](
                      const std::shared_ptr<const Call>&, const Respond& respond) {
    std::call_once(once->flag, [&] { once->document = openapi_document(router, codec.types()); });
    respond(json_response(once->document));
  };
  routes.add(std::move(route));
}

}  // namespace factum::api
