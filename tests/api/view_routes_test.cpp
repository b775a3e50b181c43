// Walks every view over a small demo company: pages, fields, conditions, limits; and look-ups.
#include "api/demo/demo_writer.hpp"
#include "api/view_route.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace factum;
using namespace factum::test;

namespace {

// Items of a page: what stands between "data":[ and ],"page".
std::string items_of(const std::string& body) {
  const std::string data = member(body, "data");
  return data.size() < 2 ? data : data.substr(1, data.size() - 2);
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

struct DemoApp {
  DemoApp() {
    const auto written =
        demo::write_demo(app.services().bus, {3, 40, *parse_timestamp("2026-01-01T00:00:00Z")},
                         [](std::size_t) { return true; });
    REQUIRE(written.has_value());
    ids.emplace("/v1/customers/{id}", written->customer.uuid.to_string());
    ids.emplace("/v1/pipelines/{id}", written->pipeline.uuid.to_string());
    const std::string erased = R"({"customers":[)" + in_quotes(ids.at("/v1/customers/{id}")) + "]";
    const std::string actor =
        "user:" + member(items_of(app.call("GET", "/v1/users?limit=1").body), "user");
    for (int i = 0; i < 10; ++i) {
      for (const auto& [path, more] : {std::pair{"/v1/erasures", R"(,"ground":"unlawful"})"},
                                       {"/v1/holds", R"(,"matter":"case"})"}}) {
        const auto made = app.call("POST", path, erased + more,
                                   {{"Factum-Actor", actor}, {"Content-Type", "application/json"}});
        REQUIRE_MESSAGE(made.status == 201, made.body);
      }
    }
    const auto ready =
        app.call("GET", "/v1/customers?min_position=" + std::to_string(written->events));
    REQUIRE_MESSAGE(ready.status == 200, ready.body);
  }

  // The address of a row with its parameters, ready for more.
  std::string address(const api::Route& route) const {
    std::string path = route.pattern;
    for (const auto& [prefix, id] : ids) {
      if (path.starts_with(prefix)) path.replace(path.find("{id}"), 4, id);
    }
    return path + (route.pattern == "/v1/satisfaction" ? "?kind=nps&" : "?");
  }

  // One more of everything that views show.
  void write_more() {
    const std::string actor =
        "user:" + member(items_of(app.call("GET", "/v1/users?limit=1").body), "user");
    const std::string customer = in_quotes(ids.at("/v1/customers/{id}"));
    const std::string pipeline = in_quotes(ids.at("/v1/pipelines/{id}"));
    const std::string about = R"({"customer":)" + customer;
    const std::vector<std::pair<std::string, std::string>> commands{
        {"customers", R"({"kind":"person","name":"Ada"})"},
        {"contacts", R"({"name":"Bea"})"},
        {"users", R"({"name":"Uma"})"},
        {"teams", R"({"name":"North"})"},
        {"products", R"({"sku":"NEW-1","name":"Lamp"})"},
        {"pipelines",
         R"({"name":"Partners","stages":[{"key":"a","name":"A","category":"open","probability":5}]})"},
        {"deals",
         about + R"(,"pipeline":)" + pipeline + R"(,"amount":{"minor":5,"currency":"EUR"}})"},
        {"tickets", about + R"(,"kind":"question","subject":"Help"})"},
        {"orders",
         about + R"(,"number":"NEW-1","total":{"minor":5,"currency":"EUR"},"lines":[{"sku":"s",)"
                 R"("quantity":1,"unit_price":"0.05","amount":{"minor":5,"currency":"EUR"}}]})"},
        {"responses", about + R"(,"survey":"s","kind":"nps","score":9})"},
        {"erasures", R"({"customers":[)" + customer + R"(],"ground":"objection"})"},
        {"holds", R"({"customers":[)" + customer + R"(],"matter":"case-2"})"},
        {"interactions", about + R"(,"channel":"call","direction":"inbound"})"}};
    for (const auto& [path, body] : commands) {
      const auto written =
          app.call("POST", "/v1/" + path, body,
                   {{"Factum-Actor", actor}, {"Content-Type", "application/json"}});
      CHECK_MESSAGE(written.status == 201, written.body);
    }
  }

  RunningApp app;
  std::map<std::string, std::string> ids;
};

bool is_view(const api::Route& route) { return route.method == "GET" && route.waits; }

}  // namespace

TEST_CASE("every view answers, is 304 to who has it, and refuses bad parameters") {
  DemoApp demo;
  for (const auto& route : demo.app.router().routes()) {
    if (!is_view(*route)) continue;
    CAPTURE(route->pattern);
    const std::string address = demo.address(*route);
    const auto answer = demo.app.call("GET", address);
    CHECK_MESSAGE(answer.status == 200, answer.body);
    CHECK_FALSE(answer.header("factum-position").empty());
    const auto same = demo.app.call("GET", address, {}, {{"If-None-Match", answer.header("etag")}});
    CHECK(same.status == 304);
    CHECK(demo.app.call("GET", address + "fields=unheard_of").status == 400);
    CHECK(demo.app.call("GET", address + "min_position=x").status == 400);
    const std::string head = std::to_string(demo.app.services().store.head().value());
    CHECK(demo.app.call("GET", address + "as_of=" + head).status == (route->as_of ? 200 : 400));
    const auto future = demo.app.call("GET", address + "as_of=1000000");
    CHECK(future.status == 400);
    CHECK(future.body.find("/query/as_of") != std::string::npos);
    CHECK(demo.app.call("GET", address + "limit=0").status == 400);
    CHECK(demo.app.call("GET", address + "limit=201").status == 400);
  }
}

TEST_CASE("every view as of a moment answers as it did then") {
  DemoApp demo;
  const std::string then = std::to_string(demo.app.services().store.head().value());
  const auto answer = [&](const api::Route& route, const std::string& as_of) {
    return demo.app.call("GET", demo.address(route) + as_of).body;
  };
  std::map<std::string, std::string> shown;
  for (const auto& route : demo.app.router().routes()) {
    if (is_view(*route)) shown[route->operation] = answer(*route, "");
  }
  demo.write_more();
  std::size_t changed = 0;
  for (const auto& route : demo.app.router().routes()) {
    if (!is_view(*route)) continue;
    CAPTURE(route->pattern);
    const std::string& before = shown.at(route->operation);
    // Cursors are new each time.
    const auto without_page = [](const std::string& body) {
      return body.substr(0, body.find("\"page\":"));
    };
    CHECK(without_page(answer(*route, "as_of=" + then + "&")) == without_page(before));
    if (without_page(answer(*route, "")) != without_page(before)) ++changed;
  }
  CHECK(changed >= 8);
}

TEST_CASE("a view given again from memory is the same, and new after each write") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", R"({"kind":"person","name":"Ada"})");
  const std::string address = "/v1/customers/" + id + "/360";
  const auto first = app.call("GET", address);
  CHECK(app.call("GET", address).body == first.body);
  CHECK(app.call("GET", address + "?fields=tags").body == R"({"tags":[]})");
  CHECK(app.call("GET", address + "?fields=tags").body == R"({"tags":[]})");
  for (const std::string tag : {"gold", "late"}) {
    const auto write =
        app.write("/v1/customers/" + id + ":apply_tag", R"({"tag":")" + tag + R"("})");
    REQUIRE_MESSAGE(write.status == 200, write.body);
    const auto now = app.call("GET", address);
    CHECK(now.body.find(tag) != std::string::npos);
    CHECK(now.body.find("Ada") != std::string::npos);
    CHECK(app.call("GET", address + "?fields=tags").body.find(tag) != std::string::npos);
  }
}

TEST_CASE("the pages of every list together are the list") {
  DemoApp demo;
  for (const auto& route : demo.app.router().routes()) {
    if (!is_view(*route) || !route->paged) continue;
    CAPTURE(route->pattern);
    const std::string address = demo.address(*route);
    const auto whole = demo.app.call("GET", address + "limit=200");
    REQUIRE_MESSAGE(whole.status == 200, whole.body);
    REQUIRE(member(member(whole.body, "page"), "has_more") == "false");
    std::string pieces;
    std::string after;
    do {
      const auto page =
          demo.app.call("GET", address + "limit=7" + (after.empty() ? "" : "&after=" + after));
      REQUIRE_MESSAGE(page.status == 200, page.body);
      const std::string items = items_of(page.body);
      if (!pieces.empty() && !items.empty()) pieces += ',';
      pieces += items;
      after = member(member(page.body, "page"), "next");
    } while (!after.empty());
    const bool same = pieces == items_of(whole.body);
    CHECK(same);
    CHECK_FALSE(pieces.empty());
  }
}

TEST_CASE("people are found by what they say of themselves, given in the body") {
  RunningApp app;
  const std::string id = app.create(
      "/v1/customers",
      R"({"kind":"person","name":"王 秀英","external_ids":[{"system":"crm","external_id":"A-1"}],)"
      R"("contact_points":[{"kind":"email","value":"Wang@Example.org"},)"
      R"({"kind":"phone","value":"+86 10 5555 0100"}]})");
  app.create("/v1/customers", R"({"kind":"person","name":"Somebody Else"})");
  const std::vector<std::string> wanted{
      R"({"email":"wang@example.org"})", R"({"phone":"+861055550100"})",
      R"({"external_id":{"system":"crm","external_id":"A-1"}})", R"({"name":"秀"})"};
  for (const std::string& body : wanted) {
    CAPTURE(body);
    const auto found =
        app.call("POST", "/v1/customers:search", body, {{"Content-Type", "application/json"}});
    REQUIRE_MESSAGE(found.status == 200, found.body);
    CHECK(found.body.find(id) != std::string::npos);
    CHECK(found.body.find("Somebody") == std::string::npos);
    const auto asked =
        app.call("QUERY", "/v1/customers", body, {{"Content-Type", "application/json"}});
    CHECK(asked.body == found.body);
    const auto contacts =
        app.call("POST", "/v1/contacts:search", body, {{"Content-Type", "application/json"}});
    CHECK(items_of(contacts.body).empty());
  }
  for (const std::string body : {"{}", R"({"email":"a@b.c","name":"a b"})", R"({"mail":"a"})"}) {
    CHECK(app.call("POST", "/v1/customers:search", body, {{"Content-Type", "application/json"}})
              .status == 400);
  }
}

TEST_CASE("lists are filtered by their parameters") {
  DemoApp demo;
  const auto persons = demo.app.call("GET", "/v1/customers?kind=person&limit=200");
  const auto organisations = demo.app.call("GET", "/v1/customers?kind=organisation&limit=200");
  CHECK(persons.body.find(R"("kind":"organisation")") == std::string::npos);
  CHECK(organisations.body.find(R"("kind":"person")") == std::string::npos);
  CHECK(demo.app.call("GET", "/v1/customers?kind=planet").status == 400);
  const auto closed = demo.app.call("GET", "/v1/tickets?state=closed,resolved&limit=200");
  CHECK(closed.body.find(R"("state":"open")") == std::string::npos);
  const std::string path =
      demo.address(*demo.app.router().find("GET", "/v1/customers/x/timeline")->route);
  const auto deals = demo.app.call("GET", path + "kind=deal");
  CHECK(deals.body.find(R"("kind":"ticket")") == std::string::npos);
  CHECK(demo.app.call("GET", path + "from=2025-06-01").status == 400);
  CHECK(demo.app.call("GET", path + "from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z").status ==
        200);
}
