// Checks a whole log as docs/transparency.md says, in one pass over its events.
#pragma once

#include "core/es/log_verdict.hpp"
#include "eventstore/log_source.hpp"

namespace factum {

/// What is wrong with the log is the verdict's `fault`. Memory: the files of one tile per thread
/// and a few hashes per tile ahead. Errors: invalid_argument (the key), unavailable (it was
/// stopped), those of the source that do not blame the log.
Result<LogVerdict> verify_log(LogSource& source, const VerifyOptions& options);

}  // namespace factum
