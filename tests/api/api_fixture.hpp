// The API over a log in memory: tests call it without a socket, or start a server in front of it.
#pragma once

#include "api/api_service.hpp"
#include "api/routes.hpp"
#include "core/es/command_bus.hpp"
#include "core/es/event_codec.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace factum::test {

/// Ids that count up.
class CountingIds final : public IdSource {
 public:
  Uuid next() override;

 private:
  std::atomic<std::uint64_t> count_{0};
};

/// A projector whose views show everything at once, or never, as the test says. Only the view
/// people can be read; it stays empty.
class StillProjector final : public projections::Projector {
 public:
  Status start() override { return {}; }
  void stop() override {}
  Result<std::unique_ptr<ViewReader>> read(std::string_view view) const override;
  Result<std::shared_ptr<const ViewKeyspace>> keyspace(std::string_view view) const override;
  void wait_for(Position position, std::chrono::milliseconds timeout,
                std::function<void(projections::WaitOutcome)> on_done) override;
  void wait_for_view(std::string_view view, Position position, std::chrono::milliseconds timeout,
                     std::function<void(projections::WaitOutcome)> on_done) override;
  Position position() const override { return {}; }
  std::vector<projections::ViewStatus> status() const override { return views; }
  Status rebuild(const std::vector<std::string>& views, const WorkWatch& watch) override;

  std::shared_ptr<ViewKeyspace> people = projections::make_memory_keyspace();
  std::vector<std::string> behind;  ///< views that never catch up
  std::vector<projections::ViewStatus> views;
};

/// A request in short: `request("POST", "/v1/customers", "{…}")`.
struct TestRequest {
  std::string method;
  std::string target;
  std::string body = "";
  std::vector<api::Header> headers = {};
  bool loopback = true;
};

/// Everything an API needs, in memory.
struct ApiFixture {
  /// `event_types`: definitions of the installation's own; empty = none. `hosts`: what requests may
  /// name; empty = anything.
  explicit ApiFixture(std::string_view event_types = {},
                      const std::vector<std::string>& hosts = {});

  /// Answers a request on this thread. It names the host localhost unless it names another.
  api::HttpResponse call(TestRequest wanted);
  /// The same with an actor and a content type, as writes need them.
  api::HttpResponse write(std::string target, std::string body,
                          std::vector<api::Header> further = {});

  ManualClock clock;
  CountingIds ids;
  PlainSealer sealer;
  std::unique_ptr<EventStore> store;
  ExtensionTypes extensions;
  EventCodec codec;
  CommandBus bus;
  StillProjector projector;
  projections::PastViews past;
  std::unique_ptr<AuditLog> audit;
  api::Services services;
  api::Router router;
  api::ApiService service;
};

/// One member of a JSON object as text: strings without quotes, everything else as written; empty
/// if it is not there.
std::string member(const std::string& json, const std::string& name);
/// The value of a response header, or "".
std::string header(const api::HttpResponse& response, const std::string& name);

/// Headers of a write.
std::vector<api::Header> write_headers(std::vector<api::Header> further = {});

}  // namespace factum::test
