// Operators over several rows, references to other entities, and JSON structure.
#include "api/import/expression_factory.hpp"
#include "core/es/json_writer.hpp"

namespace factum::importing {
namespace {

Result<bool> wanted(Scope& scope, const RowSet& rows) {
  return rows.where ? rows.where->holds(scope) : Result<bool>(true);
}

class List final : public Expression {
 public:
  List(ExpressionPtr of, RowSet rows) : of_(std::move(of)), rows_(std::move(rows)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::string json;
    FACTUM_CHECK(for_each_row(scope, rows_, [&]() -> Status {
      FACTUM_TRY(const Value value, of_->evaluate(scope));
      if (value.is_absent()) return {};
      json += json.empty() ? '[' : ',';
      json += value.to_json();
      return {};
    }));
    return json.empty() ? Value{} : Value::of_json(json + "]");
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  RowSet rows_;
};

class Sum final : public Expression {
 public:
  Sum(ExpressionPtr of, RowSet rows) : of_(std::move(of)), rows_(std::move(rows)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::string total = "0";
    FACTUM_CHECK(for_each_row(scope, rows_, [&]() -> Status {
      FACTUM_TRY(const Value value, of_->evaluate(scope));
      if (value.is_absent()) return {};
      auto sum = add_decimals(total, value.text);
      if (!sum) return reject(scope, column(), "import.not_a_number");
      total = std::move(*sum);
      return {};
    }));
    return Value::of_text(std::move(total));
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  RowSet rows_;
};

class Total final : public Expression {
 public:
  Total(ExpressionPtr of, RowSet rows) : of_(std::move(of)), rows_(std::move(rows)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::optional<Money> total;
    FACTUM_CHECK(for_each_row(scope, rows_, [&]() -> Status {
      FACTUM_TRY(const Value value, of_->evaluate(scope));
      if (value.is_absent()) return {};
      if (!value.money) return reject(scope, column(), "import.not_an_amount");
      if (!total) total = Money{0, value.money->currency};
      if (total->currency != value.money->currency) {
        return reject(scope, column(), "import.currencies_mixed");
      }
      if (__builtin_add_overflow(total->minor, value.money->minor, &total->minor)) {
        return reject(scope, column(), "import.number_too_large");
      }
      return {};
    }));
    return total ? Value::of_money(*total) : Value{};
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  RowSet rows_;
};

class Count final : public Expression {
 public:
  explicit Count(RowSet rows) : rows_(std::move(rows)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::size_t count = 0;
    FACTUM_CHECK(for_each_row(scope, rows_, [&]() -> Status {
      ++count;
      return {};
    }));
    return Value::of_json(std::to_string(count));
  }

 private:
  RowSet rows_;
};

class Array final : public Expression {
 public:
  explicit Array(std::vector<ExpressionPtr> elements) : elements_(std::move(elements)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::string json;
    for (const ExpressionPtr& element : elements_) {
      FACTUM_TRY(const Value value, element->evaluate(scope));
      if (value.is_absent()) continue;
      json += json.empty() ? '[' : ',';
      json += value.to_json();
    }
    return json.empty() ? Value{} : Value::of_json(json + "]");
  }

 private:
  std::vector<ExpressionPtr> elements_;
};

class Object final : public Expression {
 public:
  explicit Object(std::vector<std::pair<std::string, ExpressionPtr>> members)
      : members_(std::move(members)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::string json = "{";
    for (const auto& [name, member] : members_) {
      FACTUM_TRY(const Value value, member->evaluate(scope));
      if (value.is_absent()) continue;
      if (json.size() > 1) json += ',';
      append_json_string(json, name);
      json += ':';
      json += value.to_json();
    }
    return Value::of_json(json + "}");
  }

 private:
  std::vector<std::pair<std::string, ExpressionPtr>> members_;
};

class Ref final : public Expression {
 public:
  Ref(ExpressionPtr kind, std::vector<ExpressionPtr> key, bool optional)
      : kind_(std::move(kind)), key_(std::move(key)), optional_(optional) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const Value kind, kind_->evaluate(scope));
    std::string key;
    for (const ExpressionPtr& part : key_) {
      FACTUM_TRY(const Value value, part->evaluate(scope));
      if (value.is_absent()) return Value{};
      if (!key.empty()) key += kKeySeparator;
      key += value.text;
    }
    return Value::of_json(scope.refer({kind.text, std::move(key), optional_}));
  }
  std::string column() const override { return key_.empty() ? "" : key_[0]->column(); }

 private:
  ExpressionPtr kind_;
  std::vector<ExpressionPtr> key_;
  bool optional_;
};

/// Evaluates in another row of the fact and comes back.
class Elsewhere final : public Expression {
 public:
  Elsewhere(ExpressionPtr of, bool last) : of_(std::move(of)), last_(last) {}
  Result<Value> evaluate(Scope& scope) const override {
    const std::size_t here = scope.present();
    if (!last_ && here == 0) return Value{};
    scope.set_present(last_ ? scope.rows().size() - 1 : here - 1);
    auto value = of_->evaluate(scope);
    scope.set_present(here);
    return value;
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  bool last_;
};

}  // namespace

Status for_each_row(Scope& scope, const RowSet& rows, const std::function<Status()>& body) {
  const std::size_t here = scope.present();
  std::vector<RowView> joined;
  if (rows.source != 0) {
    FACTUM_TRY(joined, scope.joined(rows.source));
  }
  const std::size_t count = rows.source == 0 ? scope.rows().size() : joined.size();
  Status outcome;
  for (std::size_t i = 0; i < count && outcome; ++i) {
    if (rows.source == 0) {
      scope.set_present(i);
    } else {
      scope.bind(rows.source, &joined[i]);
    }
    const auto use = wanted(scope, rows);
    if (!use) {
      outcome = fail(use.error());
    } else if (*use) {
      outcome = body();
    }
  }
  scope.set_present(here);
  if (rows.source != 0) scope.bind(rows.source, nullptr);
  return outcome;
}

ExpressionPtr make_list(ExpressionPtr of, RowSet rows) {
  return std::make_unique<List>(std::move(of), std::move(rows));
}
ExpressionPtr make_sum(ExpressionPtr of, RowSet rows) {
  return std::make_unique<Sum>(std::move(of), std::move(rows));
}
ExpressionPtr make_total(ExpressionPtr of, RowSet rows) {
  return std::make_unique<Total>(std::move(of), std::move(rows));
}
ExpressionPtr make_count(RowSet rows) { return std::make_unique<Count>(std::move(rows)); }
ExpressionPtr make_array(std::vector<ExpressionPtr> elements) {
  return std::make_unique<Array>(std::move(elements));
}
ExpressionPtr make_object(std::vector<std::pair<std::string, ExpressionPtr>> members) {
  return std::make_unique<Object>(std::move(members));
}
ExpressionPtr make_ref(ExpressionPtr kind, std::vector<ExpressionPtr> key, bool optional) {
  return std::make_unique<Ref>(std::move(kind), std::move(key), optional);
}
ExpressionPtr make_before(ExpressionPtr of) {
  return std::make_unique<Elsewhere>(std::move(of), false);
}
ExpressionPtr make_last(ExpressionPtr of) {
  return std::make_unique<Elsewhere>(std::move(of), true);
}

}  // namespace factum::importing
