#include "api/cli/json_log.hpp"

#include "core/es/json_writer.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>

namespace factum::cli {

JsonLog::JsonLog()
    : logger_(std::make_shared<spdlog::logger>("factum",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","message":%v})",
      spdlog::pattern_time_type::utc));
}

void JsonLog::info(std::string_view message) const {
  std::string quoted;
  append_json_string(quoted, message);
  logger_->info(quoted);
}

}  // namespace factum::cli
