// The program from outside: HTTP on a temporary folder with the store on disk.
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kPerson = R"({"kind":"person","name":"Wang Fang"})";

std::string log_call(RunningApp& app, const std::string& customer, int number) {
  return app.create("/v1/interactions", R"({"customer":")" + customer +
                                            R"(","channel":"call","direction":"inbound",)" +
                                            R"("text":"Call )" + std::to_string(number) + "\"}");
}

}  // namespace

TEST_CASE("a write shows in the next read of a view, and both survive a restart") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", kPerson);
  const auto view = app.call("GET", "/v1/customers/" + id + "/360");
  REQUIRE_MESSAGE(view.status == 200, view.body);
  CHECK(member(view.body, "name") == "Wang Fang");
  CHECK(view.header("factum-position") == "1");
  app.restart();
  const auto again = app.call("GET", "/v1/customers/" + id + "/360?min_position=1");
  CHECK(again.body == view.body);
  CHECK(again.header("etag") == view.header("etag"));
  CHECK(app.call("GET", "/v1/customers/" + id).header("etag") == "\"1\"");
}

TEST_CASE("who has the view gets 304, until something happens") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", kPerson);
  const std::string path = "/v1/customers/" + id + "/360";
  const std::string etag = app.call("GET", path).header("etag");
  const auto same = app.call("GET", path, {}, {{"If-None-Match", etag}});
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  log_call(app, id, 1);
  CHECK(app.call("GET", path, {}, {{"If-None-Match", etag}}).status == 200);
}

TEST_CASE("a timeline is walked by cursors that open nowhere else") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", kPerson);
  const std::string other = app.create("/v1/customers", kPerson);
  for (int i = 0; i < 10; ++i) log_call(app, id, i);
  const std::string path = "/v1/customers/" + id + "/timeline?limit=4";
  std::set<std::string> positions;
  std::string after;
  int pages = 0;
  for (;; ++pages) {
    const auto page = app.call("GET", path + (after.empty() ? "" : "&after=" + after));
    REQUIRE_MESSAGE(page.status == 200, page.body);
    for (std::size_t at = 0; (at = page.body.find("\"position\":", at)) != std::string::npos; ++at)
      CHECK(positions.insert(page.body.substr(at + 11, 4)).second);
    after = member(member(page.body, "page"), "next");
    CHECK(page.header("link").empty() == after.empty());
    if (after.empty()) break;
  }
  CHECK(positions.size() == 11);
  CHECK(pages == 2);
  const auto first = app.call("GET", path);
  const std::string cursor = member(member(first.body, "page"), "next");
  const std::string elsewhere = "/v1/customers/" + other + "/timeline?limit=4&after=" + cursor;
  CHECK(app.call("GET", elsewhere).status == 400);
  std::string tampered = cursor;
  tampered.front() = tampered.front() == 'A' ? 'B' : 'A';
  CHECK(app.call("GET", path + "&after=" + tampered).status == 400);
  CHECK(app.call("GET", path + "&after=x").status == 400);
  app.restart();
  CHECK(app.call("GET", path + "&after=" + cursor).status == 200);
}

TEST_CASE("a view as of a position is what it was then") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", kPerson);
  const auto then = app.call("GET", "/v1/customers/" + id + "/360");
  log_call(app, id, 1);
  const auto now = app.call("GET", "/v1/customers/" + id + "/360");
  const auto as_of = app.call("GET", "/v1/customers/" + id + "/360?as_of=1");
  CHECK(as_of.body == then.body);
  CHECK(as_of.body != now.body);
  CHECK(app.call("GET", "/v1/customers/" + id + "/360?as_of=0").status == 404);
  const std::string instant = to_string(app.services().clock.now());
  CHECK(app.call("GET", "/v1/customers/" + id + "/360?as_of=" + instant).body == now.body);
  for (const std::string future : {"3", "2100-01-01T00:00:00Z"}) {
    const auto unknown = app.call("GET", "/v1/customers/" + id + "/360?as_of=" + future);
    CHECK(unknown.status == 400);
    CHECK(unknown.body.find("/query/as_of") != std::string::npos);
  }
  CHECK(app.call("GET", "/v1/customers/" + id + "/timeline?as_of=1").body.find("Call") ==
        std::string::npos);
}

TEST_CASE("as_of takes the position of a write that was just acknowledged") {
  RunningApp app;
  const auto made = app.write("/v1/customers", kPerson);
  const std::string address =
      made.header("location") + "/360?as_of=" + made.header("factum-position");
  CHECK(app.call("GET", address).status == 200);
}

TEST_CASE("a position that is not reached in time is answered 503 with Retry-After") {
  RunningApp app;
  const std::string id = app.create("/v1/customers", kPerson);
  const auto behind = app.call("GET", "/v1/customers/" + id + "/360", {},
                               {{"Factum-Min-Position", "1000"}, {"Prefer", "wait=0"}});
  CHECK(behind.status == 503);
  CHECK(behind.header("retry-after") == "1");
  CHECK(member(behind.body, "type") == "/problems/view_behind");
  CHECK(app.call("GET", "/v1/customers/" + id + "/360?min_position=x").status == 400);
}

TEST_CASE("a retried write over the wire makes one event, also after a restart") {
  RunningApp app;
  const std::vector<api::Header> key{{"Idempotency-Key", "\"retry-1\""}};
  const auto first = app.write("/v1/customers", kPerson, key);
  app.restart();
  const auto second = app.write("/v1/customers", kPerson, key);
  CHECK(second.status == 201);
  CHECK(second.header("idempotency-replayed") == "true");
  CHECK(second.header("location") == first.header("location"));
  CHECK(app.services().store.head() == Position{1});
}

TEST_CASE("the same key from many clients at once makes one event") {
  RunningApp app;
  std::mutex mutex;
  std::set<std::string> places;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto response =
          app.write("/v1/customers", kPerson, {{"Idempotency-Key", "one-and-only"}});
      const std::lock_guard lock(mutex);
      places.insert(std::to_string(response.status) + response.header("location"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(places.size() == 1);
  CHECK(app.services().store.head() == Position{1});
}

TEST_CASE("clients that write at the same time all see their own write") {
  RunningApp app;
  std::atomic<int> seen{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      HttpClient client(app.port());
      for (int i = 0; i < 10; ++i) {
        const std::string name = "Customer " + std::to_string(t) + "." + std::to_string(i);
        const auto made =
            client.call("POST", "/v1/customers", R"({"kind":"person","name":")" + name + "\"}",
                        write_headers());
        const auto view = client.call("GET", made.header("location") + "/360");
        seen += member(view.body, "name") == name ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(seen == 80);
}

TEST_CASE("stopping while clients write loses nothing that was acknowledged") {
  RunningApp app;
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<int> count{0};
  std::vector<std::thread> threads;
  const std::uint16_t port = app.port();
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      HttpClient client(port);
      for (;;) {
        const auto made = client.call("POST", "/v1/customers", kPerson, write_headers());
        if (made.status != 201) return;
        ++count;
        const std::lock_guard lock(mutex);
        acknowledged.insert(made.header("location"));
      }
    });
  }
  while (count < 50) std::this_thread::yield();
  app.restart();
  for (std::thread& thread : threads) thread.join();
  for (const std::string& place : acknowledged) CHECK(app.call("GET", place).status == 200);
}

TEST_CASE("a second program on the folder is refused") {
  RunningApp app;
  api::AppOptions options;
  options.data = app.folder() / "data";
  options.keys = app.folder() / "other_keys";
  const auto second = api::App::open(options);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::locked);
}

TEST_CASE("keys inside the data folder are refused") {
  const TempDir folder;
  api::AppOptions options;
  options.data = folder / "data";
  options.keys = folder / "data/keys";
  const auto app = api::App::open(options);
  REQUIRE_FALSE(app.has_value());
  CHECK(app.error().code == ErrorCode::invalid_argument);
}
