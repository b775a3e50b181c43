// Reads profiles from JSON: files, facts, joins and steps.
#include "api/import/byte_source.hpp"
#include "api/import/profile.hpp"
#include "api/import/profile_expression.hpp"
#include "api/import/profile_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace factum::importing {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kProfileBytesMax = std::size_t{1} << 20;
constexpr int kBlockDepthMax = 4;

Result<CsvDialect> read_dialect(const Json& json, const std::string& path) {
  CsvDialect dialect;
  if (json.contains("delimiter")) {
    FACTUM_TRY(const std::string delimiter, text_at(json, "delimiter", path));
    if (delimiter.size() != 1 || std::string(",;\t|").find(delimiter) == std::string::npos) {
      return wrong(path + "/delimiter", "one of , ; tab | is expected");
    }
    dialect.delimiter = delimiter[0];
  }
  FACTUM_TRY(dialect.quoted, flag_at(json, "quotes", path, true));
  FACTUM_TRY(dialect.header, flag_at(json, "header", path, true));
  FACTUM_TRY(dialect.last_line_break, flag_at(json, "last_line_break", path, false));
  return dialect;
}

Result<FileSpec> read_file(const std::string& role, const Json& json, const std::string& path) {
  FACTUM_CHECK(check_members(json, path,
                             {"names", "encoding", "delimiter", "quotes", "header", "columns",
                              "last_line_break", "optional", "absent"}));
  FileSpec file;
  file.role = role;
  FACTUM_TRY(file.names, texts_at(json, "names", path));
  if (json.contains("encoding")) {
    FACTUM_TRY(const std::string name, text_at(json, "encoding", path));
    auto encoding = parse_encoding(name);
    if (!encoding) return wrong(path + "/encoding", encoding.error().message);
    file.encoding = *encoding;
  }
  FACTUM_TRY(file.dialect, read_dialect(json, path));
  FACTUM_TRY(file.columns, texts_at(json, "columns", path));
  if (file.columns.empty()) return wrong(path + "/columns", "the columns are expected");
  if (!file.dialect.header) file.dialect.columns = file.columns;
  FACTUM_TRY(file.absent, texts_at(json, "absent", path));
  FACTUM_TRY(file.optional, flag_at(json, "optional", path, false));
  return file;
}

const FileSpec* find_file(const Profile& profile, const std::string& role) {
  for (const FileSpec& file : profile.files) {
    if (file.role == role) return &file;
  }
  return nullptr;
}

Result<FactRows> read_fact_rows(const Json& json, const std::string& path) {
  if (!json.contains("rows")) return FactRows::each;
  static const std::map<std::string, FactRows> kNames = {{"each", FactRows::each},
                                                         {"first", FactRows::first},
                                                         {"group", FactRows::group},
                                                         {"together", FactRows::together}};
  FACTUM_TRY(const std::string name, text_at(json, "rows", path));
  const auto known = kNames.find(name);
  if (known == kNames.end()) {
    return wrong(path + "/rows", "one of each, first, group, together is expected");
  }
  return known->second;
}

/// Reads the joins of a fact; each may use the columns of those before it.
Status read_joins(const Json& json, const std::string& path, const Profile& profile, Names& names,
                  FactSpec& fact) {
  if (!json.contains("joins")) return {};
  if (!json["joins"].is_array()) return wrong(path + "/joins", "a list is expected");
  for (std::size_t i = 0; i < json["joins"].size(); ++i) {
    const Json& item = json["joins"][i];
    const std::string place = path + "/joins/" + std::to_string(i);
    FACTUM_CHECK(check_members(item, place, {"as", "file", "on", "match"}));
    JoinSpec join;
    FACTUM_TRY(const std::string alias, text_at(item, "as", place));
    FACTUM_TRY(join.file, text_at(item, "file", place));
    const FileSpec* file = find_file(profile, join.file);
    if (file == nullptr) return wrong(place + "/file", "no such file in this profile");
    if (!item.contains("on")) return wrong(place + "/on", "expressions are expected");
    FACTUM_TRY(join.on, read_expressions(item["on"], names, place + "/on"));
    FACTUM_TRY(const auto columns, texts_at(item, "match", place));
    for (const std::string& column : columns) {
      const auto index = column_within(*file, column);
      if (!index) return wrong(place + "/match", "no column \"" + column + "\"");
      join.match.push_back(*index);
    }
    if (join.match.size() != join.on.size()) {
      return wrong(place, "\"on\" and \"match\" have different lengths");
    }
    names.joins.emplace_back(alias, file);
    fact.joins.push_back(std::move(join));
  }
  return {};
}

Result<std::vector<StepSpec>> read_steps(const Json& json, const std::string& path,
                                         const Names& names, int depth);

Result<ExpressionPtr> optional_expression(const Json& json, const char* name, const Names& names,
                                          const std::string& path) {
  if (!json.contains(name)) return ExpressionPtr{};
  return read_expression(json[name], names, path + "/" + name);
}

Result<StepSpec> read_block(const Json& json, const std::string& path, const Names& names,
                            int depth) {
  FACTUM_CHECK(check_members(json, path, {"for_each", "where", "when", "steps"}));
  StepSpec block;
  if (json.contains("for_each")) {
    FACTUM_TRY(block.for_each, read_rows(json, "for_each", names, path));
  }
  FACTUM_TRY(block.when, optional_expression(json, "when", names, path));
  FACTUM_TRY(block.steps, read_steps(json["steps"], path + "/steps", names, depth));
  return block;
}

Result<StepSpec> read_step(const Json& json, const std::string& path, const Names& names,
                           int depth) {
  if (json.is_object() && json.contains("steps")) return read_block(json, path, names, depth);
  FACTUM_CHECK(check_members(json, path, {"step", "command", "when", "target", "at", "fields"}));
  StepSpec step;
  FACTUM_TRY(step.command, text_at(json, "command", path));
  FACTUM_TRY(step.name, optional_expression(json, "step", names, path));
  FACTUM_TRY(step.when, optional_expression(json, "when", names, path));
  FACTUM_TRY(step.at, optional_expression(json, "at", names, path));
  if (json.contains("target")) {
    FACTUM_TRY(Expressions parts, read_expressions(json["target"], names, path + "/target"));
    if (parts.size() < 2) return wrong(path + "/target", "a kind of fact and its key are expected");
    step.target_kind = std::move(parts.front());
    parts.erase(parts.begin());
    step.target_key = std::move(parts);
  }
  if (!json.contains("fields")) return wrong(path + "/fields", "an object is expected");
  FACTUM_TRY(step.fields, read_expression(json["fields"], names, path + "/fields"));
  return step;
}

Result<std::vector<StepSpec>> read_steps(const Json& json, const std::string& path,
                                         const Names& names, int depth) {
  std::vector<StepSpec> steps;
  if (depth > kBlockDepthMax) return wrong(path, "nested too deeply");
  if (!json.is_array() || json.empty()) return wrong(path, "a list of steps is expected");
  for (std::size_t i = 0; i < json.size(); ++i) {
    FACTUM_TRY(StepSpec step, read_step(json[i], path + "/" + std::to_string(i), names, depth + 1));
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::vector<RefusalSpec>> read_refusals(const Json& json, const std::string& path,
                                               const Names& names) {
  std::vector<RefusalSpec> refusals;
  if (!json.contains("refuse")) return refusals;
  if (!json["refuse"].is_array()) return wrong(path + "/refuse", "a list is expected");
  for (std::size_t i = 0; i < json["refuse"].size(); ++i) {
    const Json& item = json["refuse"][i];
    const std::string place = path + "/refuse/" + std::to_string(i);
    FACTUM_CHECK(check_members(item, place, {"when", "rule"}));
    RefusalSpec refusal;
    FACTUM_TRY(refusal.when, optional_expression(item, "when", names, place));
    FACTUM_TRY(refusal.rule, text_at(item, "rule", place));
    if (!refusal.when || !refusal.rule.starts_with("import.")) {
      return wrong(place, "\"when\" and a rule that starts with import. are expected");
    }
    refusals.push_back(std::move(refusal));
  }
  return refusals;
}

Result<FactSpec> read_fact(const Json& json, const std::string& path, const Profile& profile,
                           const std::string& zone) {
  FACTUM_CHECK(check_members(
      json, path, {"fact", "file", "rows", "where", "key", "joins", "steps", "about", "refuse"}));
  FactSpec fact;
  FACTUM_TRY(fact.kind, text_at(json, "fact", path));
  FACTUM_TRY(fact.file, text_at(json, "file", path));
  Names names;
  names.zone = zone;
  names.own = find_file(profile, fact.file);
  if (names.own == nullptr) return wrong(path + "/file", "no such file in this profile");
  FACTUM_TRY(fact.rows, read_fact_rows(json, path));
  FACTUM_CHECK(read_joins(json, path, profile, names, fact));
  FACTUM_TRY(fact.where, optional_expression(json, "where", names, path));
  if (!json.contains("key")) return wrong(path + "/key", "the key is expected");
  FACTUM_TRY(fact.key, read_expressions(json["key"], names, path + "/key"));
  FACTUM_TRY(fact.refuse, read_refusals(json, path, names));
  if (!json.contains("steps")) return wrong(path + "/steps", "a list of steps is expected");
  FACTUM_TRY(fact.steps, read_steps(json["steps"], path + "/steps", names, 0));
  return fact;
}

Result<Profile> read_profile(const Json& json) {
  FACTUM_CHECK(check_members(json, "", {"profile", "about", "zone", "files", "facts"}));
  Profile profile;
  FACTUM_TRY(profile.name, text_at(json, "profile", ""));
  if (json.contains("about")) {
    FACTUM_TRY(profile.about, text_at(json, "about", ""));
  }
  std::string zone = "UTC";
  if (json.contains("zone")) {
    FACTUM_TRY(zone, text_at(json, "zone", ""));
  }
  if (!json.contains("files") || !json["files"].is_object() || json["files"].empty()) {
    return wrong("/files", "an object with the files is expected");
  }
  for (const auto& [role, file] : json["files"].items()) {
    FACTUM_TRY(FileSpec spec, read_file(role, file, "/files/" + role));
    profile.files.push_back(std::move(spec));
  }
  if (!json.contains("facts") || !json["facts"].is_array() || json["facts"].empty()) {
    return wrong("/facts", "a list of facts is expected");
  }
  for (std::size_t i = 0; i < json["facts"].size(); ++i) {
    FACTUM_TRY(FactSpec fact,
               read_fact(json["facts"][i], "/facts/" + std::to_string(i), profile, zone));
    profile.facts.push_back(std::move(fact));
  }
  return profile;
}

}  // namespace

Result<Profile> parse_profile(std::string_view json) {
  if (json.size() > kProfileBytesMax) return wrong("", "a profile of more than 1 MiB");
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return wrong("", "this is not JSON");
  return read_profile(parsed);
}

Result<Profile> load_profile(const std::string& name_or_path) {
  if (const auto known = builtin_profile(name_or_path)) return parse_profile(*known);
  if (file_bytes(name_or_path) == 0) {
    std::string names;
    for (const std::string& name : builtin_profiles()) names += " " + name;
    return fail(ErrorCode::invalid_argument,
                "there is no profile and no file " + name_or_path + "; profiles:" + names);
  }
  FACTUM_TRY(auto source, open_byte_source(name_or_path));
  std::string json(kProfileBytesMax + 1, '\0');
  std::size_t have = 0;
  while (have < json.size()) {
    FACTUM_TRY(const std::size_t count, source->read(json.data() + have, json.size() - have));
    if (count == 0) break;
    have += count;
  }
  json.resize(have);
  return parse_profile(json);
}

}  // namespace factum::importing
