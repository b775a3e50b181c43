// The members of a JSON object as text slices, without building a document: for picking fields of
// an answer and for finding what changed between two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

struct JsonMember {
  std::string_view name;  ///< as written, without quotes
  std::string_view value;
};

/// The top-level members of `object`, which must be minified JSON that this program wrote. The
/// views point into it. O(bytes).
std::vector<JsonMember> json_members(std::string_view object);

/// The object with only these members, in its own order.
std::string pick_members(std::string_view object, const std::vector<std::string>& names);

/// Names of members that only one of two objects has, or that differ. In the order of `after`, then
/// those that are gone.
std::vector<std::string> changed_members(std::string_view before, std::string_view after);

}  // namespace factum::api
