// What an auditor's commands are made of: where a log is read from, and its check.
#pragma once

#include "core/es/log_verdict.hpp"

#include <string>

namespace factum::api {

/// Where the log is; one of the three.
struct LogPlace {
  std::string data;    ///< a data folder, also one that a server has open
  std::string url;     ///< what the API publishes, such as "http://127.0.0.1:8080/v1/audit"
  std::string bundle;  ///< a ZIP file or a folder
};

/// Checks a log. What is wrong with it is the verdict's `fault`. Errors: invalid_argument (no such
/// place, no key), not_found, unavailable, limit_exceeded, io_error: it cannot be read.
Result<LogVerdict> verify_log(const LogPlace& place, const VerifyOptions& options);

}  // namespace factum::api
