// Who may write: anybody until there is a user, then active users only.
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kPerson = R"({"kind":"person","name":"Wang Fang"})";

int status_as(RunningApp& app, const std::string& user, const std::string& target,
              const std::string& body) {
  return app
      .call("POST", target, body,
            {{"Content-Type", "application/json"}, {"Factum-Actor", "user:" + user}})
      .status;
}

}  // namespace

TEST_CASE("as long as there is no user, anybody may write and so add the first") {
  RunningApp app;
  app.create("/v1/customers", kPerson);
  const std::string user = app.create("/v1/users", R"({"name":"Ann"})");
  const auto refused = app.write("/v1/customers", kPerson);
  CHECK(refused.status == 403);
  CHECK(member(refused.body, "type") == "/problems/forbidden");
  CHECK(status_as(app, user, "/v1/customers", kPerson) == 201);
  CHECK(app.write("/v1/events:append", R"({"events":[]})").status == 403);
}

TEST_CASE("when the last active user has left, anybody may write and so bring one back") {
  RunningApp app;
  const std::string ann = app.create("/v1/users", R"({"name":"Ann"})");
  CHECK(status_as(app, ann, "/v1/users/" + ann + ":deactivate", "") == 200);
  CHECK(status_as(app, ann, "/v1/users/" + ann + ":reactivate", "") == 200);
  CHECK(app.write("/v1/customers", kPerson).status == 403);
}

TEST_CASE("who has left may not write until they are back, also after a restart") {
  RunningApp app;
  const std::string ann = app.create("/v1/users", R"({"name":"Ann"})");
  CHECK(status_as(app, ann, "/v1/users", R"({"name":"Bob"})") == 201);
  const auto users = app.call("GET", "/v1/users").body;
  const std::size_t at = users.rfind("\"user\":\"") + 8;
  const std::string bob = users.substr(at, 36);
  REQUIRE(bob != ann);
  CHECK(status_as(app, ann, "/v1/users/" + bob + ":deactivate", "") == 200);
  CHECK(status_as(app, bob, "/v1/customers", kPerson) == 403);
  app.restart();
  REQUIRE(app.call("GET", "/v1/users?min_position=3").status == 200);
  CHECK(status_as(app, bob, "/v1/customers", kPerson) == 403);
  CHECK(status_as(app, ann, "/v1/users/" + bob + ":reactivate", "") == 200);
  CHECK(status_as(app, bob, "/v1/customers", kPerson) == 201);
}
