#include "api/query_reader.hpp"

#include <algorithm>
#include <charconv>

namespace factum::api {
namespace {

constexpr std::size_t kErrorsMax = 50;

// A visitor over flat text values. `value_` is that of the field that is being read.
class QueryReader : public FieldVisitor {
 public:
  explicit QueryReader(const QueryValues& query) : query_(query) {}

  Result<void> finish() {
    for (const auto& [name, value] : query_) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      field_ = name;
      report("unknown", "this parameter is not known here");
    }
    if (errors_.empty()) return {};
    return fail(Error{ErrorCode::invalid_argument,
                      "some parameters are missing or wrong",
                      {},
                      std::move(errors_),
                      0});
  }

  Visit begin_field(const Field& field, bool optional, bool /*present*/) override {
    field_ = field.name;
    known_.push_back(field.name);
    for (const auto& [name, value] : query_) {
      if (name != field.name) continue;
      value_ = value;
      return Visit::present;
    }
    if (optional) return Visit::absent;
    report("required", "this parameter is required");
    return Visit::skip;
  }
  Visit begin_sealed(const Field& /*field*/, SealState& /*state*/,
                     const Uuid& /*subject*/) override {
    return Visit::skip;  // personal values never stand in a URL
  }
  void end_field() override {}

  void text(std::string& value, const Limits& limits) override {
    if (value_.size() > limits.max)
      return report("too_long", "this has more than " + std::to_string(limits.max) + " bytes");
    if (value_.size() < limits.min) return report("too_short", "this must not be empty");
    value.assign(value_);
  }
  void integer(std::int64_t& value, const Limits& limits) override {
    std::int64_t number = 0;
    const char* last = value_.data() + value_.size();
    const auto [end, error] = std::from_chars(value_.data(), last, number);
    if (error != std::errc{} || end != last || value_.empty())
      return report("type", "this must be an integer");
    if (number < limits.least || number > limits.most) {
      return report("range", "this must lie between " + std::to_string(limits.least) + " and " +
                                 std::to_string(limits.most));
    }
    value = number;
  }
  void number(double& /*value*/) override { report("type", "numbers are integers here"); }
  void boolean(bool& value) override {
    if (value_ != "true" && value_ != "false") return report("type", "this must be true or false");
    value = value_ == "true";
  }
  void uuid(Uuid& value, std::string_view kind) override {
    parse_into(value, Uuid::parse, "this must be the id of a " + std::string(kind));
  }
  void timestamp(Timestamp& value) override {
    parse_into(value, parse_timestamp, "this must be an RFC 3339 time with a zone");
  }
  void date(Date& value) override {
    parse_into(value, parse_date, "this must be a date, YYYY-MM-DD");
  }
  void wide_integer(Int128& /*value*/) override { report("type", "sums cannot be parameters"); }
  void money(Money& /*value*/) override { report("type", "amounts cannot be parameters"); }
  void symbol(std::size_t& index, std::span<const std::string_view> names) override {
    const auto found = std::find(names.begin(), names.end(), value_);
    if (found != names.end()) {
      index = static_cast<std::size_t>(found - names.begin());
      return;
    }
    std::string choices;
    for (std::string_view name : names)
      choices += (choices.empty() ? "" : ", ") + std::string(name);
    report("choice", "this must be one of: " + choices);
  }
  void sealed_ref(SealedRef& /*value*/) override { report("type", "this cannot be a parameter"); }
  void begin_object() override {}
  void end_object() override {}

  std::size_t begin_list(std::size_t /*size*/, const Limits& limits) override {
    elements_.clear();
    split(value_);
    if (elements_.size() <= limits.max) return elements_.size();
    report("too_many", "this has more than " + std::to_string(limits.max) + " elements");
    return 0;
  }
  void next_element(std::size_t index) override { value_ = elements_[index]; }
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> /*keys*/,
                                     const Limits& /*limits*/) override {
    report("type", "this cannot be a parameter");
    return {};
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override {}

 private:
  void split(std::string_view list) {
    for (std::size_t comma = list.find(','); comma != std::string_view::npos;
         comma = list.find(',')) {
      elements_.push_back(list.substr(0, comma));
      list.remove_prefix(comma + 1);
    }
    elements_.push_back(list);
  }
  template <class T, class Parse>
  void parse_into(T& value, Parse parse, const std::string& complaint) {
    auto parsed = parse(value_);
    if (!parsed) return report("format", complaint);
    value = *parsed;
  }
  void report(std::string_view code, std::string detail) {
    if (errors_.size() == kErrorsMax) return;
    errors_.push_back(
        {"/query/" + std::string(field_.substr(0, 100)), std::string(code), std::move(detail)});
  }

  const QueryValues& query_;
  std::string_view field_;
  std::vector<std::string_view> known_;
  std::string_view value_;
  std::vector<std::string_view> elements_;
  std::vector<FieldError> errors_;
};

}  // namespace

Status read_query(const QueryValues& values, const std::function<void(FieldVisitor&)>& visit) {
  QueryReader reader(values);
  visit(reader);
  return reader.finish();
}

}  // namespace factum::api
