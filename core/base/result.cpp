#include "core/base/result.hpp"

namespace factum {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::version_conflict: return "version_conflict";
    case ErrorCode::precondition_missing: return "precondition_missing";
    case ErrorCode::rule_violation: return "rule_violation";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::condition_failed: return "condition_failed";
    case ErrorCode::claim_taken: return "claim_taken";
    case ErrorCode::idempotency_mismatch: return "idempotency_mismatch";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::outcome_unknown: return "outcome_unknown";
    case ErrorCode::erased: return "erased";
    case ErrorCode::view_behind: return "view_behind";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::locked: return "locked";
    case ErrorCode::unsupported_format: return "unsupported_format";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::io_error: return "io_error";
  }
  return "unknown";
}

}  // namespace factum
