// One request to a server on this machine, for commands that ask a running one.
#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace factum::api {

struct HttpCall {
  std::string address;  ///< numeric
  std::uint16_t port = 0;
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};  ///< JSON; empty = none
  std::chrono::milliseconds timeout{10'000};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Sends the request on a connection of its own and waits for the answer. Errors: unavailable
/// (nobody answers, or not in time), invalid_argument (the address is not numeric).
Result<HttpAnswer> http_call(const HttpCall& call);

}  // namespace factum::api
