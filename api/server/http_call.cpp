#include "api/server/http_call.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <memory>
#include <optional>

namespace factum::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBodyBytesMax = std::size_t{16} << 20;

// Lives until the call is over.
struct Exchange {
  explicit Exchange(asio::io_context& context) : stream(context) {
    parser.body_limit(kBodyBytesMax);
  }

  beast::tcp_stream stream;
  http::request<http::string_body> request;
  http::response_parser<http::string_body> parser;
  beast::flat_buffer buffer;
  error_code failed;
};

asio::awaitable<void> exchange(std::shared_ptr<Exchange> parts, tcp::endpoint peer) {
  const auto connected = co_await parts->stream.async_connect(peer, kNoThrow);
  parts->failed = std::get<0>(connected);
  if (parts->failed) co_return;
  const auto sent = co_await http::async_write(parts->stream, parts->request, kNoThrow);
  parts->failed = std::get<0>(sent);
  if (parts->failed) co_return;
  const auto read =
      co_await http::async_read(parts->stream, parts->buffer, parts->parser, kNoThrow);
  parts->failed = std::get<0>(read);
}

}  // namespace

Result<HttpAnswer> http_call(const HttpCall& call) {
  error_code failed;
  const auto address = asio::ip::make_address(call.address, failed);
  if (failed) return fail(ErrorCode::invalid_argument, "the address of the server is not numeric");
  asio::io_context context(1);
  const auto parts = std::make_shared<Exchange>(context);
  parts->request.version(11);
  parts->request.method_string(call.method);
  parts->request.target(call.target);
  const std::string host = address.is_v6() ? "[" + call.address + "]" : call.address;
  parts->request.set(http::field::host, host + ":" + std::to_string(call.port));
  parts->request.set(http::field::connection, "close");
  if (!call.body.empty()) {
    parts->request.set(http::field::content_type, "application/json");
    parts->request.body() = call.body;
  }
  parts->request.prepare_payload();
  parts->stream.expires_after(call.timeout);
  asio::co_spawn(context, exchange(parts, tcp::endpoint(address, call.port)), asio::detached);
  context.run();
  if (parts->failed) {
    return fail(ErrorCode::unavailable, "the server at " + host + ":" + std::to_string(call.port) +
                                            " does not answer: " + parts->failed.message());
  }
  auto& response = parts->parser.get();
  return HttpAnswer{static_cast<int>(response.result_int()), std::move(response.body())};
}

}  // namespace factum::api
