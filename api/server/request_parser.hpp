// Turns bytes of one connection into requests, within limits.
#pragma once

#include "api/http.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace factum::api {

/// Reads one request after another. Not thread-safe.
class RequestParser {
 public:
  enum class State {
    needs_more,  ///< feed more bytes
    complete,    ///< `take` the request
    failed,      ///< `take_refusal` is the answer; the connection is of no further use
  };

  virtual ~RequestParser() = default;
  /// Takes bytes as they come, also of the next request. Feeding nothing looks at what is left from
  /// the request before.
  virtual State feed(std::string_view bytes) = 0;
  /// Bytes of the present request have come.
  virtual bool has_begun() const = 0;
  /// True once, when the peer waits for "100 Continue" before it sends the body.
  virtual bool take_continue() = 0;
  /// The answer to a request that failed.
  virtual HttpResponse take_refusal() = 0;
  /// Whether the request that came or failed is HEAD, as far as that is known.
  virtual bool is_head() const = 0;
  /// Of the complete request: whether the connection stays open.
  virtual bool keeps_alive() const = 0;
  /// The complete request without `from_loopback` and `post`; then the next one can be fed.
  virtual std::shared_ptr<HttpRequest> take() = 0;
};

/// A parser that asks `service`, which outlives it, to admit each request once its head has come.
/// The head has at most `header_bytes_max` bytes; so have the sizes, extensions and trailers of a
/// body in chunks, but for eight bytes more with each byte of the body.
std::unique_ptr<RequestParser> make_request_parser(std::size_t header_bytes_max,
                                                   const HttpService& service);

}  // namespace factum::api
