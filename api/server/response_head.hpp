// The bytes in front of a response body, written by hand: building a header object costs a third
// of a hot read.
#pragma once

#include "api/http.hpp"
#include "core/base/time.hpp"

#include <string>
#include <string_view>

namespace factum::api {

/// What the head says beside status and headers.
struct ResponseFraming {
  bool keep_alive = true;
  bool chunked = false;  ///< the length is not known: chunks follow
  std::string_view date;
};

/// Status line, headers and the empty line; Content-Length unless chunked or the status has no
/// body. Line breaks in header values are left out.
std::string response_head(const HttpResponse& response, const ResponseFraming& framing);

/// The Date header's form: "Sat, 21 Nov 2026 08:00:00 GMT". Source: RFC 9110 §5.6.7.
std::string http_date(Timestamp instant);

/// "OK" for 200; empty for a status without a phrase of its own.
std::string_view status_phrase(int status);

}  // namespace factum::api
