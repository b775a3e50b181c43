#include "api/answers.hpp"

#include "api/json_members.hpp"
#include "api/problem.hpp"
#include "api/request_options.hpp"
#include "api/services.hpp"
#include "core/base/contract.hpp"

#include <algorithm>

namespace factum::api {

HttpResponse json_response(std::string body) {
  HttpResponse response{.status = 200, .headers = {}, .body = std::move(body), .chunks = {}};
  response.headers.reserve(6);
  response.set("Content-Type", "application/json");
  return response;
}

HttpResponse refusal(const Error& error, const Call& call) {
  return problem_response(error, call.request_id.to_string());
}

HttpResponse response_of(Result<HttpResponse> made, const Call& call) {
  return made ? std::move(*made) : refusal(made.error(), call);
}

void respond_later(const Services& services, const std::shared_ptr<const Call>& call,
                   const Respond& respond, std::function<Result<HttpResponse>()> make) {
  const bool taken = services.background->run([call, respond, make = std::move(make)] {
    call->request->post([respond, response = response_of(make(), *call)]() mutable {
      respond(std::move(response));
    });
  });
  if (taken) return;
  respond(
      refusal({ErrorCode::overloaded, "too many long answers are being made", {}, {}, 0}, *call));
}

void set_position(HttpResponse& response, Position position) {
  response.set("Factum-Position", std::to_string(position.value()));
}

std::string etag_of(Position version) { return "\"" + std::to_string(version.value()) + "\""; }

HttpResponse with_etag(const Call& call, HttpResponse response, const std::string& etag) {
  if (is_not_modified(*call.request, etag)) {
    response.status = 304;
    response.body.clear();
  }
  response.set("ETag", etag);
  return response;
}

Result<std::vector<std::string>> selected_fields(const Call& call) {
  std::vector<std::string> names;
  const std::string* given = call.parameter("fields");
  if (given == nullptr) return names;
  FACTUM_ASSERT(call.route->response.has_value());
  const auto& known = call.route->response->fields;
  std::string_view rest = *given;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    const auto is_same = [&](const FieldShape& field) { return field.name == name; };
    if (name != "version" && std::none_of(known.begin(), known.end(), is_same)) {
      return fail(Error{ErrorCode::invalid_argument,
                        "the answer has no such field",
                        {},
                        {{"/query/fields", "unknown", "a name is not a field of this answer"}},
                        0});
    }
    names.emplace_back(name);
  }
  return names;
}

std::string select_fields(const std::vector<std::string>& fields, std::string object) {
  if (fields.empty()) return object;
  return pick_members(object, fields);
}

}  // namespace factum::api
