#include "api/json_members.hpp"

#include <algorithm>

namespace factum::api {
namespace {

// The first position behind the string that starts at `at`.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

// The first position behind the value that starts at `at`.
std::size_t skip_value(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = skip_string(json, at);
      if (depth == 0) return at;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
    if (depth == 0 && (c == '}' || c == ']')) return at;
  }
  return at;
}

}  // namespace

std::vector<JsonMember> json_members(std::string_view object) {
  std::vector<JsonMember> members;
  std::size_t at = 1;
  while (at < object.size() && object[at] == '"') {
    const std::size_t name_end = skip_string(object, at);
    const std::size_t value_end = skip_value(object, name_end + 1);
    members.push_back({object.substr(at + 1, name_end - at - 2),
                       object.substr(name_end + 1, value_end - name_end - 1)});
    at = value_end + 1;
  }
  return members;
}

std::string pick_members(std::string_view object, const std::vector<std::string>& names) {
  std::string picked = "{";
  for (const JsonMember& member : json_members(object)) {
    if (std::find(names.begin(), names.end(), member.name) == names.end()) continue;
    if (picked.size() > 1) picked += ',';
    picked.append("\"").append(member.name).append("\":").append(member.value);
  }
  return picked + "}";
}

std::vector<std::string> changed_members(std::string_view before, std::string_view after) {
  const auto old_members = json_members(before);
  const auto new_members = json_members(after);
  const auto find = [](const std::vector<JsonMember>& members, std::string_view name) {
    return std::find_if(members.begin(), members.end(),
                        [&](const JsonMember& member) { return member.name == name; });
  };
  std::vector<std::string> changed;
  for (const JsonMember& member : new_members) {
    const auto old_member = find(old_members, member.name);
    if (old_member == old_members.end() || old_member->value != member.value)
      changed.emplace_back(member.name);
  }
  for (const JsonMember& member : old_members) {
    if (find(new_members, member.name) == new_members.end()) changed.emplace_back(member.name);
  }
  return changed;
}

}  // namespace factum::api
