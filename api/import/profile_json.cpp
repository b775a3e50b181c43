#include "api/import/profile_json.hpp"

#include <nlohmann/json.hpp>

namespace factum::importing {

using Json = nlohmann::json;

tl::unexpected<Error> wrong(const std::string& path, const std::string& what) {
  return fail(ErrorCode::invalid_argument,
              "profile, at " + (path.empty() ? "/" : path) + ": " + what);
}

Status check_members(const Json& json, const std::string& path,
                     const std::set<std::string>& known) {
  if (!json.is_object()) return wrong(path, "an object is expected");
  for (const auto& [name, value] : json.items()) {
    if (known.count(name) == 0) return wrong(path + "/" + name, "no such member");
  }
  return {};
}

Result<std::string> text_at(const Json& json, const char* name, const std::string& path) {
  if (!json.contains(name) || !json[name].is_string()) {
    return wrong(path + "/" + name, "a text is expected");
  }
  return json[name].get<std::string>();
}

Result<bool> flag_at(const Json& json, const char* name, const std::string& path, bool otherwise) {
  if (!json.contains(name)) return otherwise;
  if (!json[name].is_boolean()) return wrong(path + "/" + name, "true or false is expected");
  return json[name].get<bool>();
}

Result<std::vector<std::string>> texts_at(const Json& json, const char* name,
                                          const std::string& path) {
  std::vector<std::string> texts;
  if (!json.contains(name)) return texts;
  const Json list = json[name].is_array() ? json[name] : Json::array({json[name]});
  for (const Json& item : list) {
    if (!item.is_string()) return wrong(path + "/" + name, "texts are expected");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace factum::importing
