// The log of the running program: one JSON object per line on standard error, never with personal
// data.
#pragma once

#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace factum::cli {

/// Thread rule: safe from any thread.
class JsonLog {
 public:
  JsonLog();
  void info(std::string_view message) const;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace factum::cli
