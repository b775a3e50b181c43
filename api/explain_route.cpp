#include "api/explain_route.hpp"

#include "api/answers.hpp"
#include "api/cursor.hpp"
#include "api/event_json.hpp"
#include "api/json_pointer.hpp"
#include "api/request_options.hpp"
#include "projections/explain.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"

namespace factum::api {
namespace {

struct ExplainEndpoint {
  Services& services;
  ViewRow row;
  PrepareView prepare;
};
using EndpointPtr = std::shared_ptr<const ExplainEndpoint>;

/// An event that a figure comes from. The figure before and after it stands beside these.
struct ExplainedEvent {
  Position position;
  std::string type;
  Uuid event_id;
  Timestamp recorded_at;
  std::optional<Timestamp> occurred_at;
  std::string actor;

  static void describe(FieldVisitor& v, ExplainedEvent& e) {
    v.shown("position", e.position, "Place in the log");
    v.shown("type", e.type, "The event type");
    v.shown("event_id", e.event_id, "Id of the event");
    v.shown("recorded_at", e.recorded_at, "When the log took it");
    v.shown("occurred_at", e.occurred_at, "When it happened; absent = undated");
    v.shown("actor", e.actor, "Who caused it");
  }
};

struct Asked {
  RenderView render;
  std::optional<std::string> pointer;
  projections::ExplainQuery query;
  std::shared_ptr<const ViewReader> rows;
};

std::string scope_of(const Call& call) {
  std::string scope = "explain\n" + call.request->path;
  for (const auto& [name, value] : call.own_query()) scope += "\n" + name + "=" + value;
  return scope;
}

Result<Asked> read_call(const ExplainEndpoint& endpoint, const Call& call) {
  const Services& services = endpoint.services;
  Asked asked;
  FACTUM_TRY(asked.render, endpoint.prepare(call));
  FACTUM_TRY(const auto page, page_request(services.codec.sealer(), scope_of(call), call));
  asked.query.limit = page.limit;
  if (!page.after.empty()) {
    FACTUM_TRY(const std::uint64_t after, parse_number(page.after, "after"));
    asked.query.after = Position(after);
  }
  if (const std::string* pointer = call.parameter("figure")) {
    FACTUM_CHECK(json_at("{}", *pointer));
    asked.pointer = *pointer;
  }
  asked.query.by_value = asked.pointer.has_value();
  FACTUM_TRY(const auto as_of, as_of_position(call, services.store, services.clock.now()));
  FACTUM_TRY(asked.query.tag, tag_of(endpoint.row, call));
  FACTUM_TRY(asked.rows, rows_of(services, endpoint.row, call, as_of));
  asked.query.position = as_of.value_or(asked.rows->position());
  return asked;
}

// The figure as JSON; null while the thing that the view is about is not there.
projections::Figure figure_of(const EndpointPtr& endpoint, const Call& call, const Asked& asked) {
  return [endpoint, &call, &asked](const ViewReader& rows) -> Result<std::string> {
    auto rendered = asked.render({rows, call, endpoint->services, {}});
    if (!rendered && rendered.error().code == ErrorCode::not_found) return std::string("null");
    if (!rendered) return fail(std::move(rendered).error());
    return json_at(rendered->items.front(), asked.pointer.value_or(""));
  };
}

Status add_event(const EventStore& store, const projections::Contribution& item,
                 std::string& json) {
  ReadOptions options{.from = item.position, .to = item.position, .with_slots = false};
  FACTUM_TRY(const auto events, store.read({}, options));
  if (events.size() != 1) return fail(ErrorCode::corrupt, "an event is missing");
  const EventRecord& record = events.front().record;
  ExplainedEvent event{item.position,      record.type, record.event_id, events.front().recorded_at,
                       record.occurred_at, record.actor};
  std::string text = to_json(event);
  if (!item.after.empty()) {
    text.pop_back();
    text += ",\"before\":" + item.before + ",\"after\":" + item.after + "}";
  }
  json += json.back() == '[' ? text : "," + text;
  return {};
}

Result<HttpResponse> answer(const EndpointPtr& endpoint, const Call& call) {
  Services& services = endpoint->services;
  FACTUM_TRY(const Asked asked, read_call(*endpoint, call));
  FACTUM_TRY(const RenderedView now, asked.render({*asked.rows, call, services, {}}));
  FACTUM_TRY(const std::string value, json_at(now.items.front(), asked.pointer.value_or("")));
  FACTUM_TRY(const auto explanation,
             services.past.explain(endpoint->row.view, *asked.rows, asked.query,
                                   figure_of(endpoint, call, asked)));
  std::string json = "{\"data\":[";
  for (const projections::Contribution& item : explanation.items)
    FACTUM_CHECK(add_event(services.store, item, json));
  json += "],";
  if (asked.pointer) json += "\"value\":" + value + ",";
  json += "\"page\":{";
  const bool more = explanation.next != Position{};
  if (more) {
    json += "\"next\":\"" +
            make_cursor(services.codec.sealer(), scope_of(call),
                        std::to_string(explanation.next.value())) +
            "\",";
  }
  json += std::string("\"has_more\":") + (more ? "true" : "false") + "}}";
  HttpResponse response = json_response(std::move(json));
  set_position(response, asked.query.position);
  return response;
}

}  // namespace

void add_explain_route(Routes& routes, const Route& view, const ViewRow& row,
                       const PrepareView& prepare) {
  Route route = make_route("GET", view.pattern + ":explain");
  route.operation = "explain_" + row.view;
  route.summary =
      "The events behind a figure of this view, oldest first, each with the figure before and "
      "after it; without `figure`, the events behind all of it. A page may be short";
  route.query = view.query;
  route.response = shape_of<ExplainedEvent>();
  route.paged = true;
  route.as_of = true;
  route.explains = true;
  auto endpoint =
      std::make_shared<const ExplainEndpoint>(ExplainEndpoint{routes.services(), row, prepare});
  route.handler = [endpoint](const std::shared_ptr<const Call>& call, const Respond& respond) {
    respond_later(endpoint->services, call, respond,
                  [endpoint, call] { return answer(endpoint, *call); });
  };
  routes.add(std::move(route));
}

}  // namespace factum::api
