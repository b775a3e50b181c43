// A verifier's view of a log below an http address.
#pragma once

#include "eventstore/log_source.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace factum {

/// `prefix`: such as "http://127.0.0.1:8080/v1/audit". Requests that may go well later are made
/// again a few times, and `stop` ends them. Errors: invalid_argument (no http address).
Result<std::unique_ptr<LogSource>> open_http_source(std::string prefix,
                                                    const std::atomic<bool>* stop);

}  // namespace factum
