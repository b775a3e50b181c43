#include "api/api_service.hpp"

#include "api/answers.hpp"
#include "api/problem.hpp"
#include "api/request_head.hpp"

#include <set>

namespace factum::api {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

bool is_json(const std::string* media_type) {
  if (media_type == nullptr) return false;
  std::string type = ascii_lower(media_type->substr(0, media_type->find(';')));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  return type == "application/json";
}

// Routes without parameters of their own refuse every other one; the rest is checked on reading.
Status check_parameters(const Call& call) {
  Error error{ErrorCode::invalid_argument, "some parameters are unknown or repeated", {}, {}, 0};
  std::set<std::string_view> names;
  for (const auto& [name, value] : call.query) {
    if (!names.insert(name).second)
      error.fields.push_back({"/query/" + name.substr(0, 100), "duplicate", "this stands twice"});
  }
  if (!call.route->query) {
    for (const auto& [name, value] : call.own_query())
      error.fields.push_back({"/query/" + name.substr(0, 100), "unknown", "not known here"});
  }
  if (error.fields.empty()) return {};
  return fail(std::move(error));
}

bool lacks_json_type(const Call& call) {
  return call.route->request && !call.request->body.empty() &&
         !is_json(call.request->header("content-type"));
}

Status check_body(const Call& call) {
  const Route& route = *call.route;
  if (!route.request || route.body_optional || !call.request->body.empty()) return {};
  return fail(ErrorCode::invalid_argument, "a body is needed: a JSON object, {} at least");
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

// What the server as a whole can do, for "OPTIONS *".
std::vector<std::string> all_methods(const Router& router) {
  std::set<std::string> methods{"HEAD", "OPTIONS"};
  for (const auto& route : router.routes()) methods.insert(route->method);
  return {methods.begin(), methods.end()};
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

Admission ApiService::admit(const HttpRequest& head) const {
  if (const auto refused = check_head(head, hosts_)) {
    const std::string id = ids_.next().to_string();
    return {0, problem_response(refused->problem, refused->detail, id)};
  }
  const auto match = router_.find(head.method, head.path);
  const bool known = match && match->route != nullptr;
  return {known ? match->route->body_bytes_max : Route{}.body_bytes_max, std::nullopt};
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
  if (call->request->path == "*") match->allowed = all_methods(router_);
  if (match->route == nullptr)
    return answer(without_route(*call->request, *match, call->request_id.to_string()));
  call->route = match->route;
  call->path_values = std::move(match->path_values);
  if (const auto checked = check_body(*call); !checked)
    return answer(refusal(checked.error(), *call));
  if (lacks_json_type(*call)) {
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
