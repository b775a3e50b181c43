// The least an HTTP server on Beast can do, as the yardstick of ours: one thread, callbacks, no
// routing. It answers every GET with given bytes; of every POST it parses the JSON body first.
//
// bench_yardstick_server --body FILE [--head FILE] [--status 200] [--port 0]
//   --body   the body of every answer
//   --head   header lines of every answer ("Name: value"), so that it has the size of the real one
// Prints its port on the first line and serves until it is ended by a signal.
#include "tests/bench/arguments.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Answer {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> head;
  std::string body;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) factum::bench::give_up("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Answer read_answer(const factum::bench::Arguments& arguments) {
  Answer answer;
  answer.status = static_cast<unsigned>(arguments.number("status", 200));
  answer.body = read_file(arguments.text("body"));
  const std::string head = arguments.text("head", "");
  std::istringstream lines(head.empty() ? std::string() : read_file(head));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos)
      answer.head.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return answer;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const Answer& answer)
      : stream_(std::move(socket)), answer_(answer) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    parser_.emplace();
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code failed, std::size_t) {
                       if (!failed) self->respond();
                     });
  }

 private:
  void respond() {
    const auto& request = parser_->get();
    response_ = {};
    response_.result(is_refused(request) ? 400 : answer_.status);
    for (const auto& [name, value] : answer_.head) response_.insert(name, value);
    response_.body() = answer_.body;
    response_.keep_alive(request.keep_alive());
    if (answer_.status != 304) response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (!failed && self->response_.keep_alive()) self->read();
                      });
  }

  bool is_refused(const http::request<http::string_body>& request) {
    if (request.method() != http::verb::post) return false;
    simdjson::dom::element document;
    return json_.parse(request.body()).get(document) != simdjson::SUCCESS;
  }

  boost::beast::tcp_stream stream_;
  const Answer& answer_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  simdjson::dom::parser json_;
};

void accept_next(tcp::acceptor& acceptor, const Answer& answer) {
  acceptor.async_accept([&](error_code failed, tcp::socket socket) {
    if (!failed) std::make_shared<Connection>(std::move(socket), answer)->read();
    accept_next(acceptor, answer);
  });
}

}  // namespace

int main(int count, char** values) {
  const factum::bench::Arguments arguments(count, values);
  const Answer answer = read_answer(arguments);
  asio::io_context context{1};
  const auto port = static_cast<unsigned short>(arguments.number("port", 0));
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
  std::printf("%u\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept_next(acceptor, answer);
  context.run();
  return 0;
}
