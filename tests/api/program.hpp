// Runs the program as a process: to its end, or as a server.
#pragma once

#include "tests/api/http_client.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <utility>

namespace factum::test {

struct Outcome {
  int code = -1;  ///< -1: a signal ended it
  std::string output;
  std::string errors;
};

/// Runs `factum <arguments>` in `folder` to its end. `before` stands in front of it in the shell.
Outcome run(const TempDir& folder, const std::string& arguments, const std::string& before = "");

/// Runs `factum <arguments>` in `folder` and kills it that long after the path `begun` in the
/// folder is there, unless it is done by then. True if it was killed.
bool run_and_kill_program(const TempDir& folder, const std::string& arguments,
                          const std::string& begun, std::chrono::microseconds after);

/// `factum serve` on a free port, in a process of its own; ended by the destructor.
class ServedProgram {
 public:
  /// Waits until it answers and its views are built; at most 20 seconds.
  ServedProgram(const TempDir& folder, const std::string& data, const std::string& keys);
  ~ServedProgram();
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;

  std::uint16_t port() const { return port_; }
  /// kill -9.
  void kill();
  /// Who writes from now on; at first somebody whom nobody knows.
  void act_as(std::string actor) { actor_ = std::move(actor); }
  /// One request on a connection of its own.
  ClientResponse call(std::string_view method, std::string_view target, std::string_view body = {});

 private:
  void end(int signal);

  std::string data_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
  std::string actor_ = "user:01980000-0000-7000-8000-0000000000aa";
};

}  // namespace factum::test
