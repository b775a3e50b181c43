#include "api/server/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>

namespace factum::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

struct SplitTarget {
  std::string_view path;
  std::string_view query;
};

SplitTarget split_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  return {target.substr(0, mark),
          mark < target.size() ? target.substr(mark + 1) : std::string_view{}};
}

HttpFailure failure_of(const error_code& failed) {
  if (failed == http::error::header_limit) return HttpFailure::header_too_large;
  if (failed == http::error::body_limit) return HttpFailure::body_too_large;
  return HttpFailure::malformed;
}

class BeastRequestParser final : public RequestParser {
 public:
  BeastRequestParser(std::size_t header_bytes_max, const HttpService& service)
      : header_bytes_max_(header_bytes_max), service_(service) {
    reset();
  }

  State feed(std::string_view bytes) override {
    if (!bytes.empty())
      buffer_.commit(asio::buffer_copy(buffer_.prepare(bytes.size()), asio::buffer(bytes)));
    begun_ = begun_ || buffer_.size() > 0;
    while (buffer_.size() > 0) {
      error_code failed;
      const std::size_t used = parser_->put(buffer_.data(), failed);
      buffer_.consume(used);
      if (failed == http::error::need_more) return State::needs_more;
      if (failed) return fail_with(failure_of(failed));
      if (parser_->is_header_done() && !header_seen_) {
        if (has_unknown_coding()) return fail_with(HttpFailure::malformed);
        if (!admit_body()) return fail_with(HttpFailure::body_too_large);
      }
      if (parser_->is_done()) return State::complete;
      if (used == 0) break;
    }
    return State::needs_more;
  }

  bool has_begun() const override { return begun_; }
  bool take_continue() override { return std::exchange(wants_continue_, false); }
  HttpFailure failure() const override { return failure_; }
  bool keeps_alive() const override { return parser_->get().keep_alive(); }
  bool is_old_version() const override { return parser_->get().version() < 11; }

  std::shared_ptr<HttpRequest> take() override {
    auto message = parser_->release();
    auto request = std::make_shared<HttpRequest>();
    request->method = std::string(message.method_string());
    const auto target = split_target(view(message.target()));
    request->path = target.path;
    request->query = target.query;
    request->headers.reserve(8);
    for (const auto& field : message)
      request->headers.push_back({lower(view(field.name_string())), std::string(field.value())});
    request->body = std::move(message.body());
    reset();
    return request;
  }

 private:
  void reset() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max_));
    parser_->body_limit(boost::none);
    begun_ = false;
    header_seen_ = false;
    wants_continue_ = false;
  }

  State fail_with(HttpFailure failure) {
    failure_ = failure;
    return State::failed;
  }

  // Only "chunked" says where a body ends (RFC 9112 §6.1); with any other coding the rest of the
  // connection could be read as requests that nobody sent.
  bool has_unknown_coding() const {
    const auto& message = parser_->get();
    const auto codings = message.equal_range(http::field::transfer_encoding);
    const auto count = std::distance(codings.first, codings.second);
    return count > 1 || (count == 1 && lower(view(codings.first->value())) != "chunked");
  }

  // The header is complete: sets the limit of the body; false if it is passed already.
  bool admit_body() {
    header_seen_ = true;
    const auto& message = parser_->get();
    const std::size_t limit = service_.body_bytes_max(view(message.method_string()),
                                                      split_target(view(message.target())).path);
    const auto length = parser_->content_length();
    if (length && *length > limit) return false;
    parser_->body_limit(limit);
    parser_->eager(true);
    wants_continue_ = lower(view(message[http::field::expect])) == "100-continue";
    return true;
  }

  const std::size_t header_bytes_max_;
  const HttpService& service_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpFailure failure_{};
  bool begun_ = false;
  bool header_seen_ = false;
  bool wants_continue_ = false;
};

}  // namespace

std::unique_ptr<RequestParser> make_request_parser(std::size_t header_bytes_max,
                                                   const HttpService& service) {
  return std::make_unique<BeastRequestParser>(header_bytes_max, service);
}

}  // namespace factum::api
