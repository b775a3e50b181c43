// Percent-encoding of paths and queries. Source: RFC 3986 §2.1; '+' in a query is a space, as HTML
// forms send it.
#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factum::api {

/// Names and values of a query, decoded, in the order they stand in.
using QueryValues = std::vector<std::pair<std::string, std::string>>;

/// One decoded path segment. Errors: invalid_argument for a broken escape, NUL or bad UTF-8.
Result<std::string> decode_segment(std::string_view encoded);
/// Splits and decodes what follows '?'. Errors: invalid_argument, also for more than 64 parameters.
Result<QueryValues> decode_query(std::string_view query);
/// Encodes everything but unreserved characters.
std::string encode_component(std::string_view text);

}  // namespace factum::api
