#include "api/server/http_server.hpp"

#include "api/server/request_parser.hpp"
#include "api/server/response_head.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace factum::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kSweepEvery{50};
constexpr std::chrono::milliseconds kLingerFor{1000};
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kLingerBytesMax = std::size_t{8} << 20;

class Connection;

// Counts what is still open, for `stop`.
class OpenCount {
 public:
  void up() { count_.fetch_add(1); }
  void down() {
    const std::lock_guard lock(mutex_);
    count_.fetch_sub(1);
    changed_.notify_all();
  }
  std::size_t value() const { return count_.load(); }
  void wait_for_none(std::chrono::milliseconds bound) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, bound, [this] { return count_.load() == 0; });
  }

 private:
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

// What all threads share; constant while they run.
struct Shared {
  Shared(HttpServerOptions given_options, HttpService& given_service, Clock& given_clock)
      : options(std::move(given_options)), service(given_service), clock(given_clock) {}

  const HttpServerOptions options;
  HttpService& service;
  Clock& clock;
  OpenCount open;
};

// One thread with its own io_context. All but `context` and `post` belong to that thread.
struct Worker {
  explicit Worker(std::shared_ptr<Shared> given_shared)
      : shared(std::move(given_shared)), work(asio::make_work_guard(context)), sweep(context) {}

  const std::shared_ptr<Shared> shared;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::steady_timer sweep;
  std::unordered_set<Connection*> connections;
  std::string date;
  std::int64_t date_second = 0;
  bool stopping = false;

  // Runs a task soon on this thread; drops it once that has ended. Safe from any thread.
  void post(std::function<void()> task) {
    const std::lock_guard lock(post_mutex_);
    if (!ended_) asio::post(context, std::move(task));
  }

  // Once the thread has ended: runs what was posted while it did, because a task that waits for
  // ever would keep this worker, which keeps the task.
  void finish() {
    {
      const std::lock_guard lock(post_mutex_);
      ended_ = true;
    }
    context.restart();
    context.poll();
  }

  std::string_view current_date() {
    const Timestamp now = shared->clock.now();
    const std::int64_t second = now.value() / kMicrosPerSecond;
    if (second != date_second || date.empty()) {
      date = http_date(now);
      date_second = second;
    }
    return date;
  }

 private:
  std::mutex post_mutex_;
  bool ended_ = false;  // guarded by post_mutex_
};

enum class Phase { idle, reading, running, writing };

// One socket and the request on it. Lives on the thread of its worker.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Worker> given_worker, tcp::socket given_socket)
      : worker(std::move(given_worker)),
        socket(std::move(given_socket)),
        answered(worker->context),
        parser(make_request_parser(worker->shared->options.header_bytes_max,
                                   worker->shared->service)) {
    worker->connections.insert(this);
    error_code failed;
    const auto peer = socket.remote_endpoint(failed).address();
    loopback = !failed && (peer.is_loopback() || is_mapped_loopback(peer));
    socket.set_option(tcp::no_delay(true), failed);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    worker->connections.erase(this);
    worker->shared->open.down();
  }

  void enter(Phase next, std::chrono::milliseconds limit) {
    phase = next;
    deadline = SteadyClock::now() + limit;
  }
  void cut() {
    closed = true;
    error_code ignored;
    socket.close(ignored);
    answered.cancel();
  }
  void check(SteadyClock::time_point now) {
    if (phase == Phase::running || now < deadline) return;
    if (phase != Phase::reading || timed_out) return cut();
    timed_out = true;
    error_code ignored;
    socket.cancel(ignored);
  }
  void deliver(HttpResponse answer) {
    response = std::move(answer);
    answered.cancel();
  }

  const std::shared_ptr<Worker> worker;
  tcp::socket socket;
  asio::steady_timer answered;  // never expires; cancelled when there is an answer
  const std::unique_ptr<RequestParser> parser;
  std::array<char, kReadBytes> received{};
  std::optional<HttpResponse> response;
  Phase phase = Phase::idle;
  SteadyClock::time_point deadline = SteadyClock::time_point::max();
  bool loopback = false;
  bool timed_out = false;
  bool closed = false;

 private:
  static bool is_mapped_loopback(const asio::ip::address& peer) {
    return peer.is_v6() && peer.to_v6().is_v4_mapped() &&
           asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).is_loopback();
  }
};

using ConnectionPtr = std::shared_ptr<Connection>;

std::chrono::milliseconds milliseconds(int count) { return std::chrono::milliseconds(count); }

// ---- reading -----------------------------------------------------------------------------------

enum class Arrival { complete, gone, failed };

// The deadline starts with the first byte; before that the connection is idle.
asio::awaitable<Arrival> read_request(ConnectionPtr connection, HttpResponse& refusal) {
  const HttpServerOptions& options = connection->worker->shared->options;
  RequestParser& parser = *connection->parser;
  connection->enter(Phase::idle, milliseconds(options.idle_timeout_ms));
  std::string_view bytes;
  for (;;) {
    const RequestParser::State state = parser.feed(bytes);
    if (state == RequestParser::State::complete) co_return Arrival::complete;
    if (state == RequestParser::State::failed) {
      refusal = parser.take_refusal();
      co_return Arrival::failed;
    }
    if (parser.has_begun() && connection->phase == Phase::idle)
      connection->enter(Phase::reading, milliseconds(options.request_timeout_ms));
    if (parser.take_continue()) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto sent = co_await asio::async_write(
          connection->socket, asio::buffer(kContinue.data(), kContinue.size()), kNoThrow);
      if (std::get<0>(sent)) co_return Arrival::gone;
    }
    auto received =
        co_await connection->socket.async_read_some(asio::buffer(connection->received), kNoThrow);
    auto& [broken, size] = received;
    if (connection->timed_out) {
      refusal = connection->worker->shared->service.failure(HttpFailure::request_timeout);
      co_return Arrival::failed;
    }
    if (broken) co_return Arrival::gone;
    bytes = {connection->received.data(), size};
  }
}

std::shared_ptr<HttpRequest> take_request(const ConnectionPtr& connection) {
  auto request = connection->parser->take();
  request->from_loopback = connection->loopback;
  request->post = [worker = connection->worker](std::function<void()> task) {
    worker->post(std::move(task));
  };
  return request;
}

// ---- writing -----------------------------------------------------------------------------------

// Writes a long body piece by piece; false when the connection cannot be used any more.
asio::awaitable<bool> write_chunks(ConnectionPtr connection, ChunkSource source, bool chunked) {
  for (;;) {
    auto chunk = source();
    if (!chunk) co_return false;
    const bool last = !*chunk;
    if (!last && (*chunk)->empty()) continue;
    std::array<char, 20> size{};
    std::string_view tail = "\r\n";
    std::string_view head;
    if (chunked) {
      const std::size_t bytes = last ? 0 : (*chunk)->size();
      auto* end = std::to_chars(size.data(), size.data() + 16, bytes, 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      head = {size.data(), static_cast<std::size_t>(end - size.data())};
    } else {
      if (last) co_return true;
      tail = {};
    }
    const std::string_view body = last ? std::string_view{} : std::string_view(**chunk);
    const std::array<asio::const_buffer, 3> parts{asio::buffer(head), asio::buffer(body),
                                                  asio::buffer(tail)};
    connection->enter(Phase::writing,
                      milliseconds(connection->worker->shared->options.write_timeout_ms));
    auto sent = co_await asio::async_write(connection->socket, parts, kNoThrow);
    if (std::get<0>(sent)) co_return false;
    if (last) co_return true;
  }
}

struct Exchange {
  bool keep_alive = true;
  bool is_head = false;
  bool old_version = false;
};

asio::awaitable<bool> write_response(ConnectionPtr connection, HttpResponse response,
                                     Exchange exchange) {
  const bool chunked = response.chunks && !exchange.old_version;
  const bool keep_alive = exchange.keep_alive && (!response.chunks || chunked);
  const std::string head =
      response_head(response, {keep_alive, chunked, connection->worker->current_date()});
  const std::string_view body =
      exchange.is_head || response.chunks ? std::string_view{} : std::string_view(response.body);
  connection->enter(Phase::writing,
                    milliseconds(connection->worker->shared->options.write_timeout_ms));
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
  auto sent = co_await asio::async_write(connection->socket, parts, kNoThrow);
  if (std::get<0>(sent)) co_return false;
  if (response.chunks && !exchange.is_head) {
    const bool complete = co_await write_chunks(connection, std::move(response.chunks), chunked);
    const bool usable = complete && keep_alive;
    co_return usable;
  }
  co_return keep_alive;
}

// Ends a connection whose peer may still be sending: closing at once would reset it, and the answer
// would be lost on its way.
asio::awaitable<void> linger(ConnectionPtr connection) {
  error_code ignored;
  connection->socket.shutdown(tcp::socket::shutdown_send, ignored);
  connection->enter(Phase::writing, kLingerFor);
  for (std::size_t total = 0; total < kLingerBytesMax;) {
    auto received =
        co_await connection->socket.async_read_some(asio::buffer(connection->received), kNoThrow);
    auto& [broken, size] = received;
    if (broken) break;
    total += size;
  }
}

// ---- one connection ----------------------------------------------------------------------------

// Hands the request to the service and waits for its answer; false if the connection was cut.
asio::awaitable<bool> await_response(ConnectionPtr connection,
                                     std::shared_ptr<const HttpRequest> request) {
  connection->response.reset();
  connection->phase = Phase::running;
  std::weak_ptr<Connection> weak = connection;
  Respond respond = [worker = connection->worker, weak](HttpResponse answer) {
    asio::dispatch(worker->context, [weak, answer = std::move(answer)]() mutable {
      if (const auto alive = weak.lock()) alive->deliver(std::move(answer));
    });
  };
  connection->worker->shared->service.handle(std::move(request), std::move(respond));
  connection->answered.expires_at(SteadyClock::time_point::max());
  if (!connection->response && !connection->closed) {
    auto woken = co_await connection->answered.async_wait(kNoThrow);
    static_cast<void>(woken);
  }
  co_return connection->response.has_value() && !connection->closed;
}

asio::awaitable<void> serve(ConnectionPtr connection) {
  HttpResponse refusal;
  for (;;) {
    const Arrival arrival = co_await read_request(connection, refusal);
    if (arrival == Arrival::gone) co_return;
    if (arrival == Arrival::failed) {
      const bool is_head = connection->parser->is_head();
      const bool sent =
          co_await write_response(connection, std::move(refusal), {false, is_head, true});
      static_cast<void>(sent);
      co_await linger(connection);
      co_return;
    }
    Exchange exchange;
    exchange.keep_alive = connection->parser->keeps_alive();
    exchange.is_head = connection->parser->is_head();
    auto request = take_request(connection);
    exchange.old_version = request->old_version;
    const bool answered = co_await await_response(connection, std::move(request));
    if (!answered) co_return;
    exchange.keep_alive = exchange.keep_alive && !connection->worker->stopping;
    HttpResponse answer = std::move(*connection->response);
    const bool usable = co_await write_response(connection, std::move(answer), exchange);
    if (!usable || connection->worker->stopping) co_return;
  }
}

// ---- threads -----------------------------------------------------------------------------------

asio::awaitable<void> sweep(std::shared_ptr<Worker> worker) {
  while (!worker->stopping || !worker->connections.empty()) {
    worker->sweep.expires_after(kSweepEvery);
    auto woken = co_await worker->sweep.async_wait(kNoThrow);
    static_cast<void>(woken);
    const auto now = SteadyClock::now();
    const std::vector<Connection*> all(worker->connections.begin(), worker->connections.end());
    for (Connection* connection : all) connection->check(now);
  }
}

void stop_gently(Worker& worker) {
  worker.stopping = true;
  worker.work.reset();
  for (Connection* connection : worker.connections) {
    if (connection->phase == Phase::idle) connection->cut();
  }
}

void refuse(tcp::socket socket, const HttpService& service, Clock& clock) {
  const HttpResponse answer = service.failure(HttpFailure::too_many_connections);
  const std::string date = http_date(clock.now());
  const std::string bytes = response_head(answer, {false, false, date}) + answer.body;
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

void start_connection(const std::shared_ptr<Worker>& worker, tcp::socket socket) {
  if (worker->stopping) return worker->shared->open.down();
  auto connection = std::make_shared<Connection>(worker, std::move(socket));
  asio::co_spawn(worker->context, serve(std::move(connection)), asio::detached);
}

class BeastServer final : public HttpServer {
 public:
  explicit BeastServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, shared_->options.threads); ++i)
      workers_.push_back(std::make_shared<Worker>(shared_));
    acceptor_.emplace(workers_[0]->context);
  }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;
  ~BeastServer() override { stop(std::chrono::milliseconds(0)); }

  Status listen() {
    error_code failed;
    const auto address = asio::ip::make_address(shared_->options.address, failed);
    if (failed) return fail(ErrorCode::invalid_argument, "the bind address must be numeric");
    const tcp::endpoint endpoint(address, shared_->options.port);
    acceptor_->open(endpoint.protocol(), failed);
    if (!failed) acceptor_->set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) acceptor_->bind(endpoint, failed);
    if (!failed) acceptor_->listen(1024, failed);
    if (failed == asio::error::address_in_use) {
      return fail(ErrorCode::unavailable, "port " + std::to_string(shared_->options.port) +
                                              " is taken by another program; choose another");
    }
    if (failed) return fail(ErrorCode::io_error, "cannot listen: " + failed.message());
    port_ = acceptor_->local_endpoint(failed).port();
    return {};
  }

  void run() {
    asio::co_spawn(workers_[0]->context, accept(), asio::detached);
    for (auto& worker : workers_) {
      asio::co_spawn(worker->context, sweep(worker), asio::detached);
      threads_.emplace_back([worker] { worker->context.run(); });
    }
  }

  std::uint16_t port() const override { return port_; }

  void stop(std::chrono::milliseconds bound) override {
    if (std::exchange(stopped_, true)) return;
    asio::post(workers_[0]->context, [this] {
      error_code ignored;
      acceptor_->close(ignored);
    });
    for (auto& worker : workers_) asio::post(worker->context, [worker] { stop_gently(*worker); });
    shared_->open.wait_for_none(bound);
    for (auto& worker : workers_) {
      asio::post(worker->context, [worker] {
        for (Connection* connection : worker->connections) connection->cut();
      });
    }
    for (std::thread& thread : threads_) thread.join();
    for (auto& worker : workers_) worker->finish();
  }

 private:
  asio::awaitable<void> accept() {
    asio::steady_timer pause(workers_[0]->context);
    for (std::size_t next = 0; acceptor_->is_open(); next = (next + 1) % workers_.size()) {
      auto worker = workers_[next];
      auto accepted = co_await acceptor_->async_accept(worker->context, kNoThrow);
      auto& [failed, socket] = accepted;
      if (failed == asio::error::operation_aborted) co_return;
      if (failed) {  // out of file descriptors, most likely
        pause.expires_after(kSweepEvery);
        auto waited = co_await pause.async_wait(kNoThrow);
        static_cast<void>(waited);
        continue;
      }
      if (shared_->open.value() >= shared_->options.connections_max) {
        refuse(std::move(socket), shared_->service, shared_->clock);
        continue;
      }
      shared_->open.up();
      asio::post(worker->context, [worker, taken = std::move(socket)]() mutable {
        start_connection(worker, std::move(taken));
      });
    }
  }

  const std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::optional<tcp::acceptor> acceptor_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(HttpServerOptions options,
                                                      HttpService& service, Clock& clock) {
  auto shared = std::make_shared<Shared>(std::move(options), service, clock);
  auto server = std::make_unique<BeastServer>(std::move(shared));
  FACTUM_CHECK(server->listen());
  server->run();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace factum::api
