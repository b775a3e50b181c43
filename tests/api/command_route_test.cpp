// Commands and entities over the API: conditions, retries, actors, answers.
#include "tests/api/api_fixture.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kNew = R"({"kind":"organisation","name":"Acme"})";

std::string register_customer(ApiFixture& api) {
  const auto response = api.write("/v1/customers", kNew);
  REQUIRE_MESSAGE(response.status == 201, response.body);
  return member(response.body, "id");
}

}  // namespace

TEST_CASE("a creation answers 201 with its place, version and position") {
  ApiFixture api;
  const auto response = api.write("/v1/customers", kNew);
  REQUIRE_MESSAGE(response.status == 201, response.body);
  const std::string id = member(response.body, "id");
  CHECK(header(response, "Location") == "/v1/customers/" + id);
  CHECK(header(response, "ETag") == "\"1\"");
  CHECK(header(response, "Factum-Position") == "1");
  CHECK(member(response.body, "version") == "1");
  CHECK(header(response, "Request-Id").size() == 36);
}

TEST_CASE("an entity shows its state, its version and an ETag, and 304 to who has it") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  const auto response = api.call({"GET", path});
  REQUIRE_MESSAGE(response.status == 200, response.body);
  CHECK(member(response.body, "name") == "Acme");
  CHECK(member(response.body, "version") == "1");
  const auto again = api.call({"GET", path, "", {{"if-none-match", header(response, "ETag")}}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
}

TEST_CASE("an entity as of an earlier position is what it was then") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  REQUIRE(api.write(path + ":apply_tag", R"({"tag":"vip"})").status == 200);
  CHECK(member(api.call({"GET", path}).body, "tags") == R"(["vip"])");
  CHECK(member(api.call({"GET", path + "?as_of=1"}).body, "tags") == "[]");
  CHECK(api.call({"GET", path + "?as_of=0"}).status == 404);
  CHECK(api.call({"GET", path + "?as_of=soon"}).status == 400);
  CHECK(member(api.call({"GET", path + "?as_of=2"}).body, "tags") == R"(["vip"])");
  CHECK(api.call({"GET", path + "?as_of=3"}).status == 400);
  CHECK(api.call({"GET", path + "?as_of=" + to_string(api.clock.now())}).status == 200);
  CHECK(api.call({"GET", path + "?as_of=2100-01-01T00:00:00Z"}).status == 400);
}

TEST_CASE("fields shows only the members asked for, and refuses unknown ones") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  CHECK(api.call({"GET", path + "?fields=name,version"}).body == R"({"name":"Acme","version":1})");
  CHECK(api.call({"GET", path + "?fields=shoe_size"}).status == 400);
}

TEST_CASE("a change of details needs the version that was read") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  const std::string change = R"({"name":"Acme Ltd"})";
  CHECK(api.write(path + ":change", change).status == 428);
  CHECK(api.write(path + ":change", change, {{"if-match", "\"1\""}}).status == 200);
  const auto stale = api.write(path + ":change", change, {{"if-match", "\"1\""}});
  CHECK(stale.status == 412);
  CHECK(member(stale.body, "current_version") == "2");
  CHECK(member(stale.body, "changed") == R"(["name"])");
  CHECK(api.write(path + ":change", change, {{"if-match", "W/\"2\""}}).status == 412);
  CHECK(api.write(path + ":change", change, {{"if-match", "*"}}).status == 200);
}

TEST_CASE("a retry gets the first outcome, the same key with another request is refused") {
  ApiFixture api;
  const auto first = api.write("/v1/customers", kNew, {{"idempotency-key", "\"k-1\""}});
  REQUIRE(first.status == 201);
  const auto retry = api.write("/v1/customers", kNew, {{"idempotency-key", "k-1"}});
  CHECK(retry.status == 201);
  CHECK(retry.body == first.body);
  CHECK(header(retry, "Idempotency-Replayed") == "true");
  CHECK(api.store->head() == Position{1});
  const auto other =
      api.write("/v1/customers", R"({"kind":"person","name":"B"})", {{"idempotency-key", "k-1"}});
  CHECK(other.status == 422);
  CHECK(member(other.body, "type") == "/problems/idempotency_mismatch");
  CHECK(api.write("/v1/customers", kNew, {{"idempotency-key", "a b"}}).status == 400);
  CHECK(api.write("/v1/customers", kNew, {{"idempotency-key", "\"\""}}).status == 400);
}

TEST_CASE("a write needs an actor, which is trusted on this machine only") {
  ApiFixture api;
  const std::vector<api::Header> json{{"content-type", "application/json"}};
  CHECK(api.call({"POST", "/v1/customers", kNew, json}).status == 403);
  CHECK(api.call({"POST", "/v1/customers", kNew, write_headers(), false}).status == 403);
  auto wrong = json;
  wrong.push_back({"factum-actor", "root"});
  CHECK(api.call({"POST", "/v1/customers", kNew, wrong}).status == 400);
  CHECK(api.store->head() == Position{0});
}

TEST_CASE("unknown, missing and ill-typed fields are pointed to, without their values") {
  ApiFixture api;
  const auto response = api.write(
      "/v1/customers", R"({"kind":"planet","nickname":"Secret","occurred_at":"yesterday"})");
  CHECK(response.status == 400);
  CHECK(header(response, "Content-Type") == "application/problem+json");
  CHECK(response.body.find("\"/kind\"") != std::string::npos);
  CHECK(response.body.find("\"/name\"") != std::string::npos);
  CHECK(response.body.find("\"/nickname\"") != std::string::npos);
  CHECK(response.body.find("\"/occurred_at\"") != std::string::npos);
  CHECK(response.body.find("Secret") == std::string::npos);
  CHECK(api.write("/v1/customers", "{").status == 400);
  CHECK(api.store->head() == Position{0});
}

TEST_CASE("amounts, texts and times out of bounds are refused by field") {
  ApiFixture api;
  const auto refused = [&](const std::string& path, const std::string& body) {
    const auto response = api.write(path, body);
    CHECK(response.status == 400);
    return response.body;
  };
  CHECK(refused("/v1/customers", R"({"kind":"person","name":" \u200b\t"})").find(R"("/name")") !=
        std::string::npos);
  CHECK(refused("/v1/customers",
                R"({"kind":"person","name":"Li","occurred_at":"9999-01-01T00:00:00Z"})")
            .find(R"("/occurred_at")") != std::string::npos);
  CHECK(refused("/v1/products",
                R"({"sku":"A","name":"Axe","price":{"minor":1000000000000001,"currency":"EUR"}})")
            .find(R"("/price/minor")") != std::string::npos);
}

TEST_CASE("occurred_at is taken by every command") {
  ApiFixture api;
  const auto response =
      api.write("/v1/customers",
                R"({"kind":"person","name":"Li","occurred_at":"2020-02-29T08:00:00+08:00"})");
  REQUIRE_MESSAGE(response.status == 201, response.body);
  const auto events = api.store->read({}, {});
  REQUIRE(events.has_value());
  CHECK(to_string(*events->front().record.occurred_at) == "2020-02-29T00:00:00.000000Z");
}

TEST_CASE("a refused rule is named") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  const auto response = api.write(path + ":remove_contact_point", R"({"point":"9"})");
  CHECK(response.status == 422);
  CHECK(member(response.body, "rule") == "customer.unknown_contact_point");
}

TEST_CASE("a command with fields needs a body, one without does not") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  const auto refused = api.write(path + ":archive", "");
  CHECK(refused.status == 400);
  CHECK(member(refused.body, "detail").find("body") != std::string::npos);
  CHECK(api.write(path + ":archive", "{}").status == 200);
  CHECK(api.write(path + ":restore", "").status == 200);
  CHECK(api.write("/v1/customers:search", "").status == 400);
}

TEST_CASE("a command about nothing is not found") {
  ApiFixture api;
  CHECK(api.write("/v1/customers/01980000-0000-7000-8000-00000000ffff:archive", "{}").status ==
        404);
  CHECK(api.write("/v1/customers/nonsense:archive", "{}").status == 404);
}

TEST_CASE("a write whose views are stuck succeeds with a warning") {
  ApiFixture api;
  api.projector.behind = {"funnel"};
  const auto response = api.write("/v1/customers", kNew);
  CHECK(response.status == 201);
  CHECK(member(response.body, "behind") == R"(["funnel"])");
  CHECK(header(response, "Warning").find("funnel") != std::string::npos);
}

TEST_CASE("return=minimal leaves the body out") {
  ApiFixture api;
  const auto created = api.write("/v1/customers", kNew, {{"prefer", "return=minimal"}});
  CHECK(created.status == 201);
  CHECK(created.body.empty());
  const auto tagged = api.write(header(created, "Location") + ":apply_tag", R"({"tag":"vip"})",
                                {{"prefer", "respond-async, return=minimal"}});
  CHECK(tagged.status == 204);
  CHECK(header(tagged, "ETag") == "\"2\"");
}

TEST_CASE("a command that changes nothing keeps the version") {
  ApiFixture api;
  const std::string path = "/v1/customers/" + register_customer(api);
  REQUIRE(api.write(path + ":apply_tag", R"({"tag":"vip"})").status == 200);
  register_customer(api);
  const auto again = api.write(path + ":apply_tag", R"({"tag":"vip"})");
  CHECK(again.status == 200);
  CHECK(header(again, "ETag") == "\"2\"");
  CHECK(api.store->head() == Position{3});
}
