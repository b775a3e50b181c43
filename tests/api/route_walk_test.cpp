// Walks the table of routes: what must hold for every row.
#include "api/problem.hpp"
#include "core/crm/catalog.hpp"
#include "tests/api/api_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kSomeId = "01980000-0000-7000-8000-0000000000ff";

// "/v1/deals/{id}:win" with a well-formed id.
std::string example_path(const std::string& pattern) {
  std::string path = pattern;
  const std::size_t open = path.find('{');
  if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, kSomeId);
  return path;
}

}  // namespace

TEST_CASE("every row has a summary, a unique operation, a permission and an answer") {
  ApiFixture api;
  std::set<std::string> operations;
  for (const auto& route : api.router.routes()) {
    CAPTURE(route->pattern);
    CHECK(operations.insert(route->operation).second);
    CHECK_FALSE(route->summary.empty());
    CHECK_FALSE(route->permission.empty());
    CHECK(route->response.has_value());
    CHECK(static_cast<bool>(route->handler));
  }
}

TEST_CASE("every command and every entity of the catalogue has a row") {
  ApiFixture api;
  const auto has = [&](const std::string& operation) {
    const auto& routes = api.router.routes();
    return std::any_of(routes.begin(), routes.end(),
                       [&](const auto& route) { return route->operation == operation; });
  };
  for (const CommandType* type : crm::command_catalog()) {
    CAPTURE(type->name);
    CHECK(has(std::string(type->name)));
  }
  for (const EntityType* type : crm::entity_catalog()) {
    CAPTURE(type->kind);
    CHECK(has("read_" + std::string(type->kind)));
  }
}

TEST_CASE("every row refuses a body that is not JSON with a problem document") {
  ApiFixture api;
  for (const auto& route : api.router.routes()) {
    if (!route->request) continue;
    CAPTURE(route->pattern);
    const auto broken = api.call({route->method, example_path(route->pattern),
                                  "{\"a\":", write_headers({{"if-match", "*"}})});
    CHECK(broken.status == 400);
    CHECK(header(broken, "Content-Type") == "application/problem+json");
    const auto text = api.call(
        {route->method, example_path(route->pattern), "hello", {{"content-type", "text/plain"}}});
    CHECK(text.status == 415);
    const auto patch = api.call({route->method,
                                 example_path(route->pattern),
                                 "{}",
                                 {{"content-type", "application/merge-patch+json"}}});
    CHECK(patch.status == 415);
  }
  CHECK(api.store->head() == Position{0});
}

TEST_CASE("every row refuses unknown parameters") {
  ApiFixture api;
  for (const auto& route : api.router.routes()) {
    if (route->method != "GET" || route->permission == "public") continue;
    CAPTURE(route->pattern);
    const auto response = api.call({"GET", example_path(route->pattern) + "?colour=red"});
    CHECK(response.status == 400);
    CHECK(response.body.find("/query/colour") != std::string::npos);
  }
}

TEST_CASE("every row refuses a parameter that stands twice") {
  ApiFixture api;
  for (const auto& route : api.router.routes()) {
    CAPTURE(route->pattern);
    const std::string target = example_path(route->pattern) + "?colour=red&colour=red";
    const auto response =
        api.call({route->method, target, route->request ? "{}" : "", write_headers()});
    CHECK(response.status == 400);
    CHECK(response.body.find("\"duplicate\"") != std::string::npos);
    CHECK(response.body.find("/query/colour") != std::string::npos);
  }
}

TEST_CASE("every path refuses other methods and names its own") {
  ApiFixture api;
  for (const auto& route : api.router.routes()) {
    CAPTURE(route->pattern);
    const auto refused = api.call({"DELETE", example_path(route->pattern)});
    CHECK(refused.status == 405);
    CHECK(header(refused, "Allow").find(route->method) != std::string::npos);
    CHECK(api.call({"OPTIONS", example_path(route->pattern)}).status == 204);
  }
}

TEST_CASE("a path that no row has is a problem of its own") {
  ApiFixture api;
  for (const std::string path : {"/", "/v1", "/v1/unknown", "/v1/customers/x/y/z", "/v1//",
                                 "/v1/customers:unknown", "/a/b/c/d/e/f/g/h/i/j"}) {
    CAPTURE(path);
    const auto response = api.call({"GET", path});
    CHECK((response.status == 404 || response.status == 405));
  }
  CHECK(api.call({"GET", "*"}).status == 400);
  CHECK(api.call({"GET", "/v1/customers/%zz"}).status == 400);
  CHECK(api.call({"GET", "/v1/customers/%ff"}).status == 400);
}

TEST_CASE("HEAD is answered by GET") {
  ApiFixture api;
  CHECK(api.call({"HEAD", "/livez"}).status == 200);
}

TEST_CASE("every kind of problem is explained") {
  ApiFixture api;
  for (const api::ProblemKind* kind : api::problem_kinds()) {
    const auto response = api.call({"GET", "/problems/" + std::string(kind->code)});
    CHECK(response.status == 200);
    CHECK(member(response.body, "status") == std::to_string(kind->status));
    CHECK_FALSE(member(response.body, "explanation").empty());
  }
  CHECK(api.call({"GET", "/problems/none"}).status == 404);
}

TEST_CASE("ready says how far each view is, and fails while one does not answer") {
  ApiFixture api;
  projections::ViewStatus funnel;
  funnel.name = "funnel";
  funnel.serving = true;
  api.projector.views = {funnel};
  CHECK(api.call({"GET", "/readyz"}).status == 200);
  api.projector.views.front().failure = "an event could not be folded";
  CHECK(member(api.call({"GET", "/readyz"}).body, "status") == "warn");
  api.projector.views.front().serving = false;
  const auto response = api.call({"GET", "/readyz"});
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "1");
}
