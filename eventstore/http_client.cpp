#include "eventstore/http_client.hpp"

#include "core/base/contract.hpp"

#include <curl/curl.h>
#include <utility>

namespace factum {
namespace {

constexpr long kConnectTimeoutMs = 10'000;
constexpr long kSilenceSecondsMax = 30;

struct Exchange {
  HttpAnswer answer;
  const HttpOptions& options;
  bool too_long = false;
};

std::size_t take_body(char* bytes, std::size_t /*one*/, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  exchange.too_long = count > exchange.options.body_bytes_max - exchange.answer.body.size();
  if (exchange.too_long) return 0;
  exchange.answer.body.append(bytes, count);
  return count;
}

int look_at_stop(void* target, curl_off_t /*down_total*/, curl_off_t /*down*/,
                 curl_off_t /*up_total*/, curl_off_t /*up*/) {
  const auto& exchange = *static_cast<const Exchange*>(target);
  return exchange.options.stop != nullptr && *exchange.options.stop ? 1 : 0;
}

void start_library() {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  FACTUM_ASSERT(kStarted == CURLE_OK);
}

struct FreeParts {
  void operator()(CURLU* parts) const { curl_url_cleanup(parts); }
};

bool has_part(CURLU* parts, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(parts, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

}  // namespace

Status check_http_address(const std::string& url) {
  const auto refused = [&](const std::string& why) {
    return fail(ErrorCode::invalid_argument, url + " is no http address: " + why);
  };
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return refused("it begins with http:// or https://");
  const std::unique_ptr<CURLU, FreeParts> parts(curl_url());
  const CURLUcode code = curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0);
  if (code != CURLUE_OK) return refused(curl_url_strerror(code));
  if (has_part(parts.get(), CURLUPART_QUERY) || has_part(parts.get(), CURLUPART_FRAGMENT))
    return refused("nothing can be asked for below a query");
  return {};
}

struct HttpClient::Handle {
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Free> curl;
};

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {
  start_library();
  handle_->curl.reset(curl_easy_init());
  FACTUM_ASSERT(handle_->curl != nullptr);
}
HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::get(const std::string& url, const HttpOptions& options) {
  curl_easy_reset(handle_->curl.get());
  return perform(url, options);
}

Result<HttpAnswer> HttpClient::post(const std::string& url, std::string_view body,
                                    const HttpOptions& options) {
  CURL* const curl = handle_->curl.get();
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.data());
  return perform(url, options);
}

Result<HttpAnswer> HttpClient::perform(const std::string& url, const HttpOptions& options) {
  CURL* const curl = handle_->curl.get();
  Exchange exchange{{}, options, false};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, options.timeout_ms);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilenceSecondsMax);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &look_at_stop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  const CURLcode code = curl_easy_perform(curl);
  if (exchange.too_long)
    return fail(ErrorCode::limit_exceeded,
                url + ": more than " + std::to_string(options.body_bytes_max) + " bytes");
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
    return fail(ErrorCode::invalid_argument, url + " is no http address");
  if (code != CURLE_OK) return fail(ErrorCode::unavailable, url + ": " + curl_easy_strerror(code));
  curl_off_t retry_after = 0;
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.answer.status);
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  exchange.answer.retry_after_s = static_cast<long>(retry_after);
  exchange.answer.content_type = type == nullptr ? "" : type;
  return std::move(exchange.answer);
}

}  // namespace factum
