// Appending events of types that the installation has defined for itself.
#include "api/answers.hpp"
#include "api/event_query.hpp"
#include "api/routes.hpp"
#include "api/write_parts.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "core/es/slot_visitors.hpp"

#include <set>

namespace factum::api {
namespace {

constexpr std::size_t kEventsMax = 100;

struct MatchQuery {
  std::vector<EventQueryItem> items;

  static void describe(FieldVisitor& v, MatchQuery& q) {
    v.shown("items", q.items, "Joined by OR; none = every event", at_most(100));
  }
};

struct AskedCondition {
  MatchQuery fail_if_events_match;
  std::optional<std::int64_t> after;

  static void describe(FieldVisitor& v, AskedCondition& c) {
    v.shown("fail_if_events_match", c.fail_if_events_match, "The events that must not be there");
    v.shown("after", c.after, "Only those behind this position count; absent = all",
            between(0, kPositionMax));
  }
};

struct OwnEvent {
  std::string type;
  EventBox data;  // empty: the type is not one of the installation's own
  std::optional<Timestamp> occurred_at;
};

// The body of a request. `types` is null while it is described and not read.
struct AskedAppend {
  const ExtensionTypes* types = nullptr;
  std::vector<OwnEvent> events;
  std::optional<AskedCondition> condition;
  std::vector<FieldError> gaps;
};

struct AppendAnswer {
  Position first_position;
  Position position;
  std::vector<Uuid> event_ids;
  std::vector<std::string> behind;

  static void describe(FieldVisitor& v, AppendAnswer& a) {
    v.shown("first_position", a.first_position, "The position of the first event");
    v.shown("position", a.position, "The position of the last event");
    v.shown("event_ids", a.event_ids, "The ids of the events, in their order");
    v.shown("behind", a.behind, "Views that do not show this write yet; empty = all do");
  }
};

std::string pointer_to(std::size_t event, std::string_view rest) {
  return "/events/" + std::to_string(event) + std::string(rest);
}

// What `data` holds follows from `type`, which therefore is read first.
void walk_data(FieldVisitor& v, AskedAppend& asked, std::size_t index) {
  OwnEvent& event = asked.events[index];
  if (asked.types == nullptr) {
    v.begin_object();
    return v.end_object();
  }
  const ExtensionType* type = asked.types->find(event.type);
  if (type == nullptr) return;
  std::vector<FieldError> gaps;
  event.data = type->read_new(v, gaps);
  for (FieldError& gap : gaps) {
    gap.pointer = pointer_to(index, "/data" + gap.pointer);
    asked.gaps.push_back(std::move(gap));
  }
}

void walk_event(FieldVisitor& v, AskedAppend& asked, std::size_t index) {
  OwnEvent& event = asked.events[index];
  v.begin_object();
  v.shown("type", event.type, "A type that the installation has defined: ext.…", non_empty(100));
  const Field data{.name = "data",
                   .doc =
                       "Its fields as the schema of this name says, personal values in the "
                       "clear: they are sealed before they are recorded",
                   .owner = {},
                   .limits = {}};
  if (v.begin_field(data, false, true) == FieldVisitor::Visit::present) {
    walk_data(v, asked, index);
    v.end_field();
  }
  v.shown("occurred_at", event.occurred_at, "When it happened; absent = now");
  v.end_object();
}

void walk_append(FieldVisitor& v, AskedAppend& asked) {
  v.begin_object();
  const Field events{.name = "events",
                     .doc = "Recorded together, in this order, or not at all",
                     .owner = {},
                     .limits = at_most(kEventsMax)};
  if (v.begin_field(events, false, true) == FieldVisitor::Visit::present) {
    asked.events.resize(v.begin_list(asked.events.size(), events.limits));
    for (std::size_t i = 0; i < asked.events.size(); ++i) {
      v.next_element(i);
      walk_event(v, asked, i);
    }
    v.end_list();
    v.end_field();
  }
  v.shown("condition", asked.condition, "Append only if nothing has happened that matches this");
  v.end_object();
}

// Types that deciders own are never appended raw.
Status check_types(const AskedAppend& asked) {
  for (std::size_t i = 0; i < asked.events.size(); ++i) {
    if (asked.events[i].data) continue;
    Error error{ErrorCode::forbidden, "", "", {{pointer_to(i, "/type"), "type", ""}}, 0};
    std::string& detail = error.fields.front().detail;
    if (!asked.events[i].type.starts_with(kExtensionPrefix)) {
      error.message = "events of this type come from commands only";
      detail = "only types that begin with ext. are appended";
    } else if (asked.types->empty()) {
      error.message = "this installation has defined no event types of its own; use the commands";
      detail = "there is no " + std::string(kExtensionFile);
    } else {
      error.code = ErrorCode::invalid_argument;
      error.message = "this installation has not defined such an event type";
      detail = std::string(kExtensionFile) + " has no such type";
    }
    return fail(std::move(error));
  }
  return {};
}

Result<bool> exists(const Services& services, std::string_view tag) {
  const std::size_t colon = tag.find(':');
  const auto entity = services.entities.find(tag.substr(0, colon));
  if (entity == services.entities.end()) return false;
  FACTUM_TRY(const Uuid id, Uuid::parse(tag.substr(colon + 1)));
  FACTUM_TRY(const auto first, services.store.read({{entity->second->own_events(id)}},
                                                   {.limit = 1, .with_slots = false}));
  return !first.empty();
}

// No key is made for somebody who is not there. Entities never vanish, so that no condition has to
// hold until the append.
Status check_entities(const Services& services, const AskedAppend& asked) {
  std::set<std::string> known;
  for (std::size_t i = 0; i < asked.events.size(); ++i) {
    ClearWriter clear;
    asked.events[i].data.describe(clear);
    for (std::string& tag : clear.take_tags()) {
      if (known.contains(tag)) continue;
      FACTUM_TRY(const bool found, exists(services, tag));
      if (!found) {
        const std::string kind = tag.substr(0, tag.find(':'));
        return fail(Error{ErrorCode::rule_violation,
                          "an event is about entities that exist; there is no such " + kind,
                          "event.entity_unknown",
                          {{pointer_to(i, "/data"), "entity", "there is no such " + kind}},
                          0});
      }
      known.insert(std::move(tag));
    }
  }
  return {};
}

Result<std::optional<AppendCondition>> condition_of(const Services& services, AskedAppend& asked) {
  if (!asked.condition) return std::optional<AppendCondition>{};
  const Position after(static_cast<std::uint64_t>(asked.condition->after.value_or(0)));
  if (after > services.store.head()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "the condition is about the time after a position that is not there yet",
                      {},
                      {{"/condition/after", "range", "this is behind the end of the log"}},
                      0});
  }
  FACTUM_TRY(Query query,
             query_of(services.codec, std::move(asked.condition->fail_if_events_match.items),
                      "/condition/fail_if_events_match/items"));
  return std::optional<AppendCondition>({std::move(query), after});
}

Result<OwnAppend> read_append(const Services& services, const Call& call) {
  AskedAppend asked;
  asked.types = &services.extensions;
  FACTUM_CHECK(read_json(call.request->body, {.sealed_as_plain = true},
                         [&](FieldVisitor& reader) { walk_append(reader, asked); }));
  FACTUM_CHECK(check_types(asked));
  if (!asked.gaps.empty()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "some fields are missing or wrong",
                      {},
                      std::move(asked.gaps),
                      0});
  }
  FACTUM_CHECK(check_entities(services, asked));
  OwnAppend own;
  FACTUM_TRY(own.condition, condition_of(services, asked));
  std::set<const EventType*> types;
  for (OwnEvent& event : asked.events) {
    const ExtensionType* type = services.extensions.find(event.type);
    if (types.insert(type).second)
      own.claims.push_back(shape_claim(*type, services.codec.sealer()));
    own.events.push_back({std::move(event.data), event.occurred_at});
  }
  return own;
}

Result<HttpResponse> render(const Services& services, const Call& call,
                            const CommandOutcome& outcome, const std::vector<std::string>& behind) {
  AppendAnswer answer{outcome.first, outcome.last, {}, behind};
  FACTUM_TRY(
      const auto events,
      services.store.read({}, {.from = outcome.first, .to = outcome.last, .with_slots = false}));
  for (const RecordedEvent& event : events) answer.event_ids.push_back(event.record.event_id);
  HttpResponse response = json_response(to_json(answer));
  finish_write(response, call, outcome.last, outcome.replayed, behind);
  return response;
}

Status append_events(const Services& services, const std::shared_ptr<const Call>& call,
                     const Respond& respond) {
  FACTUM_TRY(const CommandMeta meta, write_meta(services, *call));
  FACTUM_TRY(OwnAppend own, read_append(services, *call));
  services.bus.append(
      std::move(own), meta, [&services, call, respond](Result<CommandOutcome> outcome) {
        if (!outcome) return respond(refusal(outcome.error(), *call));
        await_views(
            services, call, outcome->last,
            [&services, call, respond, outcome = *outcome](const std::vector<std::string>& behind) {
              respond(response_of(render(services, *call, outcome, behind), *call));
            });
      });
  return {};
}

}  // namespace

void add_append_route(Routes& routes) {
  Route route = make_route("POST", "/v1/events:append");
  route.operation = "append_events";
  route.summary = "Events of types that the installation has defined for itself; off by default";
  route.request = shape_by([](FieldVisitor& visitor) {
    AskedAppend described;
    walk_append(visitor, described);
  });
  route.response = shape_of<AppendAnswer>();
  route.writes = true;
  route.handler = [&services = routes.services()](const std::shared_ptr<const Call>& call,
                                                  const Respond& respond) {
    if (auto started = append_events(services, call, respond); !started)
      respond(refusal(started.error(), *call));
  };
  routes.add(std::move(route));
}

}  // namespace factum::api
