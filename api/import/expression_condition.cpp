// Conditions: operators that give true or false.
#include "api/import/expression_factory.hpp"

namespace factum::importing {
namespace {

/// Base of conditions: `holds` is the answer, `evaluate` writes it as JSON.
class Condition : public Expression {
 public:
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const bool answer, holds(scope));
    return Value::of_json(answer ? "true" : "false");
  }
};

class Not final : public Condition {
 public:
  explicit Not(ExpressionPtr of) : of_(std::move(of)) {}
  Result<bool> holds(Scope& scope) const override {
    FACTUM_TRY(const bool answer, of_->holds(scope));
    return !answer;
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
};

/// All or any of several conditions, looking no further than needed.
class Several final : public Condition {
 public:
  Several(std::vector<ExpressionPtr> parts, bool any) : parts_(std::move(parts)), any_(any) {}
  Result<bool> holds(Scope& scope) const override {
    for (const ExpressionPtr& part : parts_) {
      FACTUM_TRY(const bool answer, part->holds(scope));
      if (answer == any_) return any_;
    }
    return !any_;
  }

 private:
  std::vector<ExpressionPtr> parts_;
  bool any_;
};

class Is final : public Condition {
 public:
  explicit Is(std::vector<ExpressionPtr> parts) : parts_(std::move(parts)) {}
  Result<bool> holds(Scope& scope) const override {
    FACTUM_TRY(const Value value, parts_.front()->evaluate(scope));
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      FACTUM_TRY(const Value other, parts_[i]->evaluate(scope));
      if (value.text == other.text) return true;
    }
    return false;
  }
  std::string column() const override { return parts_.front()->column(); }

 private:
  std::vector<ExpressionPtr> parts_;
};

class Starts final : public Condition {
 public:
  Starts(ExpressionPtr of, ExpressionPtr with) : of_(std::move(of)), with_(std::move(with)) {}
  Result<bool> holds(Scope& scope) const override {
    FACTUM_TRY(const Value value, of_->evaluate(scope));
    FACTUM_TRY(const Value start, with_->evaluate(scope));
    return value.text.starts_with(start.text);
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  ExpressionPtr with_;
};

class Changed final : public Condition {
 public:
  explicit Changed(std::vector<ExpressionPtr> parts) : parts_(std::move(parts)) {}
  Result<bool> holds(Scope& scope) const override {
    const std::size_t here = scope.present();
    if (here == 0) return false;
    for (const ExpressionPtr& part : parts_) {
      FACTUM_TRY(const Value now, part->evaluate(scope));
      scope.set_present(here - 1);
      const auto before = part->evaluate(scope);
      scope.set_present(here);
      if (!before) return fail(before.error());
      if (now.text != before->text) return true;
    }
    return false;
  }
  std::string column() const override { return parts_.empty() ? "" : parts_[0]->column(); }

 private:
  std::vector<ExpressionPtr> parts_;
};

class FirstRow final : public Condition {
 public:
  Result<bool> holds(Scope& scope) const override { return scope.present() == 0; }
};

class More final : public Condition {
 public:
  More(ExpressionPtr left, ExpressionPtr right)
      : left_(std::move(left)), right_(std::move(right)) {}
  Result<bool> holds(Scope& scope) const override {
    FACTUM_TRY(const Value left, left_->evaluate(scope));
    FACTUM_TRY(const Value right, right_->evaluate(scope));
    if (left.is_absent() || right.is_absent()) return false;
    const auto sum = subtract_decimals(left.text, right.text);
    if (!sum) return reject(scope, column(), "import.not_a_number");
    return *sum != "0" && sum->front() != '-';
  }
  std::string column() const override {
    const std::string column = left_->column();
    return column.empty() ? right_->column() : column;
  }

 private:
  ExpressionPtr left_;
  ExpressionPtr right_;
};

}  // namespace

ExpressionPtr make_not(ExpressionPtr of) { return std::make_unique<Not>(std::move(of)); }
ExpressionPtr make_all(std::vector<ExpressionPtr> parts) {
  return std::make_unique<Several>(std::move(parts), false);
}
ExpressionPtr make_any(std::vector<ExpressionPtr> parts) {
  return std::make_unique<Several>(std::move(parts), true);
}
ExpressionPtr make_is(std::vector<ExpressionPtr> parts) {
  return std::make_unique<Is>(std::move(parts));
}
ExpressionPtr make_starts(ExpressionPtr of, ExpressionPtr with) {
  return std::make_unique<Starts>(std::move(of), std::move(with));
}
ExpressionPtr make_changed(std::vector<ExpressionPtr> parts) {
  return std::make_unique<Changed>(std::move(parts));
}
ExpressionPtr make_first_row() { return std::make_unique<FirstRow>(); }
ExpressionPtr make_more(ExpressionPtr left, ExpressionPtr right) {
  return std::make_unique<More>(std::move(left), std::move(right));
}

}  // namespace factum::importing
