#include "api/import/expression.hpp"

#include "core/es/json_writer.hpp"

#include <utility>

namespace factum::importing {
namespace {

Result<std::string> join_key(Scope& scope, const Join& join) {
  std::string key;
  for (const Expression* part : join.on) {
    FACTUM_TRY(const Value value, part->evaluate(scope));
    if (value.is_absent()) return std::string{};
    if (!key.empty()) key += kKeySeparator;
    key += value.text;
  }
  return key;
}

Status append_part(std::string& key, Scope& scope, const Expression& part) {
  FACTUM_TRY(const Value value, part.evaluate(scope));
  if (value.is_absent()) return reject(scope, part.column(), "import.missing_key");
  if (!key.empty()) key += kKeySeparator;
  key += value.text;
  return {};
}

}  // namespace

Result<std::string_view> Scope::column(ColumnPlace place) {
  if (place.source == 0) return rows_[present_].fields[place.column];
  if (const RowView* row = bound_[place.source]; row != nullptr) return row->fields[place.column];
  const Join& join = joins_[place.source - 1];
  FACTUM_TRY(const std::string key, join_key(*this, join));
  const auto found = key.empty() ? std::span<const std::size_t>{} : join.table->find(key);
  if (found.empty()) return std::string_view{};
  return join.table->row(found.front()).fields[place.column];
}

Result<std::vector<RowView>> Scope::joined(std::size_t source) {
  const Join& join = joins_[source - 1];
  FACTUM_TRY(const std::string key, join_key(*this, join));
  std::vector<RowView> rows;
  if (key.empty()) return rows;
  for (const std::size_t index : join.table->find(key)) rows.push_back(join.table->row(index));
  return rows;
}

std::string Scope::refer(SourceRef ref) {
  refs_.push_back(std::move(ref));
  return kRefMark + std::to_string(refs_.size() - 1) + kRefMark;
}

Value Value::of_money(Money money) {
  std::string json =
      R"({"currency":")" + money.currency + R"(","minor":)" + std::to_string(money.minor) + "}";
  return {Kind::json, std::move(json), std::move(money)};
}

std::string Value::to_json() const {
  if (kind == Kind::json) return text;
  std::string json;
  append_json_string(json, text);
  return json;
}

Result<bool> Expression::holds(Scope& scope) const {
  FACTUM_TRY(const Value value, evaluate(scope));
  return !value.is_absent() && value.text != "false";
}

tl::unexpected<Error> reject(const Scope& scope, std::string column, std::string rule) {
  Error error{ErrorCode::rule_violation, "a row cannot be understood", std::move(rule), {}, 0};
  error.fields.push_back({std::move(column), "", ""});
  error.position = scope.line();
  return fail(std::move(error));
}

Result<std::string> key_of(Scope& scope, const std::vector<const Expression*>& parts) {
  std::string key;
  for (const Expression* part : parts) FACTUM_CHECK(append_part(key, scope, *part));
  return key;
}

Result<std::string> key_of(Scope& scope, const std::vector<ExpressionPtr>& parts) {
  std::string key;
  for (const ExpressionPtr& part : parts) FACTUM_CHECK(append_part(key, scope, *part));
  return key;
}

}  // namespace factum::importing
