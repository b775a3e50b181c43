// Reading one entity: folded from its events, now or as of a position.
#include "api/answers.hpp"
#include "api/request_options.hpp"
#include "api/routes.hpp"
#include "core/es/log_model_reader.hpp"

namespace factum::api {
namespace {

Result<HttpResponse> read_entity(const Services& services, const EntityType& type,
                                 const Call& call) {
  FACTUM_TRY(const Uuid id, call.path_id());
  FACTUM_TRY(const auto as_of, as_of_position(call, services.store, services.clock.now()));
  FACTUM_TRY(const auto fields, selected_fields(call));
  const Position at = as_of.value_or(services.store.head());
  LogModelReader reader(services.store, services.codec, at, true);
  FACTUM_TRY(EntityAnswer answer, type.read(reader, id));
  if (answer.version == Position{})
    return fail(ErrorCode::not_found, "there is no such " + std::string(type.kind));
  answer.json.back() = ',';
  answer.json += "\"version\":" + std::to_string(answer.version.value()) + "}";
  HttpResponse response = json_response(select_fields(fields, std::move(answer.json)));
  set_position(response, at);
  return with_etag(call, std::move(response), etag_of(answer.version));
}

}  // namespace

void Routes::entity(const EntityType& type, std::string pattern) {
  Route route = make_route("GET", std::move(pattern));
  route.operation = "read_" + std::string(type.kind);
  route.summary = "One " + std::string(type.kind) + " as its own events leave it";
  route.response = type.shape();
  route.as_of = true;
  route.selects_fields = true;
  route.handler = [&services = services_, &type](const std::shared_ptr<const Call>& call,
                                                 const Respond& respond) {
    respond(response_of(read_entity(services, type, *call), *call));
  };
  add(std::move(route));
}

}  // namespace factum::api
