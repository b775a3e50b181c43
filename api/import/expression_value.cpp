// Operators that read numbers, money and times out of text.
#include "api/import/expression_factory.hpp"
#include "core/base/money.hpp"

namespace factum::importing {
namespace {

/// The decimal that `rule` makes of `value`.
Result<std::string> decimal_of(Scope& scope, const Expression& of, const Value& value,
                               const NumberRule& rule) {
  auto plain = plain_decimal(value.text, rule.style);
  if (!plain) return reject(scope, of.column(), "import.not_a_number");
  std::string number = std::move(*plain);
  if (rule.times) {
    FACTUM_TRY(const Value factor, rule.times->evaluate(scope));
    const auto other = plain_decimal(factor.text, rule.style);
    if (!other) return reject(scope, rule.times->column(), "import.not_a_number");
    auto product = multiply_decimals(number, *other);
    if (!product) return reject(scope, of.column(), "import.number_too_large");
    number = std::move(*product);
  }
  if (rule.negate && number != "0") {
    if (number[0] == '-') {
      number.erase(0, 1);
    } else {
      number.insert(0, 1, '-');
    }
  }
  return number;
}

/// Base of operators on one number; an absent text stays absent.
class OnNumber : public Expression {
 public:
  OnNumber(ExpressionPtr of, NumberRule rule) : of_(std::move(of)), rule_(std::move(rule)) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const Value value, of_->evaluate(scope));
    if (value.is_absent()) return value;
    FACTUM_TRY(std::string decimal, decimal_of(scope, *of_, value, rule_));
    return finish(scope, std::move(decimal));
  }
  std::string column() const override { return of_->column(); }

 protected:
  virtual Result<Value> finish(Scope& scope, std::string decimal) const = 0;

 private:
  ExpressionPtr of_;
  NumberRule rule_;
};

class DecimalOf final : public OnNumber {
 public:
  using OnNumber::OnNumber;

 protected:
  Result<Value> finish(Scope& /*scope*/, std::string decimal) const override {
    return Value::of_text(std::move(decimal));
  }
};

class Integer final : public OnNumber {
 public:
  Integer(ExpressionPtr of, NumberRule rule, IntegerRange range)
      : OnNumber(std::move(of), std::move(rule)), range_(range) {}

 protected:
  Result<Value> finish(Scope& scope, std::string decimal) const override {
    const auto whole = whole_number(decimal);
    if (!whole) return reject(scope, column(), "import.not_a_whole_number");
    if (*whole < range_.least || *whole > range_.most) return Value{};
    return Value::of_json(std::to_string(*whole));
  }

 private:
  IntegerRange range_;
};

class MoneyOf final : public OnNumber {
 public:
  MoneyOf(ExpressionPtr of, NumberRule rule, ExpressionPtr currency)
      : OnNumber(std::move(of), std::move(rule)), currency_(std::move(currency)) {}

 protected:
  Result<Value> finish(Scope& scope, std::string decimal) const override {
    FACTUM_TRY(const Value currency, currency_->evaluate(scope));
    if (!is_currency(currency.text)) {
      return reject(scope, currency_->column(), "import.not_a_currency");
    }
    const auto money = parse_money(decimal, currency.text);
    if (!money) return reject(scope, column(), "import.not_an_amount");
    return Value::of_money(*money);
  }

 private:
  ExpressionPtr currency_;
};

class TimeOf final : public Expression {
 public:
  TimeOf(ExpressionPtr of, std::vector<TimeParser> parsers, bool day)
      : of_(std::move(of)), parsers_(std::move(parsers)), day_(day) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const Value value, of_->evaluate(scope));
    if (value.is_absent()) return value;
    for (TimeParser& parser : parsers_) {
      if (day_) {
        if (const auto day = parser.day(value.text)) return Value::of_text(to_string(*day));
      } else if (const auto instant = parser.instant(value.text)) {
        return Value::of_text(to_string(*instant));
      }
    }
    return reject(scope, column(), day_ ? "import.not_a_day" : "import.not_a_time");
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  // A parser remembers the zone period it was in last, which changes no answer.
  mutable std::vector<TimeParser> parsers_;
  bool day_;
};

}  // namespace

ExpressionPtr make_decimal(ExpressionPtr of, NumberRule rule) {
  return std::make_unique<DecimalOf>(std::move(of), std::move(rule));
}
ExpressionPtr make_integer(ExpressionPtr of, NumberRule rule, IntegerRange range) {
  return std::make_unique<Integer>(std::move(of), std::move(rule), range);
}
ExpressionPtr make_money(ExpressionPtr of, NumberRule rule, ExpressionPtr currency) {
  return std::make_unique<MoneyOf>(std::move(of), std::move(rule), std::move(currency));
}
ExpressionPtr make_time(ExpressionPtr of, std::vector<TimeParser> parsers) {
  return std::make_unique<TimeOf>(std::move(of), std::move(parsers), false);
}
ExpressionPtr make_day(ExpressionPtr of, std::vector<TimeParser> parsers) {
  return std::make_unique<TimeOf>(std::move(of), std::move(parsers), true);
}

}  // namespace factum::importing
