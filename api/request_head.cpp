#include "api/request_head.hpp"

#include "api/host_rules.hpp"

#include <algorithm>
#include <array>

namespace factum::api {
namespace {

using Refusal = std::optional<HeadRefusal>;

// With two of these it would depend on the reader which one counts.
constexpr std::array<std::string_view, 9> kSingleHeaders{"host",
                                                         "origin",
                                                         "expect",
                                                         "content-type",
                                                         "content-encoding",
                                                         "factum-actor",
                                                         "factum-min-position",
                                                         "idempotency-key",
                                                         "if-match"};

Refusal malformed(std::string detail) {
  return HeadRefusal{HttpProblem::malformed_request, std::move(detail)};
}

Refusal check_target(const HttpRequest& head) {
  if (head.path.starts_with('/')) return {};
  if (head.path == "*" && head.method == "OPTIONS") return {};
  return malformed("the request target must be a path or an http address");
}

Refusal check_single_headers(const HttpRequest& head) {
  for (const std::string_view name : kSingleHeaders) {
    const auto is_same = [&](const Header& header) { return header.name == name; };
    if (std::count_if(head.headers.begin(), head.headers.end(), is_same) > 1)
      return malformed("the header " + std::string(name) + " stands more than once");
  }
  return {};
}

// Pages change things only where they come from: the host of a page that asks must be the one it
// asks. Reading is left to the browser, which shows a page nothing of another host.
Refusal check_origin(const HttpRequest& head, const std::string& host) {
  constexpr std::array<std::string_view, 4> kSafeMethods{"GET", "HEAD", "OPTIONS", "QUERY"};
  const std::string* origin = head.header("origin");
  const bool is_safe =
      std::find(kSafeMethods.begin(), kSafeMethods.end(), head.method) != kSafeMethods.end();
  if (origin == nullptr || is_safe || host_of_origin(*origin) == host) return {};
  return HeadRefusal{HttpProblem::foreign_origin, {}};
}

Refusal check_host(const HttpRequest& head, const std::vector<std::string>& hosts) {
  const std::string* given = head.header("host");
  if (given == nullptr && head.authority.empty() && head.old_version) return {};
  if (given == nullptr && !head.old_version) return malformed("the header host is missing");
  auto host = given == nullptr ? std::nullopt : host_of(*given);
  if (given != nullptr && !host) return malformed("the header host is not a host");
  if (!head.authority.empty()) host = host_of(head.authority);
  if (!host) return malformed("the request target does not name a host");
  if (!hosts.empty() && std::find(hosts.begin(), hosts.end(), *host) == hosts.end())
    return HeadRefusal{HttpProblem::misdirected_request, {}};
  return check_origin(head, *host);
}

Refusal check_expect(const HttpRequest& head) {
  const std::string* expected = head.header("expect");
  if (expected == nullptr || head.old_version || ascii_lower(*expected) == "100-continue")
    return {};
  return HeadRefusal{HttpProblem::expectation_failed, {}};
}

Refusal check_coding(const HttpRequest& head) {
  const std::string* coding = head.header("content-encoding");
  if (coding == nullptr || ascii_lower(*coding) == "identity") return {};
  return HeadRefusal{HttpProblem::unsupported_content_coding, {}};
}

}  // namespace

std::optional<HeadRefusal> check_head(const HttpRequest& head,
                                      const std::vector<std::string>& hosts) {
  if (auto refused = check_target(head)) return refused;
  if (auto refused = check_single_headers(head)) return refused;
  if (auto refused = check_host(head, hosts)) return refused;
  if (auto refused = check_expect(head)) return refused;
  return check_coding(head);
}

}  // namespace factum::api
