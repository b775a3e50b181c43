// A blocking HTTP client on plain sockets: it can send any bytes, also wrong and slow ones.
#pragma once

#include "api/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace factum::test {

struct ClientResponse {
  int status = 0;                    ///< 0: the connection ended without an answer
  std::vector<api::Header> headers;  ///< names in lower case
  std::string body;

  std::string header(std::string_view name) const;
};

/// One connection to this machine. Not thread-safe.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends bytes as they are; false when the connection is broken.
  bool send(std::string_view bytes);
  /// Reads one response; waits at most ten seconds for each part of it.
  ClientResponse receive(bool head = false);
  /// Sends a request and reads the response.
  ClientResponse call(std::string_view method, std::string_view target, std::string_view body = {},
                      const std::vector<api::Header>& headers = {});
  /// True when the server has closed the connection; waits at most ten seconds.
  bool is_closed();

 private:
  bool read_more();

  int socket_ = -1;
  std::string received_;
};

/// The bytes of a request.
std::string request_bytes(std::string_view method, std::string_view target, std::string_view body,
                          const std::vector<api::Header>& headers);

}  // namespace factum::test
