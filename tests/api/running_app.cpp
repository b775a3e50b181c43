#include "tests/api/running_app.hpp"

#include "tests/api/api_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::test {

RunningApp::RunningApp(api::OpenSealer open_sealer) : open_sealer_(std::move(open_sealer)) {
  begin();
}

void RunningApp::begin() {
  api::AppOptions options;
  options.data = folder_ / "data";
  options.keys = folder_ / "keys";
  options.open_sealer = open_sealer_;
  options.erases = true;
  options.log = [this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    logged_.append(line).append("\n");
  };
  auto app = api::App::open(options);
  REQUIRE_MESSAGE(app.has_value(), (app ? "" : app.error().message));
  app_ = std::move(*app);
  api::HttpServerOptions http;
  http.port = 0;
  auto server = api::start_http_server(http, app_->service(), app_->services().clock);
  REQUIRE(server.has_value());
  server_ = std::move(*server);
}

void RunningApp::stop() {
  server_->stop(std::chrono::seconds(2));
  server_.reset();
  app_.reset();
}

void RunningApp::restart() {
  stop();
  begin();
}

std::string RunningApp::logged() const {
  const std::lock_guard lock(mutex_);
  return logged_;
}

ClientResponse RunningApp::call(std::string_view method, std::string_view target,
                                std::string_view body, const std::vector<api::Header>& headers) {
  return HttpClient(port()).call(method, target, body, headers);
}

ClientResponse RunningApp::write(std::string_view target, std::string_view body,
                                 const std::vector<api::Header>& headers) {
  return call("POST", target, body, write_headers(headers));
}

std::string RunningApp::create(std::string_view target, std::string_view body) {
  const auto response = write(target, body);
  REQUIRE_MESSAGE(response.status == 201, response.body);
  return member(response.body, "id");
}

}  // namespace factum::test
