// Small readers of JSON members that say where a profile is wrong.
#pragma once

#include "core/base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <set>
#include <string>
#include <vector>

namespace factum::importing {

/// The error of a profile at `path`, a JSON Pointer.
tl::unexpected<Error> wrong(const std::string& path, const std::string& what);
/// Refuses anything but an object with only `known` members.
Status check_members(const nlohmann::json& json, const std::string& path,
                     const std::set<std::string>& known);
Result<std::string> text_at(const nlohmann::json& json, const char* name, const std::string& path);
Result<bool> flag_at(const nlohmann::json& json, const char* name, const std::string& path,
                     bool otherwise);
/// A text or a list of texts; nothing when it is missing.
Result<std::vector<std::string>> texts_at(const nlohmann::json& json, const char* name,
                                          const std::string& path);

}  // namespace factum::importing
