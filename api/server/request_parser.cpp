#include "api/server/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace factum::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// A size and two line ends frame a chunk of one byte in five bytes.
constexpr std::size_t kFramingPerBodyByte = 8;
constexpr std::string_view kSchemeHttp = "http://";

// Sets path, query and authority from any form of target; an address without a host has no path.
// Source: RFC 9112 §3.2.
void set_target(HttpRequest& request, std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  if (mark < target.size()) request.query = target.substr(mark + 1);
  target = target.substr(0, mark);
  if (ascii_lower(target.substr(0, kSchemeHttp.size())) == kSchemeHttp) {
    target.remove_prefix(kSchemeHttp.size());
    const std::size_t slash = std::min(target.find('/'), target.size());
    request.authority = target.substr(0, slash);
    target.remove_prefix(slash);
    if (request.authority.empty()) return;
    if (target.empty()) target = request.method == "OPTIONS" ? "*" : "/";
  }
  request.path = target;
}

// A header value that goes on in the next line, which RFC 9112 §5.2 tells servers to refuse.
bool has_folded_line(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos ||
         head.find("\r\n\t") != std::string_view::npos;
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
      const bool waits = failed == http::error::need_more;
      if (failed && !waits) return fail_with(failure_of(failed));
      const State state = request_ ? take_body_bytes(used) : take_head_bytes(used);
      if (state != State::needs_more) return state;
      if (waits || used == 0) break;
    }
    return State::needs_more;
  }

  bool has_begun() const override { return begun_; }
  bool take_continue() override { return std::exchange(wants_continue_, false); }
  HttpResponse take_refusal() override { return std::move(refusal_); }
  bool is_head() const override { return request_ && request_->method == "HEAD"; }
  bool keeps_alive() const override { return keeps_alive_; }

  std::shared_ptr<HttpRequest> take() override {
    auto request = std::move(request_);
    request->body = std::move(parser_->get().body());
    reset();
    return request;
  }

 private:
  void reset() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max_));
    parser_->body_limit(boost::none);
    request_.reset();
    used_bytes_ = 0;
    begun_ = false;
    wants_continue_ = false;
  }

  State fail_with(HttpFailure failure) {
    refusal_ = service_.failure(failure);
    return State::failed;
  }

  // Beast counts the request line apart from the headers; here they are one.
  State take_head_bytes(std::size_t used) {
    const std::string_view head{static_cast<const char*>(buffer_.data().data()), used};
    if (has_folded_line(head)) return fail_with(HttpFailure::malformed);
    used_bytes_ += used;
    buffer_.consume(used);
    const bool complete = parser_->is_header_done();
    const std::size_t pending = complete ? 0 : buffer_.size();
    if (used_bytes_ + pending > header_bytes_max_) return fail_with(HttpFailure::header_too_large);
    if (!complete) return State::needs_more;
    used_bytes_ = 0;
    return admit();
  }

  State take_body_bytes(std::size_t used) {
    used_bytes_ += used;
    buffer_.consume(used);
    // What is done leaves bytes of the next request; what is not, an unfinished chunk head.
    const std::size_t pending = parser_->is_done() ? 0 : buffer_.size();
    const std::size_t body = parser_->get().body().size();
    if (used_bytes_ + pending > header_bytes_max_ + body * (1 + kFramingPerBodyByte))
      return fail_with(HttpFailure::header_too_large);
    return parser_->is_done() ? State::complete : State::needs_more;
  }

  // The request without its body. Headers are taken before trailers can join them.
  std::shared_ptr<HttpRequest> read_head() const {
    const auto& message = parser_->get();
    auto request = std::make_shared<HttpRequest>();
    request->method = std::string(message.method_string());
    request->old_version = message.version() < 11;
    set_target(*request, view(message.target()));
    request->headers.reserve(8);
    for (const auto& field : message) {
      request->headers.push_back(
          {ascii_lower(view(field.name_string())), std::string(field.value())});
    }
    return request;
  }

  // Only "chunked" says where a body ends (RFC 9112 §6.1); with any other coding the rest of the
  // connection could be read as requests that nobody sent.
  bool has_unknown_coding() const {
    const auto& message = parser_->get();
    const auto codings = message.equal_range(http::field::transfer_encoding);
    const auto count = std::distance(codings.first, codings.second);
    return count > 1 || (count == 1 && ascii_lower(view(codings.first->value())) != "chunked");
  }

  // The head is complete: asks the service for leave to go on.
  State admit() {
    if (has_unknown_coding()) return fail_with(HttpFailure::malformed);
    request_ = read_head();
    keeps_alive_ = parser_->get().keep_alive();
    Admission admission = service_.admit(*request_);
    if (admission.refusal) {
      refusal_ = std::move(*admission.refusal);
      return State::failed;
    }
    const auto length = parser_->content_length();
    if (length && *length > admission.body_bytes_max) return fail_with(HttpFailure::body_too_large);
    parser_->body_limit(admission.body_bytes_max);
    parser_->eager(true);
    const std::string* expected = request_->header("expect");
    wants_continue_ =
        !request_->old_version && expected != nullptr && ascii_lower(*expected) == "100-continue";
    return parser_->is_done() ? State::complete : State::needs_more;
  }

  const std::size_t header_bytes_max_;
  const HttpService& service_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<HttpRequest> request_;  // set once the head has come
  HttpResponse refusal_;
  std::size_t used_bytes_ = 0;  // of the head, then of the body as it was sent
  bool keeps_alive_ = false;
  bool begun_ = false;
  bool wants_continue_ = false;
};

}  // namespace

std::unique_ptr<RequestParser> make_request_parser(std::size_t header_bytes_max,
                                                   const HttpService& service) {
  return std::make_unique<BeastRequestParser>(header_bytes_max, service);
}

}  // namespace factum::api
