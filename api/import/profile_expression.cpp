#include "api/import/profile_expression.hpp"

#include "api/import/profile_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace factum::importing {

std::optional<ColumnPlace> Names::column(const std::string& name) const {
  if (const auto place = column_within(*own, name)) return ColumnPlace{0, *place};
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  for (std::size_t i = 0; i < joins.size(); ++i) {
    if (name.compare(0, dot, joins[i].first) != 0) continue;
    if (const auto place = column_within(*joins[i].second, name.substr(dot + 1))) {
      return ColumnPlace{i + 1, *place};
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> Names::source(const std::string& name) const {
  if (name == "rows") return 0;
  for (std::size_t i = 0; i < joins.size(); ++i) {
    if (joins[i].first == name) return i + 1;
  }
  return std::nullopt;
}

std::optional<std::size_t> column_within(const FileSpec& file, const std::string& name) {
  const auto found = std::find(file.columns.begin(), file.columns.end(), name);
  if (found == file.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - file.columns.begin());
}

namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 24;

/// Builds expressions from JSON.
class ExpressionReader {
 public:
  explicit ExpressionReader(const Names& names) : names_(names) {}

  Result<ExpressionPtr> read(const Json& json, const std::string& path) {
    if (++depth_ > kDepthMax) return wrong(path, "nested too deeply");
    auto expression = read_any(json, path);
    --depth_;
    return expression;
  }
  Result<ExpressionPtr> optional(const Json& json, const char* name, const std::string& path) {
    if (!json.contains(name)) return ExpressionPtr{};
    return read(json[name], path + "/" + name);
  }
  Result<Expressions> several(const Json& json, const std::string& path) {
    Expressions expressions;
    if (!json.is_array()) {
      FACTUM_TRY(ExpressionPtr one, read(json, path));
      expressions.push_back(std::move(one));
      return expressions;
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      FACTUM_TRY(ExpressionPtr one, read(json[i], path + "/" + std::to_string(i)));
      expressions.push_back(std::move(one));
    }
    if (expressions.empty()) return wrong(path, "at least one is expected");
    return expressions;
  }
  Result<RowSet> rows(const Json& json, const char* name, const std::string& path) {
    FACTUM_TRY(const std::string set, text_at(json, name, path));
    const auto source = names_.source(set);
    if (!source) return wrong(path + "/" + name, "neither \"rows\" nor the name of a join");
    RowSet rows{*source, nullptr};
    FACTUM_TRY(rows.where, optional(json, "where", path));
    return rows;
  }

 private:
  using Maker =
      std::function<Result<ExpressionPtr>(ExpressionReader&, const Json&, const std::string&)>;
  struct Operator {
    std::set<std::string> options;
    Maker make;
  };

  Result<ExpressionPtr> read_any(const Json& json, const std::string& path) {
    if (json.is_string()) return read_template(json.get<std::string>(), path);
    if (json.is_array()) {
      if (json.empty()) return make_constant("[]");
      FACTUM_TRY(Expressions elements, several(json, path));
      return make_array(std::move(elements));
    }
    if (!json.is_object()) {
      if (json.is_number_float()) return wrong(path, "write a decimal as a text");
      return make_constant(json.dump());
    }
    for (const auto& [name, value] : json.items()) {
      if (name.starts_with('$')) return read_operator(json, name, path);
    }
    std::vector<std::pair<std::string, ExpressionPtr>> members;
    for (const auto& [name, value] : json.items()) {
      FACTUM_TRY(ExpressionPtr member, read(value, path + "/" + name));
      members.emplace_back(name, std::move(member));
    }
    return make_object(std::move(members));
  }

  Result<ExpressionPtr> read_template(const std::string& text, const std::string& path) {
    std::vector<TemplatePart> parts;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = std::min(text.find('{', at), text.size());
      if (open > at) parts.push_back({text.substr(at, open - at), std::nullopt});
      if (open == text.size()) break;
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos) return wrong(path, "a { without }");
      const std::string name = text.substr(open + 1, close - open - 1);
      const auto place = names_.column(name);
      if (!place) return wrong(path, "no column \"" + name + "\"");
      parts.push_back({name, place});
      at = close + 1;
    }
    return make_template(std::move(parts));
  }

  Result<ExpressionPtr> read_operator(const Json& json, const std::string& name,
                                      const std::string& path) {
    const auto& operators = all_operators();
    const auto known = operators.find(name);
    if (known == operators.end()) return wrong(path + "/" + name, "no such operator");
    std::set<std::string> members = known->second.options;
    members.insert(name);
    FACTUM_CHECK(check_members(json, path, members));
    return known->second.make(*this, json, path);
  }

  /// An operator with nothing but one operand.
  template <class Make>
  static Operator unary(const char* name, Make make) {
    return {{},
            [name, make](ExpressionReader& reader, const Json& json,
                         const std::string& path) -> Result<ExpressionPtr> {
              FACTUM_TRY(ExpressionPtr of, reader.read(json[name], path + "/" + name));
              return make(std::move(of));
            }};
  }
  /// An operator whose operand is a list of at least `least`.
  template <class Make>
  static Operator listing(const char* name, std::size_t least, Make make) {
    return {{},
            [name, least, make](ExpressionReader& reader, const Json& json,
                                const std::string& path) -> Result<ExpressionPtr> {
              FACTUM_TRY(Expressions of, reader.several(json[name], path + "/" + name));
              if (of.size() < least) return wrong(path + "/" + name, "more operands are needed");
              return make(std::move(of));
            }};
  }
  /// An operator that reads a number.
  template <class Make>
  static Operator numeric(const char* name, std::set<std::string> more, Make make) {
    more.insert({"decimal", "thousands", "times", "negate"});
    return {std::move(more),
            [name, make](ExpressionReader& reader, const Json& json,
                         const std::string& path) -> Result<ExpressionPtr> {
              FACTUM_TRY(ExpressionPtr of, reader.read(json[name], path + "/" + name));
              FACTUM_TRY(NumberRule rule, reader.number_rule(json, path));
              return make(reader, json, path, std::move(of), std::move(rule));
            }};
  }
  /// An operator that reads a time or a day.
  template <class Make>
  static Operator temporal(const char* name, Make make) {
    return {{"format", "zone"},
            [name, make](ExpressionReader& reader, const Json& json,
                         const std::string& path) -> Result<ExpressionPtr> {
              FACTUM_TRY(ExpressionPtr of, reader.read(json[name], path + "/" + name));
              FACTUM_TRY(std::vector<TimeParser> parsers, reader.time_parsers(json, path));
              return make(std::move(of), std::move(parsers));
            }};
  }
  /// An operator over rows: its operand says what, "over" says which.
  template <class Make>
  static Operator repeating(const char* name, Make make) {
    return {{"over", "where"},
            [name, make](ExpressionReader& reader, const Json& json,
                         const std::string& path) -> Result<ExpressionPtr> {
              FACTUM_TRY(ExpressionPtr of, reader.read(json[name], path + "/" + name));
              FACTUM_TRY(RowSet rows, reader.rows(json, "over", path));
              return make(std::move(of), std::move(rows));
            }};
  }

  Result<NumberRule> number_rule(const Json& json, const std::string& path) {
    NumberRule rule;
    for (const auto& [name, place] : {std::pair{"decimal", &rule.style.decimal},
                                      std::pair{"thousands", &rule.style.thousands}}) {
      if (!json.contains(name)) continue;
      FACTUM_TRY(const std::string sign, text_at(json, name, path));
      if (sign.size() != 1) return wrong(path + "/" + name, "one character is expected");
      *place = sign[0];
    }
    FACTUM_TRY(rule.negate, flag_at(json, "negate", path, false));
    FACTUM_TRY(rule.times, optional(json, "times", path));
    return rule;
  }

  Result<std::vector<TimeParser>> time_parsers(const Json& json, const std::string& path) {
    FACTUM_TRY(const auto formats, texts_at(json, "format", path));
    if (formats.empty()) return wrong(path + "/format", "a format is expected");
    std::string zone = names_.zone;
    if (json.contains("zone")) {
      FACTUM_TRY(zone, text_at(json, "zone", path));
    }
    std::vector<TimeParser> parsers;
    for (const std::string& format : formats) {
      auto parser = TimeParser::make(format, zone);
      if (!parser) return wrong(path, parser.error().message);
      parsers.push_back(std::move(*parser));
    }
    return parsers;
  }

  Result<ExpressionPtr> read_map(const Json& json, const std::string& path) {
    FACTUM_TRY(ExpressionPtr of, read(json["$map"], path + "/$map"));
    if (!json.contains("to") || !json["to"].is_object()) {
      return wrong(path + "/to", "an object is expected");
    }
    std::map<std::string, ExpressionPtr> to;
    for (const auto& [from, value] : json["to"].items()) {
      FACTUM_TRY(to[from], read(value, path + "/to/" + from));
    }
    FACTUM_TRY(ExpressionPtr otherwise, optional(json, "otherwise", path));
    return make_map(std::move(of), std::move(to), std::move(otherwise));
  }

  Result<ExpressionPtr> read_if(const Json& json, const std::string& path) {
    FACTUM_TRY(ExpressionPtr condition, read(json["$if"], path + "/$if"));
    if (!json.contains("then")) return wrong(path + "/then", "an expression is expected");
    FACTUM_TRY(ExpressionPtr then, read(json["then"], path + "/then"));
    FACTUM_TRY(ExpressionPtr otherwise, optional(json, "else", path));
    return make_if(std::move(condition), std::move(then), std::move(otherwise));
  }

  Result<ExpressionPtr> read_ref(const Json& json, const std::string& path) {
    FACTUM_TRY(Expressions parts, several(json["$ref"], path + "/$ref"));
    if (parts.size() < 2) return wrong(path + "/$ref", "a kind of fact and its key are expected");
    FACTUM_TRY(const bool lenient, flag_at(json, "optional", path, false));
    ExpressionPtr kind = std::move(parts.front());
    parts.erase(parts.begin());
    return make_ref(std::move(kind), std::move(parts), lenient);
  }

  Result<ExpressionPtr> read_join(const Json& json, const std::string& path) {
    FACTUM_TRY(Expressions parts, several(json["$join"], path + "/$join"));
    std::string between;
    if (json.contains("with")) {
      FACTUM_TRY(between, text_at(json, "with", path));
    }
    return make_join(std::move(parts), std::move(between));
  }

  static Result<ExpressionPtr> read_integer(ExpressionReader& /*reader*/, const Json& json,
                                            const std::string& path, ExpressionPtr of,
                                            NumberRule rule) {
    IntegerRange range;
    for (const auto& [name, bound] :
         {std::pair{"least", &range.least}, std::pair{"most", &range.most}}) {
      if (!json.contains(name)) continue;
      if (!json[name].is_number_integer()) {
        return wrong(path + "/" + name, "an integer is expected");
      }
      *bound = json[name].get<std::int64_t>();
    }
    return make_integer(std::move(of), std::move(rule), range);
  }

  static Result<ExpressionPtr> read_money(ExpressionReader& reader, const Json& json,
                                          const std::string& path, ExpressionPtr of,
                                          NumberRule rule) {
    if (!json.contains("currency")) return wrong(path + "/currency", "a currency is expected");
    FACTUM_TRY(ExpressionPtr currency, reader.read(json["currency"], path + "/currency"));
    return make_money(std::move(of), std::move(rule), std::move(currency));
  }

  static const std::map<std::string, Operator>& all_operators();

  const Names& names_;
  int depth_ = 0;
};

const std::map<std::string, ExpressionReader::Operator>& ExpressionReader::all_operators() {
  using R = Result<ExpressionPtr>;
  const auto pair_of = [](auto make) {
    return [make](Expressions e) { return make(std::move(e[0]), std::move(e[1])); };
  };
  const auto plain = [](auto make) {
    return [make](ExpressionReader&, const Json&, const std::string&, ExpressionPtr of,
                  NumberRule rule) -> R { return make(std::move(of), std::move(rule)); };
  };
  static const std::map<std::string, Operator> kOperators = {
      {"$trim", unary("$trim", make_trim)},
      {"$lower", unary("$lower", make_lower)},
      {"$not", unary("$not", make_not)},
      {"$before", unary("$before", make_before)},
      {"$last", unary("$last", make_last)},
      {"$empty", unary("$empty",
                       [](ExpressionPtr of) {
                         Expressions none;
                         none.push_back(std::move(of));
                         none.push_back(make_constant("null"));
                         return make_is(std::move(none));
                       })},
      {"$first", listing("$first", 1, make_first)},
      {"$all", listing("$all", 1, make_all)},
      {"$any", listing("$any", 1, make_any)},
      {"$is", listing("$is", 2, make_is)},
      {"$changed", listing("$changed", 1, make_changed)},
      {"$starts", listing("$starts", 2, pair_of(make_starts))},
      {"$more", listing("$more", 2, pair_of(make_more))},
      {"$first_row",
       {{},
        [](ExpressionReader&, const Json&, const std::string&) -> R { return make_first_row(); }}},
      {"$decimal", numeric("$decimal", {}, plain(make_decimal))},
      {"$integer", numeric("$integer", {"least", "most"}, &read_integer)},
      {"$money", numeric("$money", {"currency"}, &read_money)},
      {"$time", temporal("$time", make_time)},
      {"$day", temporal("$day", make_day)},
      {"$list", repeating("$list", make_list)},
      {"$sum", repeating("$sum", make_sum)},
      {"$total", repeating("$total", make_total)},
      {"$join", {{"with"}, &ExpressionReader::read_join}},
      {"$count",
       {{"where"},
        [](ExpressionReader& reader, const Json& json, const std::string& path) -> R {
          FACTUM_TRY(RowSet rows, reader.rows(json, "$count", path));
          return make_count(std::move(rows));
        }}},
      {"$map", {{"to", "otherwise"}, &ExpressionReader::read_map}},
      {"$if", {{"then", "else"}, &ExpressionReader::read_if}},
      {"$ref", {{"optional"}, &ExpressionReader::read_ref}},
  };
  return kOperators;
}

}  // namespace

Result<ExpressionPtr> read_expression(const Json& json, const Names& names,
                                      const std::string& path) {
  return ExpressionReader(names).read(json, path);
}

Result<Expressions> read_expressions(const Json& json, const Names& names,
                                     const std::string& path) {
  return ExpressionReader(names).several(json, path);
}

Result<RowSet> read_rows(const Json& json, const char* name, const Names& names,
                         const std::string& path) {
  return ExpressionReader(names).rows(json, name, path);
}

}  // namespace factum::importing
