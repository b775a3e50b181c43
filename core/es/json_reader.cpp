#include "core/es/json_reader.hpp"

#include "core/base/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace factum {
namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kErrorsMax = 50;
constexpr std::int64_t kExactInteger = std::int64_t{1} << 53;

using simdjson::dom::element;
using simdjson::dom::object;

// A visitor over a parsed document. `current_` is the value to be read next.
class JsonReader : public FieldVisitor {
 public:
  JsonReader(element root, const JsonReadOptions& options) : options_(options), current_(root) {}

  std::vector<FieldError> take_errors() { return std::move(errors_); }

  Visit begin_field(const Field& field, bool optional, bool /*present*/) override {
    if (!enter(field.name)) {
      if (optional) return Visit::absent;
      report(field.name, "required", "this field is required");
      return Visit::skip;
    }
    if (optional && current_.is_null()) {
      leave();
      return Visit::absent;
    }
    return Visit::present;
  }

  Visit begin_sealed(const Field& field, SealState& state, const Uuid& /*subject*/) override {
    if (!enter(field.name)) {
      if (!options_.sealed_as_plain) state = SealState::absent;
      return options_.sealed_as_plain ? Visit::skip : Visit::absent;
    }
    if (options_.sealed_as_plain) return Visit::present;
    leave();
    state = SealState::closed;
    return Visit::absent;
  }

  void end_field() override { leave(); }

  void text(std::string& value, const Limits& limits) override {
    std::string_view view;
    if (current_.get(view) != simdjson::SUCCESS) return report("type", "this must be a text");
    if (!options_.stored && limits.max < kLongText.max) view = trimmed(view);
    if (view.size() > limits.max)
      return report("too_long", "this text has more than " + std::to_string(limits.max) + " bytes");
    const bool blank = !options_.stored && limits.min > 0 && is_blank(view);
    if (view.size() < limits.min || blank)
      return report("too_short", "this text must not be empty or blank");
    if (!options_.stored && limits.decimal && !view.empty() && !is_decimal(view))
      return report("format", "this must be a plain decimal number, as text");
    value.assign(view);
  }

  void integer(std::int64_t& value, const Limits& limits) override {
    std::int64_t number = 0;
    if (!read_integer(number)) return report("type", "this must be an integer of 64 bits");
    if (number < limits.least || number > limits.most) {
      return report("range", "this must lie between " + std::to_string(limits.least) + " and " +
                                 std::to_string(limits.most));
    }
    value = number;
  }

  void wide_integer(Int128& /*value*/) override { report("type", "this field cannot be written"); }

  void number(double& value) override {
    if (current_.get(value) != simdjson::SUCCESS) report("type", "this must be a number");
  }

  void boolean(bool& value) override {
    if (current_.get(value) != simdjson::SUCCESS) report("type", "this must be true or false");
  }

  void uuid(Uuid& value, std::string_view kind) override {
    parse_into(
        value, [](std::string_view text) { return Uuid::parse(text); },
        "this must be the id of a " + std::string(kind));
  }
  void timestamp(Timestamp& value) override {
    parse_into(value, parse_timestamp, "this must be an RFC 3339 time with a zone");
  }
  void date(Date& value) override {
    parse_into(value, parse_date, "this must be a date, YYYY-MM-DD");
  }

  void money(Money& value) override {
    begin_object();
    static constexpr Field kMinor{
        .name = "minor", .doc = "Amount in the smallest unit", .owner = {}, .limits = {}};
    static constexpr Field kCurrency{
        .name = "currency", .doc = "ISO 4217 code", .owner = {}, .limits = {}};
    if (begin_field(kMinor, false, true) == Visit::present) {
      integer(value.minor, options_.stored ? Limits{} : between(-kMoneyMinorMax, kMoneyMinorMax));
      end_field();
    }
    if (begin_field(kCurrency, false, true) == Visit::present) {
      text(value.currency, at_most(3));
      if (!is_currency(value.currency))
        report("currency", "this must be an ISO 4217 currency code");
      end_field();
    }
    end_object();
  }

  void symbol(std::size_t& index, std::span<const std::string_view> names) override {
    std::string_view view;
    const bool is_text = current_.get(view) == simdjson::SUCCESS;
    const auto found = std::find(names.begin(), names.end(), view);
    if (is_text && found != names.end()) {
      index = static_cast<std::size_t>(found - names.begin());
      return;
    }
    std::string choices;
    for (std::string_view name : names)
      choices += (choices.empty() ? "" : ", ") + std::string(name);
    report("choice", "this must be one of: " + choices);
  }

  void sealed_ref(SealedRef& /*value*/) override { report("type", "this field cannot be written"); }

  void begin_object() override {
    Frame frame{.parent = current_};
    if (current_.get(frame.members) != simdjson::SUCCESS) {
      frame.broken = true;
      report("type", "this must be an object");
    }
    frames_.push_back(std::move(frame));
  }

  void end_object() override {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    current_ = frame.parent;
    if (!frame.broken) report_surplus(frame);
  }

  std::size_t begin_list(std::size_t /*size*/, const Limits& limits) override {
    lists_.push_back({.parent = current_, .elements = {}});
    simdjson::dom::array array;
    if (current_.get(array) != simdjson::SUCCESS) {
      report("type", "this must be a list");
    } else if (array.size() > limits.max) {
      report("too_many", "this list has more than " + std::to_string(limits.max) + " elements");
    } else {
      lists_.back().elements.assign(array.begin(), array.end());
    }
    path_.emplace_back();
    return lists_.back().elements.size();
  }

  void next_element(std::size_t index) override {
    current_ = lists_.back().elements[index];
    path_.back() = std::to_string(index);
  }

  void end_list() override {
    path_.pop_back();
    current_ = lists_.back().parent;
    lists_.pop_back();
  }

  std::vector<std::string> begin_map(std::vector<std::string> /*keys*/,
                                     const Limits& limits) override {
    begin_object();
    std::vector<std::string> keys;
    Frame& frame = frames_.back();
    if (!frame.broken) {
      for (auto member : frame.members) keys.emplace_back(member.key);
    }
    std::sort(keys.begin(), keys.end());
    if (keys.size() > limits.max) {
      report("too_many", "this object has more than " + std::to_string(limits.max) + " members");
      keys.clear();
    } else if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
      report("duplicate", "a member stands twice");
      keys.clear();
    } else if (!options_.stored && std::any_of(keys.begin(), keys.end(), is_blank)) {
      report("too_short", "the name of a member must not be empty or blank");
      keys.clear();
    }
    path_.emplace_back();
    return keys;
  }

  void next_key(const std::string& key) override {
    path_.back() = key;
    if (auto found = frames_.back().members.at_key(key); found.error() == simdjson::SUCCESS)
      current_ = found.value();
  }

  void end_map() override {
    path_.pop_back();
    current_ = frames_.back().parent;
    frames_.pop_back();
  }

 private:
  struct Frame {
    element parent;
    object members{};
    bool broken = false;
    std::vector<std::string_view> known{};
  };
  struct List {
    element parent;
    std::vector<element> elements;
  };

  // Moves to the member `name` of the innermost object; false if it is not there.
  bool enter(std::string_view name) {
    Frame& frame = frames_.back();
    if (frame.broken) return false;
    frame.known.push_back(name);
    for (auto member : frame.members) {
      if (member.key != name) continue;
      enclosing_.push_back(current_);
      current_ = member.value;
      path_.emplace_back(name);
      return true;
    }
    return false;
  }

  void leave() {
    current_ = enclosing_.back();
    enclosing_.pop_back();
    path_.pop_back();
  }

  bool read_integer(std::int64_t& number) {
    if (current_.get(number) == simdjson::SUCCESS) return true;
    std::string_view view;
    if (current_.get(view) != simdjson::SUCCESS || view.empty()) return false;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
    const bool needs_text = number >= kExactInteger || number <= -kExactInteger;
    return error == std::errc{} && end == view.data() + view.size() && needs_text;
  }

  template <class T, class Parse>
  void parse_into(T& value, Parse parse, std::string_view complaint) {
    std::string_view view;
    if (current_.get(view) != simdjson::SUCCESS) return report("type", complaint);
    auto parsed = parse(view);
    if (!parsed) return report("format", complaint);
    value = *parsed;
  }

  void report_surplus(const Frame& frame) {
    std::vector<std::string_view> seen;
    for (auto member : frame.members) {
      const bool known =
          std::find(frame.known.begin(), frame.known.end(), member.key) != frame.known.end();
      if (!known && !options_.stored) report(member.key, "unknown", "this field is not known here");
      if (std::find(seen.begin(), seen.end(), member.key) != seen.end())
        report(member.key, "duplicate", "this field stands twice");
      seen.push_back(member.key);
    }
  }

  void report(std::string_view code, std::string_view detail) { add(pointer(), code, detail); }
  void report(std::string_view member, std::string_view code, std::string_view detail) {
    add(pointer() + "/" + escaped(member), code, detail);
  }
  void add(std::string pointer, std::string_view code, std::string_view detail) {
    if (errors_.size() < kErrorsMax)
      errors_.push_back({std::move(pointer), std::string(code), std::string(detail)});
  }

  // RFC 6901 §3.
  static std::string escaped(std::string_view token) {
    std::string text;
    for (char c : token.substr(0, 100)) {
      if (c == '~')
        text += "~0";
      else if (c == '/')
        text += "~1";
      else
        text.push_back(c);
    }
    return text;
  }
  std::string pointer() const {
    std::string text;
    for (const std::string& token : path_) text += "/" + escaped(token);
    return text;
  }

  JsonReadOptions options_;
  element current_;
  std::vector<element> enclosing_;
  std::vector<Frame> frames_;
  std::vector<List> lists_;
  std::vector<std::string> path_;
  std::vector<FieldError> errors_;
};

// Parsing needs spare bytes behind the text; the buffer and the parser are kept per thread.
Result<element> parse(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  thread_local std::string buffer;
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "a JSON object is expected, but there is nothing");
  }
  buffer.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  buffer.assign(json);
  if (parser.max_depth() != kDepthMax || parser.capacity() < json.size()) {
    if (parser.allocate(std::max<std::size_t>(json.size(), 4096), kDepthMax) != simdjson::SUCCESS) {
      return fail(ErrorCode::limit_exceeded, "this JSON text is too large");
    }
  }
  element root;
  const auto error = parser.parse(buffer.data(), buffer.size(), false).get(root);
  if (error == simdjson::DEPTH_ERROR)
    return fail(ErrorCode::limit_exceeded, "this JSON is nested deeper than 32 levels");
  if (error == simdjson::NUMBER_ERROR) {
    return fail(ErrorCode::invalid_argument,
                "this JSON has a number that is malformed or an integer of more than 64 bits");
  }
  if (error != simdjson::SUCCESS) {
    return fail(ErrorCode::invalid_argument,
                std::string("this is not valid JSON: ") + simdjson::error_message(error));
  }
  return root;
}

}  // namespace

Status read_json(std::string_view json, const JsonReadOptions& options,
                 const std::function<void(FieldVisitor&)>& visit) {
  FACTUM_TRY(const element root, parse(json));
  JsonReader reader(root, options);
  visit(reader);
  auto errors = reader.take_errors();
  if (errors.empty()) return {};
  Error error{
      ErrorCode::invalid_argument, "some fields are missing or wrong", {}, std::move(errors), 0};
  return fail(std::move(error));
}

Result<std::string> json_member(std::string_view json, std::string_view name) {
  FACTUM_TRY(const element root, parse(json));
  element member;
  if (root.at_key(name).get(member) != simdjson::SUCCESS) {
    return fail(ErrorCode::not_found, "this JSON object has no such member");
  }
  return simdjson::minify(member);
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text); }

Status check_json_object(std::string_view json) {
  FACTUM_TRY(const element root, parse(json));
  if (!root.is_object()) return fail(ErrorCode::invalid_argument, "this must be a JSON object");
  return {};
}

}  // namespace factum
