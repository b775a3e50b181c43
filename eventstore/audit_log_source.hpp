// A log that is open in this process, as those see it that read its files.
#pragma once

#include "core/es/audit_log.hpp"
#include "eventstore/log_source.hpp"

#include <memory>

namespace factum {

/// `log` outlives it.
std::unique_ptr<LogSource> make_audit_log_source(const AuditLog& log);

}  // namespace factum
