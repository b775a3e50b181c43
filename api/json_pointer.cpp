#include "api/json_pointer.hpp"

#include <nlohmann/json.hpp>

namespace factum::api {
namespace {

using Json = nlohmann::ordered_json;

std::string escaped(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

void add_changes(const Json* before, const Json* after, const std::string& pointer,
                 std::vector<JsonChange>& changes);

void add_member(const Json& before, const Json& after, const std::string& name,
                const std::string& pointer, std::vector<JsonChange>& changes) {
  const auto member = [&](const Json& object) -> const Json* {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  };
  add_changes(member(before), member(after), pointer + '/' + escaped(name), changes);
}

// Both are there and of one kind, objects or lists.
void add_parts(const Json& before, const Json& after, const std::string& pointer,
               std::vector<JsonChange>& changes) {
  if (before.is_object()) {
    for (const auto& [name, value] : before.items())
      add_member(before, after, name, pointer, changes);
    for (const auto& [name, value] : after.items()) {
      if (!before.contains(name)) add_member(before, after, name, pointer, changes);
    }
    return;
  }
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    add_changes(i < before.size() ? &before[i] : nullptr, i < after.size() ? &after[i] : nullptr,
                pointer + '/' + std::to_string(i), changes);
  }
}

// Documents of this program are as deep as their described types: a few levels.
void add_changes(const Json* before, const Json* after, const std::string& pointer,
                 std::vector<JsonChange>& changes) {
  if (before != nullptr && after != nullptr) {
    if (*before == *after) return;
    const bool alike = before->is_structured() && before->type() == after->type();
    if (alike) return add_parts(*before, *after, pointer, changes);
  }
  changes.push_back({pointer, before == nullptr ? std::string{} : before->dump(),
                     after == nullptr ? std::string{} : after->dump()});
}

void add_leaves(const Json& value, const std::string& pointer, std::vector<JsonLeaf>& leaves) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items())
      add_leaves(member, pointer + '/' + escaped(name), leaves);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      add_leaves(value[i], pointer + '/' + std::to_string(i), leaves);
  } else if (value.is_string()) {
    leaves.push_back({pointer, value.get<std::string>(), true});
  } else {
    leaves.push_back({pointer, value.is_null() ? std::string{} : value.dump(), false});
  }
}

}  // namespace

std::vector<JsonLeaf> json_leaves(const std::string& json) {
  std::vector<JsonLeaf> leaves;
  if (!json.empty()) add_leaves(Json::parse(json), {}, leaves);
  return leaves;
}

Result<std::string> json_at(const std::string& json, const std::string& pointer) {
  if (pointer.empty()) return json;
  try {
    const Json document = Json::parse(json);
    const Json::json_pointer place(pointer);
    return document.contains(place) ? document.at(place).dump() : "null";
  } catch (const nlohmann::json::exception&) {
    return fail(ErrorCode::invalid_argument,
                "figure must be a JSON Pointer, such as /stages/0/entered");
  }
}

std::vector<JsonChange> json_changes(const std::string& before, const std::string& after) {
  const Json one = before.empty() ? Json::object() : Json::parse(before);
  const Json other = after.empty() ? Json::object() : Json::parse(after);
  std::vector<JsonChange> changes;
  add_changes(&one, &other, {}, changes);
  return changes;
}

}  // namespace factum::api
