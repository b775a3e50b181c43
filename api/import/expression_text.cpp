// Operators on text: templates, maps, choices.
#include "api/import/expression_factory.hpp"

namespace factum::importing {
namespace {

class Template final : public Expression {
 public:
  explicit Template(std::vector<TemplatePart> parts) : parts_(std::move(parts)) {
    for (const TemplatePart& part : parts_) has_columns_ = has_columns_ || part.place.has_value();
  }
  Result<Value> evaluate(Scope& scope) const override {
    if (parts_.empty()) return Value::of_json(R"("")");
    std::string text;
    bool filled = !has_columns_;
    for (const TemplatePart& part : parts_) {
      if (!part.place) {
        text += part.text;
        continue;
      }
      FACTUM_TRY(const std::string_view field, scope.column(*part.place));
      filled = filled || !field.empty();
      text += field;
    }
    return filled ? Value::of_text(std::move(text)) : Value{};
  }
  std::string column() const override {
    for (const TemplatePart& part : parts_) {
      if (part.place) return part.text;
    }
    return {};
  }

 private:
  std::vector<TemplatePart> parts_;
  bool has_columns_ = false;
};

class Constant final : public Expression {
 public:
  explicit Constant(std::string json) : json_(std::move(json)) {}
  Result<Value> evaluate(Scope& /*scope*/) const override {
    return json_ == "null" ? Value{} : Value::of_json(json_);
  }

 private:
  std::string json_;
};

/// Base of operators that change one text.
class OnText : public Expression {
 public:
  explicit OnText(ExpressionPtr of) : of_(std::move(of)) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(Value value, of_->evaluate(scope));
    if (value.is_absent()) return value;
    return change(std::move(value.text));
  }
  std::string column() const override { return of_->column(); }

 protected:
  virtual Value change(std::string text) const = 0;

 private:
  ExpressionPtr of_;
};

class Trim final : public OnText {
 public:
  using OnText::OnText;

 protected:
  Value change(std::string text) const override {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string::npos) return {};
    return Value::of_text(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
  }
};

class Lower final : public OnText {
 public:
  using OnText::OnText;

 protected:
  Value change(std::string text) const override {
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return Value::of_text(std::move(text));
  }
};

class First final : public Expression {
 public:
  explicit First(std::vector<ExpressionPtr> choices) : choices_(std::move(choices)) {}
  Result<Value> evaluate(Scope& scope) const override {
    for (const ExpressionPtr& choice : choices_) {
      FACTUM_TRY(Value value, choice->evaluate(scope));
      if (!value.is_absent()) return value;
    }
    return Value{};
  }
  std::string column() const override { return choices_.empty() ? "" : choices_[0]->column(); }

 private:
  std::vector<ExpressionPtr> choices_;
};

class JoinParts final : public Expression {
 public:
  JoinParts(std::vector<ExpressionPtr> parts, std::string between)
      : parts_(std::move(parts)), between_(std::move(between)) {}
  Result<Value> evaluate(Scope& scope) const override {
    std::string text;
    for (const ExpressionPtr& part : parts_) {
      FACTUM_TRY(const Value value, part->evaluate(scope));
      if (value.is_absent()) continue;
      if (!text.empty()) text += between_;
      text += value.text;
    }
    return Value::of_text(std::move(text));
  }
  std::string column() const override { return parts_.front()->column(); }

 private:
  std::vector<ExpressionPtr> parts_;
  std::string between_;
};

class Map final : public Expression {
 public:
  Map(ExpressionPtr of, std::map<std::string, ExpressionPtr> to, ExpressionPtr otherwise)
      : of_(std::move(of)), to_(std::move(to)), otherwise_(std::move(otherwise)) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const Value value, of_->evaluate(scope));
    const auto known = to_.find(value.text);
    if (known != to_.end()) return known->second->evaluate(scope);
    if (otherwise_) return otherwise_->evaluate(scope);
    if (value.is_absent()) return value;
    return reject(scope, column(), "import.unmapped_value");
  }
  std::string column() const override { return of_->column(); }

 private:
  ExpressionPtr of_;
  std::map<std::string, ExpressionPtr> to_;
  ExpressionPtr otherwise_;
};

class If final : public Expression {
 public:
  If(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise)
      : condition_(std::move(condition)),
        then_(std::move(then)),
        otherwise_(std::move(otherwise)) {}
  Result<Value> evaluate(Scope& scope) const override {
    FACTUM_TRY(const bool holds, condition_->holds(scope));
    if (holds) return then_->evaluate(scope);
    return otherwise_ ? otherwise_->evaluate(scope) : Result<Value>(Value{});
  }
  std::string column() const override { return condition_->column(); }

 private:
  ExpressionPtr condition_;
  ExpressionPtr then_;
  ExpressionPtr otherwise_;
};

}  // namespace

ExpressionPtr make_template(std::vector<TemplatePart> parts) {
  return std::make_unique<Template>(std::move(parts));
}
ExpressionPtr make_constant(std::string json) {
  return std::make_unique<Constant>(std::move(json));
}
ExpressionPtr make_trim(ExpressionPtr of) { return std::make_unique<Trim>(std::move(of)); }
ExpressionPtr make_lower(ExpressionPtr of) { return std::make_unique<Lower>(std::move(of)); }
ExpressionPtr make_first(std::vector<ExpressionPtr> choices) {
  return std::make_unique<First>(std::move(choices));
}
ExpressionPtr make_join(std::vector<ExpressionPtr> parts, std::string between) {
  return std::make_unique<JoinParts>(std::move(parts), std::move(between));
}
ExpressionPtr make_map(ExpressionPtr of, std::map<std::string, ExpressionPtr> to,
                       ExpressionPtr otherwise) {
  return std::make_unique<Map>(std::move(of), std::move(to), std::move(otherwise));
}
ExpressionPtr make_if(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise) {
  return std::make_unique<If>(std::move(condition), std::move(then), std::move(otherwise));
}

}  // namespace factum::importing
