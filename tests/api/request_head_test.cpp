// What the head of a request must be: target, Host, Origin, headers that stand once, codings.
#include "api/request_head.hpp"

#include "api/host_rules.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;
using api::HttpProblem;

namespace {

using Hosts = std::vector<std::string>;

const Hosts kLoopback{"localhost", "127.0.0.1", "[::1]"};

api::HttpRequest head_of(std::string method, std::vector<api::Header> headers) {
  api::HttpRequest head;
  head.method = std::move(method);
  head.path = "/v1/customers";
  head.headers = std::move(headers);
  return head;
}

std::optional<HttpProblem> problem_of(const api::HttpRequest& head, const Hosts& hosts = {}) {
  const auto refused = api::check_head(head, hosts);
  return refused ? std::optional(refused->problem) : std::nullopt;
}

// The problem of a POST to localhost with one header more.
std::optional<HttpProblem> problem_of_post(const std::string& name, const std::string& value) {
  return problem_of(head_of("POST", {{"host", "localhost"}, {name, value}}));
}

}  // namespace

TEST_CASE("a request names exactly one valid host") {
  CHECK(problem_of(head_of("GET", {})) == HttpProblem::malformed_request);
  CHECK(problem_of(head_of("GET", {{"host", "a"}, {"host", "a"}})) ==
        HttpProblem::malformed_request);
  for (const std::string host : {"", "a b", "a:b", "a:123456", "user@a", "[::1", "[]", "[::x]",
                                 "a/b", "http://a", ":80", "[::1]a", "a:1:2"}) {
    CAPTURE(host);
    CHECK(problem_of(head_of("GET", {{"host", host}})) == HttpProblem::malformed_request);
  }
  for (const std::string host : {"a", "a:", "A.b-c:8080", "127.0.0.1:1", "[::1]", "[fe80::1]:80"}) {
    CAPTURE(host);
    CHECK_FALSE(problem_of(head_of("GET", {{"host", host}})).has_value());
  }
}

TEST_CASE("HTTP/1.0 may leave the host out, not name a wrong one") {
  api::HttpRequest head = head_of("GET", {});
  head.old_version = true;
  CHECK_FALSE(problem_of(head, kLoopback).has_value());
  head.headers.push_back({"host", "evil.example"});
  CHECK(problem_of(head, kLoopback) == HttpProblem::misdirected_request);
}

TEST_CASE("a server on loopback answers to its own names only") {
  ApiFixture api({}, api::accepted_hosts("127.0.0.1", {"CRM.local"}).value());
  for (const std::string host :
       {"localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "crm.local:80"}) {
    CAPTURE(host);
    CHECK(api.call({"GET", "/livez", "", {{"host", host}}}).status == 200);
  }
  for (const std::string host : {"evil.example", "localhost.evil.example", "127.0.0.2", "[::2]"}) {
    CAPTURE(host);
    const auto refused = api.call({"GET", "/livez", "", {{"host", host}}});
    CHECK(refused.status == 421);
    CHECK(member(refused.body, "type") == "/problems/misdirected_request");
    CHECK(refused.body.find("evil") == std::string::npos);
  }
}

TEST_CASE("the hosts of a server follow from its address and the names it is given") {
  CHECK(api::accepted_hosts("127.0.0.1", {}).value() ==
        Hosts{"127.0.0.1", "localhost", "127.0.0.1", "[::1]"});
  CHECK(api::accepted_hosts("::1", {"a"}).value() ==
        Hosts{"a", "[::1]", "localhost", "127.0.0.1", "[::1]"});
  CHECK(api::accepted_hosts("0.0.0.0", {}).value().empty());
  CHECK(api::accepted_hosts("0.0.0.0", {"a"}).value().front() == "a");
  CHECK_FALSE(api::accepted_hosts("127.0.0.1", {"a b"}).has_value());
}

TEST_CASE("the host of the target counts, not the one beside it") {
  api::HttpRequest head = head_of("GET", {{"host", "localhost"}});
  head.authority = "evil.example";
  CHECK(problem_of(head, kLoopback) == HttpProblem::misdirected_request);
  head.authority = "localhost:8080";
  head.headers.front().value = "evil.example";
  CHECK_FALSE(problem_of(head, kLoopback).has_value());
  head.authority = "user@localhost";
  CHECK(problem_of(head, kLoopback) == HttpProblem::malformed_request);
}

TEST_CASE("a page changes things only on the host it came from") {
  for (const std::string origin : {"http://evil.example", "null", "https://localhost.evil.example",
                                   "localhost", "http://localhost/path"}) {
    CAPTURE(origin);
    CHECK(problem_of_post("origin", origin) == HttpProblem::foreign_origin);
  }
  CHECK_FALSE(problem_of_post("origin", "http://localhost:3000").has_value());
  for (const std::string method : {"GET", "HEAD", "QUERY", "OPTIONS"}) {
    const auto head = head_of(method, {{"host", "localhost"}, {"origin", "http://evil.example"}});
    CHECK_FALSE(problem_of(head).has_value());
  }
  ApiFixture api;
  const auto refused =
      api.write("/v1/customers", "{}", {{"host", "localhost"}, {"origin", "http://evil.example"}});
  CHECK(refused.status == 403);
  CHECK(member(refused.body, "type") == "/problems/foreign_origin");
}

TEST_CASE("headers of which one counts stand once") {
  for (const std::string name :
       {"origin", "expect", "content-type", "content-encoding", "factum-actor",
        "factum-min-position", "idempotency-key", "if-match"}) {
    CAPTURE(name);
    const auto refused =
        api::check_head(head_of("POST", {{"host", "a"}, {name, "x"}, {name, "x"}}), {});
    REQUIRE(refused.has_value());
    CHECK(refused->problem == HttpProblem::malformed_request);
    CHECK(refused->detail.find(name) != std::string::npos);
  }
  const api::Header list{"if-none-match", "\"1\""};
  CHECK_FALSE(problem_of(head_of("GET", {{"host", "a"}, list, list})).has_value());
}

TEST_CASE("only 100-continue can be expected, and only identity is a coding") {
  CHECK(problem_of_post("expect", "the-moon") == HttpProblem::expectation_failed);
  CHECK_FALSE(problem_of_post("expect", "100-Continue").has_value());
  CHECK(problem_of_post("content-encoding", "gzip") == HttpProblem::unsupported_content_coding);
  CHECK_FALSE(problem_of_post("content-encoding", "Identity").has_value());
  ApiFixture api;
  CHECK(api.write("/v1/customers", "{}", {{"expect", "x"}}).status == 417);
  CHECK(api.write("/v1/customers", "{}", {{"content-encoding", "br"}}).status == 415);
}

TEST_CASE("the type of a body may be written in any case and with parameters") {
  ApiFixture api;
  for (const std::string type : {"Application/JSON", "application/json ; charset=utf-8"}) {
    CHECK(api.call({"POST", "/v1/customers:search", "{}", {{"content-type", type}}}).status != 415);
  }
  CHECK(api.call({"POST", "/v1/customers:search", "{}", {}}).status == 415);
}

TEST_CASE("every form of target is understood over the wire, or refused") {
  RunningApp app;
  CHECK(app.call("GET", "http://localhost/livez").status == 200);
  CHECK(app.call("GET", "http://localhost").status == 404);
  CHECK(app.call("GET", "http://user@localhost/livez").status == 400);
  CHECK(app.call("GET", "https://localhost/livez").status == 400);
  CHECK(app.call("GET", "http:///livez").status == 400);
  CHECK(app.call("CONNECT", "localhost:80").status == 400);
  CHECK(app.call("GET", "*").status == 400);
  for (const std::string target : {"*", "http://localhost"}) {
    const auto options = app.call("OPTIONS", target);
    CHECK(options.status == 204);
    CHECK(options.header("allow") == "GET, HEAD, OPTIONS, POST, QUERY");
  }
}
