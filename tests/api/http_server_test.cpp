// The server over real sockets: framing, limits, slow and broken peers, stopping.
#include "api/server/http_server.hpp"

#include "tests/api/http_client.hpp"
#include "tests/support/manual_clock.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

using namespace factum;
using namespace factum::test;
using factum::api::HttpRequest;
using factum::api::HttpResponse;

namespace {

// Answers "/echo" with the body, "/long" with many chunks, "/endless" without end, "/broken" with a
// body that fails half-way; "/hold" waits until the test releases it.
class EchoService final : public api::HttpService {
 public:
  api::Admission admit(const HttpRequest& head) const override {
    if (head.path == "/refused") return {0, HttpResponse{403, {}, "refused", {}}};
    return {head.path == "/small" ? 10U : 1000U, std::nullopt};
  }

  void handle(std::shared_ptr<const HttpRequest> request, api::Respond respond) override {
    if (request->path == "/hold") return hold(std::move(respond));
    HttpResponse response;
    response.body = request->method + " " + request->query + " " + request->body;
    if (request->path == "/mark") {
      const std::string* mark = request->header("mark");
      response.body = mark == nullptr ? "none" : *mark;
    }
    if (request->path == "/big") response.body.assign(std::size_t{64} << 20, 'x');
    if (request->path == "/long") response.chunks = pieces(3);
    if (request->path == "/endless") response.chunks = pieces(1 << 30);
    if (request->path == "/broken")
      response.chunks = [] { return fail(ErrorCode::io_error, "broken"); };
    if (request->path == "/post") {
      return request->post([respond, response]() mutable { respond(std::move(response)); });
    }
    respond(std::move(response));
  }

  HttpResponse failure(api::HttpFailure failure) const override {
    HttpResponse response;
    switch (failure) {
      case api::HttpFailure::malformed: response.status = 400; break;
      case api::HttpFailure::header_too_large: response.status = 431; break;
      case api::HttpFailure::body_too_large: response.status = 413; break;
      case api::HttpFailure::request_timeout: response.status = 408; break;
      case api::HttpFailure::too_many_connections: response.status = 503; break;
    }
    return response;
  }

  void wait_for_held(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() >= count; });
  }
  void release() {
    std::unique_lock lock(mutex_);
    for (const auto& respond : held_) respond(HttpResponse{200, {}, "released", {}});
    held_.clear();
  }

 private:
  void hold(api::Respond respond) {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(respond));
    changed_.notify_all();
  }

  static api::ChunkSource pieces(int count) {
    return [left = count]() mutable -> Result<std::optional<std::string>> {
      if (left-- == 0) return std::optional<std::string>{};
      return std::optional<std::string>("piece " + std::to_string(left) + "\n");
    };
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<api::Respond> held_;
};

struct Running {
  explicit Running(api::HttpServerOptions options = {}) {
    options.port = 0;
    server = std::move(api::start_http_server(options, service, clock)).value();
  }
  EchoService service;
  ManualClock clock;
  std::unique_ptr<api::HttpServer> server;
};

}  // namespace

TEST_CASE("a connection serves one request after another") {
  Running running;
  HttpClient client(running.server->port());
  const auto first = client.call("GET", "/echo?a=1");
  CHECK(first.status == 200);
  CHECK(first.body == "GET a=1 ");
  CHECK(first.header("date") == "Tue, 14 Nov 2023 22:13:20 GMT");
  CHECK(client.call("QUERY", "/echo", "hello").body == "QUERY  hello");
  CHECK(client.call("GET", "/post?b").body == "GET b ");
}

TEST_CASE("requests that arrive together are answered in order") {
  Running running;
  HttpClient client(running.server->port());
  client.send(request_bytes("POST", "/echo", "one", {}) +
              request_bytes("POST", "/echo", "two", {}) +
              request_bytes("GET", "/echo?three", {}, {}));
  CHECK(client.receive().body == "POST  one");
  CHECK(client.receive().body == "POST  two");
  CHECK(client.receive().body == "GET three ");
}

TEST_CASE("a request may arrive byte by byte") {
  Running running;
  HttpClient client(running.server->port());
  for (const char c : request_bytes("POST", "/echo", "slow", {})) client.send({&c, 1});
  CHECK(client.receive().body == "POST  slow");
}

TEST_CASE("long bodies come in chunks, and HEAD leaves every body out") {
  Running running;
  HttpClient client(running.server->port());
  CHECK(client.call("GET", "/long").body == "piece 2\npiece 1\npiece 0\n");
  const auto head = client.call("HEAD", "/echo");
  CHECK(head.header("content-length") == "6");
  CHECK(client.call("GET", "/echo").status == 200);
}

TEST_CASE("a body that fails half-way cuts the connection instead of ending well") {
  Running running;
  HttpClient client(running.server->port());
  client.send(request_bytes("GET", "/broken", {}, {}));
  CHECK(client.receive().status == 0);
}

TEST_CASE("HTTP/1.0 gets a long body until the connection ends") {
  Running running;
  HttpClient client(running.server->port());
  client.send("GET /long HTTP/1.0\r\n\r\n");
  const auto response = client.receive(true);
  CHECK(response.header("transfer-encoding").empty());
  CHECK(client.is_closed());
}

TEST_CASE("a peer that asks first is told to continue") {
  Running running;
  HttpClient client(running.server->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  client.send("hi");
  CHECK(client.receive().body == "POST  hi");
}

TEST_CASE("what is not HTTP is answered 400 and closed") {
  Running running;
  for (const std::string bytes :
       {"\x16\x03\x01 hello there, this is no HTTP\r\n\r\n", "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"}) {
    CAPTURE(bytes);
    HttpClient client(running.server->port());
    client.send(bytes);
    CHECK(client.receive().status == 400);
    CHECK(client.is_closed());
  }
}

TEST_CASE("headers beyond the limit are answered 431") {
  Running running;
  HttpClient client(running.server->port());
  client.send("GET / HTTP/1.1\r\nBig: " + std::string(10'000, 'x') + "\r\n\r\n");
  CHECK(client.receive().status == 431);
  CHECK(client.is_closed());
}

TEST_CASE("the request line counts among the headers") {
  Running running;
  HttpClient client(running.server->port());
  const std::string half(5'000, 'x');
  client.send("GET /" + half + " HTTP/1.1\r\nBig: " + half + "\r\n\r\n");
  CHECK(client.receive().status == 431);
  CHECK(client.is_closed());
}

TEST_CASE("a header that goes on in the next line is answered 400") {
  Running running;
  for (const std::string fold : {"\r\n b", "\r\n\tb"}) {
    HttpClient client(running.server->port());
    client.send("GET /echo HTTP/1.1\r\nHost: a\r\nMark: a" + fold + "\r\n\r\n");
    CHECK(client.receive().status == 400);
    HttpClient slow(running.server->port());
    for (const char c : "GET /echo HTTP/1.1\r\nMark: a" + fold + "\r\n\r\n") slow.send({&c, 1});
    CHECK(slow.receive().status == 400);
  }
}

TEST_CASE("what frames a body in chunks is bounded: sizes, extensions, trailers") {
  Running running;
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string big(10'000, 'x');
  std::string many;
  for (int i = 0; i < 200; ++i) many += "1;" + std::string(200, 'e') + "\r\nx\r\n";
  const std::vector<std::string> endless{"1;" + big,
                                         "1;" + big + "\r\nx\r\n0\r\n\r\n",
                                         std::string(10'000, '0') + "1\r\nx\r\n0\r\n\r\n",
                                         many + "0\r\n\r\n",
                                         "1\r\nx\r\n0;" + big + "\r\n\r\n",
                                         "1\r\nx\r\n0\r\nTrailer: " + big,
                                         "1\r\nx\r\n0\r\nTrailer: " + big + "\r\n\r\n"};
  for (const std::string& body : endless) {
    CAPTURE(body.substr(0, 20));
    HttpClient client(running.server->port());
    client.send(head + body);
    CHECK(client.receive().status == 431);
    CHECK(client.is_closed());
  }
  std::string tiny;
  for (int i = 0; i < 900; ++i) tiny += "1\r\nx\r\n";
  HttpClient client(running.server->port());
  client.send(head + tiny + "0;last=1\r\nTrailer: t\r\n\r\n" + head + "2\r\nhi\r\n0\r\n\r\n");
  CHECK(client.receive().body == "POST  " + std::string(900, 'x'));
  CHECK(client.receive().body == "POST  hi");
}

TEST_CASE("trailers do not become headers") {
  Running running;
  HttpClient client(running.server->port());
  client.send(
      "POST /mark HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\nx\r\n0\r\nMark: late\r\n\r\n");
  CHECK(client.receive().body == "none");
}

TEST_CASE("a head that is refused is answered before its body comes, and closed") {
  Running running;
  HttpClient client(running.server->port());
  client.send("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n");
  const auto response = client.receive();
  CHECK(response.status == 403);
  CHECK(response.header("connection") == "close");
  CHECK(client.is_closed());
  HttpClient head(running.server->port());
  head.send("HEAD /refused HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.receive(true).header("content-length") == "7");
  CHECK(head.receive(true).status == 0);
}

TEST_CASE("a target that names the host is found by its path") {
  Running running;
  HttpClient client(running.server->port());
  CHECK(client.call("GET", "http://localhost:80/echo?a=1").body == "GET a=1 ");
  CHECK(client.call("GET", "HTTP://localhost/mark", {}, {{"Mark", "m"}}).body == "m");
}

TEST_CASE("bodies beyond the limit of the route are answered 413, announced or not") {
  Running running;
  HttpClient announced(running.server->port());
  announced.send("POST /small HTTP/1.1\r\nContent-Length: 11\r\n\r\n");
  CHECK(announced.receive().status == 413);
  HttpClient chunked(running.server->port());
  chunked.send("POST /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n");
  CHECK(chunked.receive().status == 413);
  HttpClient fits(running.server->port());
  CHECK(fits.call("POST", "/small", "0123456789").status == 200);
}

TEST_CASE("a request that does not become complete is answered 408") {
  Running running({.request_timeout_ms = 100});
  HttpClient client(running.server->port());
  client.send("GET /echo HTTP/1.1\r\nHost:");
  CHECK(client.receive().status == 408);
  CHECK(client.is_closed());
}

TEST_CASE("an idle connection is closed") {
  Running running({.idle_timeout_ms = 100});
  HttpClient client(running.server->port());
  CHECK(client.call("GET", "/echo").status == 200);
  CHECK(client.is_closed());
}

TEST_CASE("peers that do not read are cut, and others do not notice") {
  Running running({.threads = 1, .connections_max = 3, .write_timeout_ms = 200});
  HttpClient slow(running.server->port());
  HttpClient endless(running.server->port());
  slow.send(request_bytes("GET", "/big", {}, {}));
  endless.send(request_bytes("GET", "/endless", {}, {}));
  HttpClient other(running.server->port());
  CHECK(other.call("GET", "/echo").status == 200);
  // Two more are let in only once both are cut.
  const auto let_in = [&] {
    HttpClient first(running.server->port());
    HttpClient second(running.server->port());
    return first.call("GET", "/echo").status == 200 && second.call("GET", "/echo").status == 200;
  };
  while (!let_in()) std::this_thread::yield();
  CHECK(slow.receive().status == 0);
  CHECK(other.call("GET", "/echo").status == 200);
}

TEST_CASE("connections beyond the limit are answered 503") {
  Running running({.connections_max = 1});
  HttpClient first(running.server->port());
  CHECK(first.call("GET", "/echo").status == 200);
  HttpClient second(running.server->port());
  CHECK(second.receive().status == 503);
  CHECK(first.call("GET", "/echo").status == 200);
}

TEST_CASE("many clients at once all get their own answers") {
  Running running({.threads = 2});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      HttpClient client(running.server->port());
      for (int i = 0; i < 50; ++i) {
        const std::string mark = std::to_string(t) + "." + std::to_string(i);
        right += client.call("POST", "/echo", mark).body == "POST  " + mark ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 16 * 50);
}

TEST_CASE("stopping lets running requests finish and closes idle connections") {
  Running running;
  HttpClient idle(running.server->port());
  CHECK(idle.call("GET", "/echo").status == 200);
  std::vector<std::unique_ptr<HttpClient>> busy;
  for (int i = 0; i < 100; ++i) {
    busy.push_back(std::make_unique<HttpClient>(running.server->port()));
    busy.back()->send(request_bytes("GET", "/hold", {}, {}));
  }
  running.service.wait_for_held(100);
  std::thread stopper([&] { running.server->stop(std::chrono::seconds(10)); });
  CHECK(idle.is_closed());
  running.service.release();
  for (auto& client : busy) {
    const auto response = client->receive();
    CHECK(response.body == "released");
    CHECK(client->is_closed());
  }
  stopper.join();
  HttpClient late(running.server->port());
  CHECK(late.call("GET", "/echo").status == 0);
}

TEST_CASE("stopping cuts what does not finish within the bound") {
  Running running;
  HttpClient client(running.server->port());
  client.send(request_bytes("GET", "/hold", {}, {}));
  running.service.wait_for_held(1);
  running.server->stop(std::chrono::milliseconds(50));
  CHECK(client.receive().status == 0);
  running.service.release();
}

TEST_CASE("a taken port and a bind address that is none are refused") {
  Running running;
  EchoService service;
  ManualClock clock;
  const auto taken = api::start_http_server({.port = running.server->port()}, service, clock);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == ErrorCode::unavailable);
  const auto wrong = api::start_http_server({.address = "nowhere", .port = 0}, service, clock);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code == ErrorCode::invalid_argument);
}
