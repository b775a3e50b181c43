// Parts of a JSON document, and what differs between two.
#pragma once

#include "core/base/result.hpp"

#include <string>
#include <vector>

namespace factum::api {

/// The value at a JSON Pointer (RFC 6901) as JSON text; "null" if there is none. `json`: text that
/// this program wrote. Errors: invalid_argument (not a pointer). O(bytes).
Result<std::string> json_at(const std::string& json, const std::string& pointer);

/// One difference between two documents; an absent side is empty.
struct JsonChange {
  std::string pointer;
  std::string before;  ///< JSON text
  std::string after;
};

/// The values that differ, by their pointers. Lists are compared element by element. O(bytes).
std::vector<JsonChange> json_changes(const std::string& before, const std::string& after);

/// A value that is neither object nor list.
struct JsonLeaf {
  std::string pointer;
  std::string value;  ///< as JSON, texts without quotes and escapes; empty for null
  bool is_text = false;
};

/// Every such value of a document, in its order; none of an empty one. O(bytes).
std::vector<JsonLeaf> json_leaves(const std::string& json);

}  // namespace factum::api
