// Requests and responses as plain values, and the service a server hands them to. Nothing here
// knows the library that moves the bytes.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

struct Header {
  std::string name;  ///< of requests: in lower case
  std::string value;
};

/// One request, complete with its body. Immutable once it is handed to the service.
struct HttpRequest {
  std::string method;  ///< as sent, e.g. "GET" or "QUERY"
  std::string path;    ///< still percent-encoded, without the query
  std::string query;   ///< what follows '?', still percent-encoded
  std::vector<Header> headers;
  std::string body;
  bool from_loopback = false;  ///< the peer is on this machine
  /// Runs a task soon on the thread of the connection. Safe from any thread.
  std::function<void(std::function<void()>)> post;

  /// The value of the first header of this lower-case name, or null. O(headers).
  const std::string* header(std::string_view name) const;
};

/// Gives a long body piece by piece, each when the peer has taken the one before; nothing = end.
/// An error cuts the connection, so that the peer sees that the body is not complete. Called on the
/// thread of the connection.
using ChunkSource = std::function<Result<std::optional<std::string>>()>;

struct HttpResponse {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  ChunkSource chunks;  ///< set: the body comes from here and `body` is not used

  void set(std::string name, std::string value);
  const std::string* header(std::string_view name) const;
};

/// Takes the answer; to be called exactly once, from any thread.
using Respond = std::function<void(HttpResponse)>;

/// What goes wrong before a request is complete.
enum class HttpFailure {
  malformed,             ///< not HTTP, or HTTP we do not speak
  header_too_large,      ///< more header bytes than the limit
  body_too_large,        ///< more body bytes than the route takes
  request_timeout,       ///< the request did not arrive in time
  too_many_connections,  ///< the limit of open connections is reached
};

/// What answers requests. Thread rule: every method is called from all threads of the server.
class HttpService {
 public:
  virtual ~HttpService() = default;
  /// How many body bytes a request of this method and path may have.
  virtual std::size_t body_bytes_max(std::string_view method, std::string_view path) const = 0;
  /// Answers through `respond`, now or later, from any thread. Must not block for long.
  virtual void handle(std::shared_ptr<const HttpRequest> request, Respond respond) = 0;
  /// The answer to a request that never became complete.
  virtual HttpResponse failure(HttpFailure failure) const = 0;
};

}  // namespace factum::api
