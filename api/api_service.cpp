#include "api/api_service.hpp"

#include "api/answers.hpp"
#include "api/problem.hpp"

#include <algorithm>

namespace factum::api {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

// "application/json; charset=utf-8" and "application/merge-patch+json" alike.
bool is_json(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return media_type == "application/json" || media_type.ends_with("+json");
}

bool lacks_json_type(const HttpRequest& request, const Route& route) {
  if (!route.request || request.body.empty()) return false;
  const std::string* type = request.header("content-type");
  return type == nullptr || !is_json(*type);
}

// Routes without parameters of their own refuse every other one; the rest is checked on reading.
Status check_parameters(const Call& call) {
  if (call.route->query || call.own_query().empty()) return {};
  Error error{ErrorCode::invalid_argument, "this route has no such parameter", {}, {}, 0};
  for (const auto& [name, value] : call.own_query())
    error.fields.push_back({"/query/" + name.substr(0, 100), "unknown", "not known here"});
  return fail(std::move(error));
}

HttpProblem problem_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::malformed: return HttpProblem::malformed_request;
    case HttpFailure::header_too_large: return HttpProblem::header_too_large;
    case HttpFailure::body_too_large: return HttpProblem::body_too_large;
    case HttpFailure::request_timeout: return HttpProblem::request_timeout;
    case HttpFailure::too_many_connections: return HttpProblem::too_many_connections;
  }
  return HttpProblem::malformed_request;
}

// The answer for a request that has no row: 404, 405, or the methods for OPTIONS.
HttpResponse without_route(const HttpRequest& request, const Router::Match& match,
                           std::string_view request_id) {
  if (match.allowed.empty()) return problem_response(HttpProblem::route_unknown, {}, request_id);
  HttpResponse response =
      request.method == "OPTIONS"
          ? HttpResponse{.status = 204, .headers = {}, .body = {}, .chunks = {}}
          : problem_response(HttpProblem::method_not_allowed,
                             "allowed here: " + joined(match.allowed), request_id);
  response.set("Allow", joined(match.allowed));
  return response;
}

}  // namespace

std::size_t ApiService::body_bytes_max(std::string_view method, std::string_view path) const {
  const auto match = router_.find(method, path);
  return match && match->route != nullptr ? match->route->body_bytes_max : Route{}.body_bytes_max;
}

void ApiService::handle(std::shared_ptr<const HttpRequest> request, Respond respond) {
  auto call = std::make_shared<Call>();
  call->request_id = ids_.next();
  call->request = std::move(request);
  Respond answer = [respond = std::move(respond), id = call->request_id](HttpResponse response) {
    response.set("Request-Id", id.to_string());
    respond(std::move(response));
  };
  auto match = router_.find(call->request->method, call->request->path);
  if (!match) return answer(refusal(match.error(), *call));
  if (match->route == nullptr)
    return answer(without_route(*call->request, *match, call->request_id.to_string()));
  call->route = match->route;
  call->path_values = std::move(match->path_values);
  if (lacks_json_type(*call->request, *call->route)) {
    return answer(
        problem_response(HttpProblem::unsupported_media_type, {}, call->request_id.to_string()));
  }
  auto query = decode_query(call->request->query);
  if (!query) return answer(refusal(query.error(), *call));
  call->query = std::move(*query);
  if (const auto checked = check_parameters(*call); !checked)
    return answer(refusal(checked.error(), *call));
  const Handler& handler = call->route->handler;
  handler(std::move(call), std::move(answer));
}

HttpResponse ApiService::failure(HttpFailure failure) const {
  return problem_response(problem_of(failure), {}, ids_.next().to_string());
}

}  // namespace factum::api
