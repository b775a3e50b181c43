// The events behind figures, and what changed about an entity, over HTTP.
#include "api/json_pointer.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

namespace {

// A customer with a deal that was won, and a funnel that shows it.
struct WonDeal {
  WonDeal() {
    customer = app.create("/v1/customers", R"({"kind":"person","name":"王芳"})");
    pipeline = app.create("/v1/pipelines", R"({"name":"Sales","stages":[{"key":"new","name":"New",)"
                                           R"("category":"open","probability":10}]})");
    deal = app.create("/v1/deals", R"({"pipeline":")" + pipeline + R"(","customer":")" + customer +
                                       R"(","amount":{"minor":500,"currency":"EUR"}})");
    CHECK(app.write("/v1/deals/" + deal + ":win", "{}").status == 200);
    app.create("/v1/customers", R"({"kind":"person","name":"Bo"})");
  }

  std::string get(const std::string& target) { return app.call("GET", target).body; }

  RunningApp app;
  std::string customer;
  std::string pipeline;
  std::string deal;
};

std::string at(const std::string& json, const std::string& pointer) {
  const auto value = api::json_at(json, pointer);
  REQUIRE(value);
  return *value;
}

}  // namespace

TEST_CASE("a figure is explained by the events that changed it") {
  WonDeal sold;
  const std::string funnel =
      sold.get("/v1/pipelines/" + sold.pipeline + "/funnel:explain?figure=/closed/won");
  CHECK(at(funnel, "/value") == "1");
  CHECK(at(funnel, "/data/0/type") == "\"PipelineDefined\"");
  CHECK(at(funnel, "/data/0/before") == "null");
  CHECK(at(funnel, "/data/0/after") == "0");
  CHECK(at(funnel, "/data/1/type") == "\"DealWon\"");
  CHECK(at(funnel, "/data/1/position") == "4");
  CHECK(at(funnel, "/data/1/before") == "0");
  CHECK(at(funnel, "/data/1/after") == "1");
  CHECK(at(funnel, "/data/2") == "null");
  const std::string all = sold.get("/v1/pipelines/" + sold.pipeline + "/funnel:explain");
  CHECK(at(all, "/data/0/type") == "\"PipelineDefined\"");
  CHECK(at(all, "/data/2/type") == "\"DealWon\"");
  CHECK(at(all, "/data/2/before") == "null");
  const std::string view = "/v1/customers/" + sold.customer + "/360:explain";
  const std::string won = sold.get(view + "?figure=/deals/won_value");
  CHECK(at(won, "/data/1/position") == "4");
  CHECK(at(won, "/data/2") == "null");
  const std::string before = sold.get(view + "?figure=/deals/won_value&as_of=3");
  CHECK(at(before, "/data/1") == "null");
  const std::string first = sold.get(view + "?limit=1");
  CHECK(at(first, "/data/0/type") == "\"CustomerRegistered\"");
  CHECK(at(first, "/page/has_more") == "true");
  const std::string next = at(first, "/page/next");
  const std::string second = sold.get(view + "?limit=1&after=" + next.substr(1, next.size() - 2));
  CHECK(at(second, "/data/0/type") == "\"DealOpened\"");
}

TEST_CASE("what cannot be explained is refused") {
  WonDeal sold;
  const std::string view = "/v1/customers/" + sold.customer + "/360:explain";
  for (const char* wrong : {"?figure=deals", "?figure=/a~2", "?limit=0", "?after=x", "?as_of=99"})
    CHECK_MESSAGE(sold.app.call("GET", view + wrong).status == 400, wrong);
  CHECK(sold.app.call("GET", view + "?figure=/unheard/of").status == 200);
  const std::string nobody = "/v1/customers/0198aaaa-0000-7000-8000-000000000000/360:explain";
  CHECK(sold.app.call("GET", nobody).status == 404);
  CHECK(sold.app.call("GET", nobody + "?figure=/name").status == 404);
}

TEST_CASE("the difference between two moments names what changed and the events") {
  WonDeal sold;
  const std::string diff = "/v1/audit/diff?tag=deal:" + sold.deal;
  const std::string won = sold.get(diff + "&from=3&to=4");
  CHECK(at(won, "/events/0/type") == "\"DealWon\"");
  CHECK(at(won, "/events/1") == "null");
  const std::string changes = at(won, "/changes");
  CHECK(changes.find(R"({"pointer":"/status","before":"open","after":"won"})") !=
        std::string::npos);
  const std::string made = sold.get(diff + "&from=0");
  CHECK(at(made, "/to") == "5");
  CHECK(at(made, "/changes").find(R"({"pointer":"/status","after":"won"})") != std::string::npos);
  CHECK(at(sold.get(diff + "&from=4"), "/changes") == "[]");
  for (const char* wrong : {"&from=4&to=3", "&from=9", "&from=yesterday", ""})
    CHECK_MESSAGE(sold.app.call("GET", diff + wrong).status == 400, wrong);
  CHECK(sold.app.call("GET", "/v1/audit/diff?tag=deal&from=0").status == 400);
  CHECK(sold.app.call("GET", "/v1/audit/diff?tag=ship:1&from=0").status == 400);
  CHECK(sold.app.call("GET", "/v1/audit/diff?tag=deal:1&from=0").status == 400);
  CHECK(sold.app.call("GET", diff + "&from=1&to=2").status == 404);
}

TEST_CASE("the changes between two documents are told by their pointers") {
  const auto told = [](const std::string& before, const std::string& after) {
    std::string all;
    for (const api::JsonChange& change : api::json_changes(before, after))
      all += change.pointer + " " + change.before + ">" + change.after + ";";
    return all;
  };
  CHECK(told(R"({"a":1,"b":[1,2],"c":{"d":"x"}})", R"({"a":1,"b":[1,3,4],"c":{"d":"y"}})") ==
        R"(/b/1 2>3;/b/2 >4;/c/d "x">"y";)");
  CHECK(told(R"({"a/b":1,"c~d":2,"e":[]})", R"({"e":{}})") == "/a~1b 1>;/c~0d 2>;/e []>{};");
  CHECK(told("", R"({"a":null})") == "/a >null;");
  CHECK(told(R"({"a":1})", R"({"a":1})").empty());
}
