// Problem documents (RFC 9457), and the only place that knows both error codes and HTTP statuses.
#pragma once

#include "api/http.hpp"
#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

/// What HTTP itself can refuse, beside the codes of the core.
enum class HttpProblem {
  malformed_request,
  header_too_large,
  body_too_large,
  request_timeout,
  too_many_connections,
  route_unknown,
  method_not_allowed,
  unsupported_media_type,
  unsupported_content_coding,
  misdirected_request,
  foreign_origin,
  expectation_failed,
  already_running,
  another_run,
};

/// One kind of problem, as documented under /problems/{code}.
struct ProblemKind {
  std::string_view code;  ///< last part of `type`; stable
  int status;
  std::string_view title;
  std::string_view explanation;  ///< what it means and what the caller can do
  bool retry;                    ///< trying the same again later can succeed
};

/// The kind that belongs to a code. O(1).
const ProblemKind& problem_kind(ErrorCode code);
const ProblemKind& problem_kind(HttpProblem problem);
/// Every kind, by code.
std::vector<const ProblemKind*> problem_kinds();

/// The document for an error; `request_id` may be empty. Carries Retry-After where trying again
/// helps. A version_conflict shows the current version and `changed`, the members that differ.
HttpResponse problem_response(const Error& error, std::string_view request_id,
                              const std::vector<std::string>& changed = {});
HttpResponse problem_response(HttpProblem problem, std::string_view detail,
                              std::string_view request_id);

}  // namespace factum::api
