// The one place where the head of a request is checked: what HTTP says of it, and whom it may come
// from. What routes and parameters need is checked once the route is known.
#pragma once

#include "api/http.hpp"
#include "api/problem.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::api {

/// Why a head is refused.
struct HeadRefusal {
  HttpProblem problem;
  std::string detail;  ///< a sentence without values of the request
};

/// What is wrong with the head of a request, if anything. `hosts`: those it may be meant for, as
/// `accepted_hosts` gives them; empty = any. O(headers). Source: RFC 9112 §3.2 (target and Host),
/// RFC 9110 §10.1.1 (Expect), §8.4 (Content-Encoding), §5.3 (repeated headers).
std::optional<HeadRefusal> check_head(const HttpRequest& head,
                                      const std::vector<std::string>& hosts);

}  // namespace factum::api
