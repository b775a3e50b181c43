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
  /// Host and port of a target that names them ("GET http://host/path"), else empty.
  std::string authority;
  std::string path;   ///< still percent-encoded, without the query; "*" for the server as a whole
  std::string query;  ///< what follows '?', still percent-encoded
  std::vector<Header> headers;
  std::string body;
  bool old_version = false;    ///< HTTP/1.0: needs no Host and knows no chunks
  bool from_loopback = false;  ///< the peer is on this machine
  /// Runs a task soon on the thread of the connection. Safe from any thread.
  std::function<void(std::function<void()>)> post;

  /// The value of the first header of this lower-case name, or null. O(headers).
  const std::string* header(std::string_view name) const;
};

/// ASCII letters in lower case, everything else as it is.
std::string ascii_lower(std::string_view text);

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

/// What becomes of a request whose head has come.
struct Admission {
  std::size_t body_bytes_max = 0;       ///< how many body bytes it may have
  std::optional<HttpResponse> refusal;  ///< set: the answer, and nothing more is read
};

/// What answers requests. Thread rule: every method is called from all threads of the server.
class HttpService {
 public:
  virtual ~HttpService() = default;
  /// Looks at a request whose body has not come yet; `post` and `from_loopback` are not set.
  virtual Admission admit(const HttpRequest& head) const = 0;
  /// Answers an admitted request through `respond`, now or later, from any thread. Must not block
  /// for long.
  virtual void handle(std::shared_ptr<const HttpRequest> request, Respond respond) = 0;
  /// The answer to a request that never became complete.
  virtual HttpResponse failure(HttpFailure failure) const = 0;
};

}  // namespace factum::api
