// An HTTP/1.1 server: it moves bytes between sockets and an HttpService, within limits.
#pragma once

#include "api/http.hpp"
#include "core/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace factum::api {

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< numeric; a host name is not looked up
  std::uint16_t port = 8080;          ///< 0 = any free one
  /// Threads that serve connections. More help until all cores are busy.
  std::size_t threads = 2;
  /// Further connections are answered 503 and closed. Each costs about 20 KiB when idle.
  std::size_t connections_max = 4096;
  /// Request line and headers together; more is answered 431.
  std::size_t header_bytes_max = 8192;
  /// A request must arrive completely within this time, else 408.
  int request_timeout_ms = 20'000;
  /// A connection without a request is closed after this time.
  int idle_timeout_ms = 75'000;
  /// A peer that does not take a response, or a piece of a long one, in this time is cut.
  int write_timeout_ms = 30'000;
};

/// A running server. Thread rule: `stop` and `port` are safe from any thread but its own.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  /// The port it listens on.
  virtual std::uint16_t port() const = 0;
  /// Accepts nothing more, closes idle connections, lets running requests finish for at most
  /// `bound` and cuts those that have not. Nothing runs in the service afterwards, but answers that
  /// are still on their way may come and are dropped. The second call does nothing.
  virtual void stop(std::chrono::milliseconds bound) = 0;
};

/// Starts to listen and to serve. `service` and `clock` outlive the server; destroying it stops it
/// at once. Errors: invalid_argument (the address), unavailable (the port is taken), io_error.
Result<std::unique_ptr<HttpServer>> start_http_server(HttpServerOptions options,
                                                      HttpService& service, Clock& clock);

}  // namespace factum::api
