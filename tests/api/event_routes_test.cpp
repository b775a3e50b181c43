// The log over the API, and the description of the API.
#include "api/openapi.hpp"
#include "core/crm/catalog.hpp"
#include "core/es/json_reader.hpp"
#include "tests/api/api_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace factum;
using namespace factum::test;

namespace {

std::string all_chunks(const api::HttpResponse& response) {
  std::string body;
  for (;;) {
    const auto chunk = response.chunks();
    REQUIRE(chunk.has_value());
    if (!*chunk) return body;
    body += **chunk;
  }
}

std::vector<std::string> lines_of(const api::HttpResponse& response) {
  std::istringstream stream(all_chunks(response));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Three customers, each registered and tagged: six events.
std::vector<std::string> six_events(ApiFixture& api) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const auto response = api.write("/v1/customers", R"({"kind":"person","name":"Wang Fang"})");
    ids.push_back(member(response.body, "id"));
    api.write("/v1/customers/" + ids.back() + ":apply_tag", R"({"tag":"vip"})");
  }
  return ids;
}

}  // namespace

TEST_CASE("events come as lines, in order, without any personal value") {
  ApiFixture api;
  six_events(api);
  const auto response = api.call({"GET", "/v1/events"});
  CHECK(header(response, "Content-Type") == "application/x-ndjson");
  CHECK(header(response, "Factum-Position") == "6");
  const auto lines = lines_of(response);
  REQUIRE(lines.size() == 6);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(member(lines[i], "position") == std::to_string(i + 1));
    CHECK(lines[i].find("Wang") == std::string::npos);
    CHECK(check_json_object(lines[i]).has_value());
  }
  CHECK(member(lines[0], "type") == "CustomerRegistered");
  CHECK(member(lines[0], "event_hash").size() == 64);
  CHECK(lines[0].find(R"("slots":[{"name":)") != std::string::npos);
}

TEST_CASE("events are filtered by type, tag and position") {
  ApiFixture api;
  const auto ids = six_events(api);
  CHECK(lines_of(api.call({"GET", "/v1/events?type=TagApplied"})).size() == 3);
  CHECK(lines_of(api.call({"GET", "/v1/events?tag=customer:" + ids[1]})).size() == 2);
  CHECK(lines_of(api.call({"GET",
                           "/v1/events?type=TagApplied,CustomerRegistered&tag=customer:" + ids[1]}))
            .size() == 2);
  CHECK(lines_of(api.call({"GET", "/v1/events?from=2&to=4"})).size() == 3);
  const auto newest = lines_of(api.call({"GET", "/v1/events?backwards=true&limit=2"}));
  REQUIRE(newest.size() == 2);
  CHECK(member(newest[0], "position") == "6");
  CHECK(api.call({"GET", "/v1/events?from=x"}).status == 400);
  CHECK(api.call({"GET", "/v1/events?limit=0"}).status == 400);
  CHECK(api.call({"GET", "/v1/events?from=4&to=3"}).status == 400);
  CHECK(lines_of(api.call({"GET", "/v1/events?from=4&to=4"})).size() == 1);
}

TEST_CASE("a stream ends at the head it started with, over many pieces") {
  ApiFixture api;
  const std::string path =
      header(api.write("/v1/customers", R"({"kind":"person","name":"A"})"), "Location");
  for (int i = 0; i < 520; ++i)
    api.write(path + ":apply_tag", R"({"tag":"t)" + std::to_string(i) + R"("})");
  const auto response = api.call({"GET", "/v1/events"});
  api.write(path + ":archive", "{}");
  CHECK(lines_of(response).size() == 521);
  CHECK(lines_of(api.call({"GET", "/v1/events?backwards=true"})).size() == 522);
}

TEST_CASE("a query of items reads what matches any of them") {
  ApiFixture api;
  const auto ids = six_events(api);
  const auto response =
      api.write("/v1/events:read", R"({"items":[{"types":["TagApplied"],"tags":["customer:)" +
                                       ids[0] + R"("]},{"tags":["customer:)" + ids[2] + R"("]}]})");
  CHECK(lines_of(response).size() == 3);
  CHECK(lines_of(api.write("/v1/events:read", "{}")).size() == 6);
  CHECK(api.write("/v1/events:read", R"({"item":[]})").status == 400);
}

TEST_CASE("a type that no event has is refused by its name") {
  ApiFixture api;
  six_events(api);
  const auto listed = api.call({"GET", "/v1/events?type=TagApplied,DealWom"});
  CHECK(listed.status == 400);
  CHECK(listed.body.find("DealWom") != std::string::npos);
  CHECK(listed.body.find("/query/type") != std::string::npos);
  const auto read =
      api.write("/v1/events:read", R"({"items":[{"types":["TagApplied"]},{"types":["Shoe"]}]})");
  CHECK(read.status == 400);
  CHECK(read.body.find("\"/items/1/types\"") != std::string::npos);
  CHECK(api.write("/v1/events:read", R"({"from":3,"to":2})").status == 400);
}

TEST_CASE("the description of the API is the one in docs") {
  ApiFixture api;
  const std::string now = openapi_document(api.router, crm::event_catalog());
  CHECK(api.call({"GET", "/openapi.json"}).body == now);
  std::ifstream file(FACTUM_SOURCE_DIR "/docs/openapi.json");
  std::stringstream documented;
  documented << file.rdbuf();
  const bool same = documented.str() == now;
  CHECK_MESSAGE(same, "write it anew: build/debug/factum openapi > docs/openapi.json");
}

TEST_CASE("the description has every row") {
  ApiFixture api;
  const std::string document = api.call({"GET", "/openapi.json"}).body;
  REQUIRE(check_json_object(document).has_value());
  const auto paths = json_member(document, "paths");
  REQUIRE(paths.has_value());
  for (const auto& route : api.router.routes()) {
    CAPTURE(route->pattern);
    std::string pattern = route->pattern;
    if (const auto rest = pattern.find("..."); rest != std::string::npos) pattern.erase(rest, 3);
    const auto path = json_member(*paths, pattern);
    REQUIRE(path.has_value());
    CHECK(path->find("\"operationId\":\"" + route->operation + "\"") != std::string::npos);
  }
}
