// The whole program on a temporary folder: RocksDB, real keys, a server on a free port.
#pragma once

#include "api/app.hpp"
#include "api/server/http_server.hpp"
#include "tests/api/http_client.hpp"
#include "tests/support/temp_dir.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace factum::test {

class RunningApp {
 public:
  /// `open_sealer` empty: personal values are sealed for real.
  explicit RunningApp(api::OpenSealer open_sealer = {});

  /// Stops server and program and starts both again on the same folder.
  void restart();
  /// Ends the program; the folder stays.
  void stop();
  /// Starts it again.
  void begin();

  std::uint16_t port() const { return server_->port(); }
  api::Services& services() { return app_->services(); }
  const api::Router& router() { return app_->router(); }
  const TempDir& folder() const { return folder_; }
  /// What the program has logged.
  std::string logged() const;

  /// One request on a connection of its own.
  ClientResponse call(std::string_view method, std::string_view target, std::string_view body = {},
                      const std::vector<api::Header>& headers = {});
  /// A write by a user.
  ClientResponse write(std::string_view target, std::string_view body,
                       const std::vector<api::Header>& headers = {});
  /// The id of a new entity; the write must succeed.
  std::string create(std::string_view target, std::string_view body);

 private:
  TempDir folder_;
  api::OpenSealer open_sealer_;
  mutable std::mutex mutex_;
  std::string logged_;  // guarded by mutex_
  std::unique_ptr<api::App> app_;
  std::unique_ptr<api::HttpServer> server_;
};

}  // namespace factum::test
