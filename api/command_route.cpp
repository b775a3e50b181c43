// Commands over HTTP: body in, decision, durable, views caught up, answer out.
#include "api/answers.hpp"
#include "api/json_members.hpp"
#include "api/problem.hpp"
#include "api/request_options.hpp"
#include "api/routes.hpp"
#include "api/write_parts.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "core/es/log_model_reader.hpp"

namespace factum::api {
namespace {

// What an executing command needs until it is answered.
struct Execution {
  Services& services;
  const CommandType& type;
  std::shared_ptr<const Call> call;
  Respond respond;
  std::optional<Position> expected;
  Uuid target;
};
using ExecutionPtr = std::shared_ptr<Execution>;

struct CommandAnswer {
  Uuid id;
  Position position;
  Position version;
  std::vector<std::string> behind;

  static void describe(FieldVisitor& v, CommandAnswer& a) {
    v.shown("id", a.id, "The entity the command is about");
    v.shown("position", a.position, "The last position this write is recorded at");
    v.shown("version", a.version, "The version of the entity, for If-Match");
    v.shown("behind", a.behind, "Views that do not show this write yet; empty = all do");
  }
};

const EntityType* entity_of(const Execution& execution) {
  const auto found = execution.services.entities.find(execution.type.target_kind);
  return found == execution.services.entities.end() ? nullptr : found->second;
}

// The last of the new events that changed the state of the entity itself. A command that changed
// nothing leaves the version as it was.
Result<Position> version_of(const Execution& execution, const CommandOutcome& outcome) {
  const EntityType* entity = entity_of(execution);
  if (entity == nullptr) return outcome.last;
  EventStore& store = execution.services.store;
  const Query own{{entity->own_events(outcome.id)}};
  ReadOptions options{.backwards = true, .limit = 1, .with_slots = false};
  if (outcome.last != Position{}) {
    options.from = outcome.first;
    options.to = outcome.last;
  }
  FACTUM_TRY(auto newest, store.read(own, options));
  if (newest.empty() && outcome.last != Position{}) {
    options.from = Position{1};
    FACTUM_TRY(newest, store.read(own, options));
  }
  return newest.empty() ? Position{} : newest.front().position;
}

HttpResponse render(const Execution& execution, const CommandOutcome& outcome,
                    std::vector<std::string> behind) {
  const auto version = version_of(execution, outcome);
  if (!version) return refusal(version.error(), *execution.call);
  CommandAnswer answer{outcome.id, outcome.last, *version, std::move(behind)};
  if (answer.position == Position{}) answer.position = execution.services.store.head();
  HttpResponse response = json_response(to_json(answer));
  if (execution.type.creates) {
    response.status = 201;
    response.set("Location", execution.call->request->path + "/" + outcome.id.to_string());
  }
  response.set("ETag", etag_of(*version));
  finish_write(response, *execution.call, answer.position, outcome.replayed, answer.behind);
  return response;
}

// The members of the entity that differ between the version the caller has seen and now.
std::vector<std::string> changed_since(const Execution& execution) {
  const EntityType* entity = entity_of(execution);
  if (entity == nullptr || !execution.expected || *execution.expected == Position{}) return {};
  const Services& services = execution.services;
  LogModelReader then(services.store, services.codec, *execution.expected, true);
  LogModelReader now(services.store, services.codec, services.store.head(), true);
  const auto before = entity->read(then, execution.target);
  const auto after = entity->read(now, execution.target);
  if (!before || !after || before->version != *execution.expected) return {};
  return changed_members(before->json, after->json);
}

void refuse(const ExecutionPtr& execution, Error error) {
  if (error.code != ErrorCode::version_conflict)
    return execution->respond(refusal(error, *execution->call));
  execution->call->request->post([execution, error = std::move(error)] {
    execution->respond(problem_response(error, execution->call->request_id.to_string(),
                                        changed_since(*execution)));
  });
}

void finish(const ExecutionPtr& execution, Result<CommandOutcome> outcome) {
  if (!outcome) return refuse(execution, std::move(outcome).error());
  await_views(execution->services, execution->call, outcome->last,
              [execution, outcome = *outcome](std::vector<std::string> behind) {
                execution->respond(render(*execution, outcome, std::move(behind)));
              });
}

// A command says all by its name if it has no fields but the one that every command has.
bool has_no_fields(const Shape& request) {
  return request.fields.size() == 1 && request.fields.front().name == "occurred_at";
}

Status execute(const ExecutionPtr& execution) {
  const Call& call = *execution->call;
  const HttpRequest& request = *call.request;
  FACTUM_TRY(CommandMeta meta, write_meta(execution->services, call));
  FACTUM_TRY(meta.if_match, expected_version(request, call.route->if_match));
  execution->expected = meta.if_match;
  std::shared_ptr<AnyCommand> command = execution->type.make();
  if (!execution->type.creates) {
    FACTUM_TRY(command->target(), call.path_id());
    execution->target = command->target();
  }
  FACTUM_CHECK(read_json(request.body.empty() ? "{}" : request.body, {.sealed_as_plain = true},
                         [&](FieldVisitor& reader) { command->describe(reader); }));
  execution->services.bus.execute(
      execution->type, std::move(command), std::move(meta), request.post,
      [execution](Result<CommandOutcome> outcome) { finish(execution, std::move(outcome)); });
  return {};
}

}  // namespace

void Routes::command(const CommandType& type, std::string pattern, IfMatch if_match) {
  Route route = make_route("POST", std::move(pattern));
  route.operation = std::string(type.name);
  route.summary = std::string(type.doc);
  route.request = type.shape();
  route.body_optional = has_no_fields(*route.request);
  route.response = shape_of<CommandAnswer>();
  route.writes = true;
  route.if_match = type.creates ? IfMatch::unused : if_match;
  route.success = type.creates ? 201 : 200;
  route.handler = [&services = services_, &type](std::shared_ptr<const Call> call,
                                                 Respond respond) {
    auto execution = std::make_shared<Execution>(
        Execution{services, type, std::move(call), std::move(respond), {}, {}});
    if (auto started = execute(execution); !started) refuse(execution, std::move(started).error());
  };
  add(std::move(route));
}

}  // namespace factum::api
