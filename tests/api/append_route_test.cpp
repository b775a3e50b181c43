// Appending events of the installation's own types over the API.
#include "api/openapi.hpp"
#include "core/es/json_reader.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kNobody = "01980000-0000-7000-8000-0000000000ff";

std::string extending_page() {
  std::ifstream file(FACTUM_SOURCE_DIR "/docs/extending.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

// The definitions that the docs print: ext.DemoHeld.
std::string documented_types() { return between(extending_page(), "```json\n", "```"); }

std::string held(const std::string& customer, const std::string& further = "") {
  return R"({"type":"ext.DemoHeld","data":{"customer":")" + customer +
         R"(","format":"video","minutes":45,"impression":"Wang liked it"})" + further + "}";
}
std::string append_of(const std::string& events, const std::string& further = "") {
  return R"({"events":[)" + events + "]" + further + "}";
}

struct OwnTypes : ApiFixture {
  OwnTypes() : ApiFixture(documented_types()) {
    customer = member(write("/v1/customers", R"({"kind":"person","name":"Wang Fang"})").body, "id");
  }
  api::HttpResponse append(const std::string& body, std::vector<api::Header> headers = {}) {
    return write("/v1/events:append", body, std::move(headers));
  }
  RecordedEvent last() { return store->read({}, {.backwards = true, .limit = 1}).value().front(); }

  std::string customer;
};

std::string condition_on(const std::string& customer, const std::string& after) {
  return R"(,"condition":{"fail_if_events_match":{"items":[{"types":["ext.DemoHeld"],)"
         R"("tags":["customer:)" +
         customer + R"("]}]})" + after + "}";
}

}  // namespace

TEST_CASE_FIXTURE(OwnTypes, "own events are recorded together, sealed, tagged and answered") {
  const auto response = append(
      append_of(held(customer) + "," + held(customer, R"(,"occurred_at":"2022-05-05T10:00:00Z")")));
  REQUIRE_MESSAGE(response.status == 200, response.body);
  CHECK(member(response.body, "first_position") == "2");
  CHECK(member(response.body, "position") == "3");
  CHECK(header(response, "Factum-Position") == "3");
  const RecordedEvent event = last();
  CHECK(response.body.find(event.record.event_id.to_string()) != std::string::npos);
  CHECK(event.record.type == "ext.DemoHeld");
  CHECK(event.record.tags == std::vector<std::string>{"customer:" + customer});
  CHECK(event.record.data.find("Wang") == std::string::npos);
  CHECK(event.record.actor == "user:01980000-0000-7000-8000-0000000000aa");
  CHECK(to_string(event.record.occurred_at.value()) == "2022-05-05T10:00:00.000000Z");
  CHECK(codec.decode(event, true).has_value());
  const auto first = store->read({}, {.from = Position{2}, .limit = 1}).value().front();
  CHECK(first.record.occurred_at == clock.now());
  CHECK(first.record.correlation_id == event.record.correlation_id);
}

TEST_CASE_FIXTURE(OwnTypes, "views that are behind and minimal answers are as with other writes") {
  const auto minimal = append(append_of(held(customer)), {{"prefer", "return=minimal"}});
  CHECK(minimal.status == 204);
  CHECK(minimal.body.empty());
  projector.behind = {"funnel"};
  const auto late = append(append_of(held(customer)));
  CHECK(late.status == 200);
  CHECK(member(late.body, "behind") == R"(["funnel"])");
  CHECK(header(late, "Warning").find("funnel") != std::string::npos);
}

TEST_CASE_FIXTURE(OwnTypes, "own events happened between 1900 and now, as all others did") {
  for (const char* at : {"1800-01-01T00:00:00Z", "2099-01-01T00:00:00Z"}) {
    const auto response =
        append(append_of(held(customer, R"(,"occurred_at":")" + std::string(at) + R"(")")));
    CHECK(response.status == 400);
    CHECK(response.body.find("/occurred_at") != std::string::npos);
  }
  CHECK(store->head() == Position{1});
}

TEST_CASE_FIXTURE(OwnTypes, "types of deciders and unknown types are refused") {
  const auto owned = append(append_of(R"({"type":"DealWon","data":{}})"));
  CHECK(owned.status == 403);
  CHECK(owned.body.find("/events/0/type") != std::string::npos);
  const auto unknown = append(append_of(held(customer) + R"(,{"type":"ext.Other","data":{}})"));
  CHECK(unknown.status == 400);
  CHECK(unknown.body.find("/events/1/type") != std::string::npos);
  CHECK(store->head() == Position{1});
}

TEST_CASE("without definitions nothing is appended past the commands") {
  ApiFixture api;
  const auto refused = api.write("/v1/events:append", append_of(held(kNobody)));
  CHECK(refused.status == 403);
  CHECK(member(refused.body, "detail").find("defined no event types") != std::string::npos);
  CHECK(api.write("/v1/events:append", append_of(R"({"type":"DealWon","data":{}})")).status == 403);
  CHECK(api.store->head() == Position{0});
}

TEST_CASE_FIXTURE(OwnTypes, "wrong bodies are refused with the place of each fault") {
  const auto refused = [&](const std::string& body, const std::string& pointer) {
    const auto response = append(body);
    CHECK(response.status == 400);
    CHECK_MESSAGE(response.body.find("\"" + pointer + "\"") != std::string::npos, response.body);
  };
  refused("{}", "/events");
  refused(R"({"events":[],"horse":1})", "/horse");
  refused(append_of(held(customer, R"(,"tags":[])")), "/events/0/tags");
  refused(append_of(R"({"type":"ext.DemoHeld"})"), "/events/0/data");
  const std::string begin = R"({"type":"ext.DemoHeld","data":{"customer":")" + customer + R"(",)";
  refused(append_of(begin + R"("format":"video","minutes":"long"}})"), "/events/0/data/minutes");
  refused(append_of(begin + R"("format":"letter","minutes":1}})"), "/events/0/data/format");
  refused(append_of(begin + R"("format":"video","minutes":1,"x":1}})"), "/events/0/data/x");
  refused(append_of(held(customer), R"(,"condition":{})"), "/condition/fail_if_events_match");
  refused(append_of(held(customer), condition_on(customer, R"(,"after":99)")), "/condition/after");
  std::string many = held(customer);
  for (int i = 0; i < 100; ++i) many += "," + held(customer);
  refused(append_of(many), "/events");
  CHECK(append(R"({"events":[]})").status == 400);
  CHECK(call({"POST",
              "/v1/events:append",
              append_of(held(customer)),
              {{"content-type", "application/json"}}})
            .status == 403);
  CHECK(store->head() == Position{1});
}

TEST_CASE_FIXTURE(OwnTypes,
                  "an event about somebody who is not there is refused, and seals nothing") {
  const auto refused = append(append_of(held(kNobody)));
  CHECK(refused.status == 422);
  CHECK(member(refused.body, "rule") == "event.entity_unknown");
  CHECK(refused.body.find("/events/0/data") != std::string::npos);
  CHECK(store->head() == Position{1});
}

TEST_CASE_FIXTURE(OwnTypes, "a subject whose keys were destroyed gets nothing more") {
  sealer.erase(Uuid::parse(customer).value());
  CHECK(append(append_of(held(customer))).status == 410);
  CHECK(store->head() == Position{1});
}

TEST_CASE_FIXTURE(OwnTypes, "a condition refuses what happened since, and says where") {
  CHECK(append(append_of(held(customer), condition_on(customer, ""))).status == 200);
  const auto again = append(append_of(held(customer), condition_on(customer, R"(,"after":1)")));
  CHECK(again.status == 409);
  CHECK(member(again.body, "type") == "/problems/condition_failed");
  CHECK(member(again.body, "position") == "2");
  CHECK(store->head() == Position{2});
  CHECK(append(append_of(held(customer), condition_on(customer, R"(,"after":2)"))).status == 200);
}

TEST_CASE_FIXTURE(OwnTypes, "a retry with the same key is answered with what was recorded") {
  const std::vector<api::Header> key{{"idempotency-key", "k1"}};
  const std::string body = append_of(held(customer), condition_on(customer, R"(,"after":1)"));
  const auto first = append(body, key);
  REQUIRE(first.status == 200);
  const auto second = append(body, key);
  CHECK(second.status == 200);
  CHECK(second.body == first.body);
  CHECK(header(second, "Idempotency-Replayed") == "true");
  CHECK(append(append_of(held(customer)), key).status == 422);
  CHECK(store->head() == Position{2});
}

TEST_CASE_FIXTURE(OwnTypes, "the description has the own types of the installation") {
  const std::string document = call({"GET", "/openapi.json"}).body;
  const auto schemas = json_member(json_member(document, "components").value(), "schemas");
  const auto own = json_member(schemas.value(), "ext.DemoHeld");
  REQUIRE(own.has_value());
  CHECK(own->find(R"("x-factum-class":"personal")") != std::string::npos);
  CHECK(own->find(R"("enum":["on_site","video"])") != std::string::npos);
}

TEST_CASE_FIXTURE(OwnTypes, "the request that the docs print works") {
  std::string body = between(extending_page(), "curl $api/events:append", "```");
  body = between(body, "-d '", "'\n");
  const std::string variable = "'$customer'";
  const std::size_t place = body.find(variable);
  REQUIRE(place != std::string::npos);
  const auto response = append(body.replace(place, variable.size(), customer));
  CHECK_MESSAGE(response.status == 200, response.body);
}

TEST_CASE("own events survive a restart, show in the log and hold up no view") {
  RunningApp app;
  const std::string path = app.folder() / "data/event_types.json";
  std::ofstream(path) << documented_types();
  app.restart();
  const std::string customer = app.create("/v1/customers", R"({"kind":"person","name":"Wang"})");
  const std::vector<api::Header> key{{"Idempotency-Key", "k1"}};
  const auto first = app.write("/v1/events:append", append_of(held(customer)), key);
  REQUIRE_MESSAGE(first.status == 200, first.body);
  CHECK(member(first.body, "behind") == "[]");
  app.restart();
  const auto events = app.call("GET", "/v1/events?type=ext.DemoHeld&tag=customer:" + customer);
  CHECK(events.body.find(R"("type":"ext.DemoHeld")") != std::string::npos);
  const auto again = app.write("/v1/events:append", append_of(held(customer)), key);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(again.body == first.body);
  const auto view = app.call("GET", "/v1/customers/" + customer + "/360?min_position=2");
  CHECK(view.status == 200);
  CHECK(app.call("GET", "/v1/customers/" + customer + "/360?as_of=2").status == 200);
  CHECK(app.call("GET", "/v1/customers/" + customer + "/timeline?min_position=2").status == 200);

  app.stop();
  api::AppOptions options;
  options.data = app.folder() / "data";
  options.keys = app.folder() / "keys";
  std::string changed = documented_types();
  changed.replace(changed.find("minutes"), 7, "seconds");
  std::ofstream(path) << changed;
  const auto refused = api::App::open(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("event_types.json: type ext.DemoHeld: ") == 0);
  std::filesystem::remove(path);
  const auto without = api::App::open(options);
  REQUIRE(without.has_value());
  CHECK((*without)->services().store.head() == Position{2});
}
