// Any bytes are the same requests however they come, and what is no request becomes none: a head
// that passes the check has a path and at most one host. When the refusal comes may differ.
#include "api/request_head.hpp"
#include "api/server/request_parser.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

using namespace factum;
using namespace factum::api;

namespace {

constexpr std::size_t kHeaderBytesMax = 512;

class CheckingService final : public HttpService {
 public:
  Admission admit(const HttpRequest& head) const override {
    Admission admission;
    admission.body_bytes_max = 256;
    const auto refused = check_head(head, {});
    if (refused) {
      admission.refusal = HttpResponse{};
      admission.refusal->status = 400;
      return admission;
    }
    fuzz::promise(head.path.starts_with('/') || head.path == "*");
    const auto is_host = [](const Header& header) { return header.name == "host"; };
    fuzz::promise(std::count_if(head.headers.begin(), head.headers.end(), is_host) <= 1);
    return admission;
  }
  void handle(std::shared_ptr<const HttpRequest> /*request*/, Respond respond) override {
    respond({});
  }
  HttpResponse failure(HttpFailure failure) const override {
    HttpResponse response;
    response.status = 400 + static_cast<int>(failure);
    return response;
  }
};

// All requests that the bytes hold, in one text.
std::string requests_in(std::string_view bytes, std::size_t piece) {
  const CheckingService service;
  const auto parser = make_request_parser(kHeaderBytesMax, service);
  std::string story;
  while (true) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    auto state = parser->feed(part);
    while (state == RequestParser::State::complete) {
      const bool stays = parser->keeps_alive();
      const auto request = parser->take();
      fuzz::promise(request->body.size() <= 256);
      story += request->method + ' ' + request->path + '?' + request->query + '\n';
      for (const Header& header : request->headers)
        story += header.name + ": " + header.value + '\n';
      story += request->body + (stays ? "\n\n" : "\nlast\n");
      if (!stays) return story;
      state = parser->feed({});
    }
    if (state == RequestParser::State::failed) {
      fuzz::promise(parser->take_refusal().status >= 400);
      return story;
    }
    if (bytes.empty()) return story;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = input.byte() % 32 + 1;
  fuzz::promise(requests_in(input.rest(), piece) == requests_in(input.rest(), SIZE_MAX));
  return 0;
}
