// The small language of profiles: expressions over the rows of a fact, compiled once and evaluated
// per fact.
#pragma once

#include "api/import/fact.hpp"
#include "api/import/row_table.hpp"
#include "core/base/money.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

class Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

/// A column of the fact's own rows (`source` 0) or of a joined file (1, 2, …).
struct ColumnPlace {
  std::size_t source = 0;
  std::size_t column = 0;
};

/// A joined file and how its rows are found.
struct Join {
  const RowTable* table = nullptr;
  std::vector<const Expression*> on;  ///< their values are the key
};

/// The rows an expression sees: all rows of the fact, one of them being the present one, and joined
/// rows. Lives for one fact.
class Scope {
 public:
  Scope(std::string_view kind, const std::vector<RowView>& rows, const std::vector<Join>& joins)
      : kind_(kind), rows_(rows), joins_(joins), bound_(joins.size() + 1) {}

  std::string_view kind() const { return kind_; }
  const std::vector<RowView>& rows() const { return rows_; }
  std::size_t present() const { return present_; }
  void set_present(std::size_t index) { present_ = index; }
  std::uint64_t line() const { return rows_[present_].line; }

  /// The text of a column in the present row or in the joined row; empty if nothing is joined.
  Result<std::string_view> column(ColumnPlace place);
  /// The joined rows for what is bound now.
  Result<std::vector<RowView>> joined(std::size_t source);
  /// Makes a joined row the one that its columns come from; null unbinds.
  void bind(std::size_t source, const RowView* row) { bound_[source] = row; }

  /// Notes a reference and gives its mark for the body.
  std::string refer(SourceRef ref);
  std::vector<SourceRef> take_refs() { return std::move(refs_); }

 private:
  std::string_view kind_;
  const std::vector<RowView>& rows_;
  const std::vector<Join>& joins_;
  std::vector<const RowView*> bound_;
  std::size_t present_ = 0;
  std::vector<SourceRef> refs_;
};

/// What an expression gives: nothing, a text, or a piece of JSON.
struct Value {
  enum class Kind : std::uint8_t { absent, text, json };
  Kind kind = Kind::absent;
  std::string text;
  std::optional<Money> money;  ///< set when the JSON is an amount

  bool is_absent() const { return kind == Kind::absent; }
  static Value of_text(std::string text) {
    return {text.empty() ? Kind::absent : Kind::text, std::move(text), std::nullopt};
  }
  static Value of_json(std::string json) { return {Kind::json, std::move(json), std::nullopt}; }
  static Value of_money(Money money);
  /// As it stands in a body; must not be absent.
  std::string to_json() const;
};

/// Pure over its scope. Errors: rule_violation with the import rule, the line in `position` and the
/// column as the pointer of the first field; never with a value.
class Expression {
 public:
  virtual ~Expression() = default;
  virtual Result<Value> evaluate(Scope& scope) const = 0;
  /// Whether a condition holds: anything but absent, false and "". Errors as evaluate.
  virtual Result<bool> holds(Scope& scope) const;
  /// The first column it reads, for reject reports; empty if it reads none.
  virtual std::string column() const { return {}; }
};

/// The failure of an expression at the present row.
tl::unexpected<Error> reject(const Scope& scope, std::string column, std::string rule);

/// Values of `parts` joined to a key. Errors: import.missing_key if one is absent.
Result<std::string> key_of(Scope& scope, const std::vector<const Expression*>& parts);
Result<std::string> key_of(Scope& scope, const std::vector<ExpressionPtr>& parts);

}  // namespace factum::importing
