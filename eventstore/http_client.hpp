// Requests to servers of others: auditors' sources and witnesses.
#pragma once

#include "core/base/result.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace factum {

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::string content_type;
  long retry_after_s = 0;  ///< what the server asks for; 0 = nothing
};

struct HttpOptions {
  std::size_t body_bytes_max = std::size_t{1} << 16;
  long timeout_ms = 0;                      ///< of the whole request; 0 = as long as bytes come
  const std::atomic<bool>* stop = nullptr;  ///< set from elsewhere: give up
};

/// Whether paths can be asked for below this address: http or https, with a host, without a query.
/// Errors: invalid_argument, with a sentence.
Status check_http_address(const std::string& url);

/// One connection that is kept. Not thread-safe. Errors of requests: invalid_argument (not an http
/// address), limit_exceeded (a longer body), unavailable (no whole answer came, or stopped).
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Result<HttpAnswer> get(const std::string& url, const HttpOptions& options);
  Result<HttpAnswer> post(const std::string& url, std::string_view body,
                          const HttpOptions& options);

 private:
  struct Handle;
  Result<HttpAnswer> perform(const std::string& url, const HttpOptions& options);

  std::unique_ptr<Handle> handle_;
};

}  // namespace factum
