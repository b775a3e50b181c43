// What a profile makes of rows: facts, each a list of commands with the entities they name by
// source key, and whoever takes them in.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

/// An entity as the source names it: the kind of fact that made it, and that fact's key.
struct SourceRef {
  std::string kind;       ///< "customer"
  std::string key;        ///< key parts joined by kKeySeparator
  bool optional = false;  ///< when it is not known: leave the field out instead of rejecting

  friend bool operator==(const SourceRef&, const SourceRef&) = default;
};

/// Between the parts of a key. Cannot be part of text that a person sees.
inline constexpr char kKeySeparator = '\x1f';
/// In the body of a step: kRefMark, index into `refs` in decimal, kRefMark stands for an id.
inline constexpr char kRefMark = '\x02';

/// One command of a fact.
struct FactStep {
  std::string name;     ///< unique within its fact; the empty one makes the fact's own entity
  std::string command;  ///< "RegisterCustomer"
  std::string body;     ///< JSON object with marks where ids of other entities go
  std::vector<SourceRef> refs;
  std::optional<SourceRef> target;  ///< absent: the fact's own entity
  std::optional<Timestamp> occurred_at;
  std::uint64_t line = 0;  ///< row it was made from
};

/// Everything that one or several rows say about one thing. Taken in whole or rejected whole.
struct Fact {
  std::string kind;
  std::string key;
  std::uint64_t line = 0;  ///< first row
  std::vector<FactStep> steps;
};

/// Why a row or fact was left out. Holds no value of the data.
struct Reject {
  std::string file;
  std::uint64_t line = 0;
  std::string column;  ///< column, or field of the command; empty if it is about the row
  std::string rule;    ///< "import.not_a_time"
};

/// What became of a fact.
enum class FactOutcome : std::uint8_t { added, unchanged, corrected, rejected };

struct FactResult {
  FactOutcome outcome = FactOutcome::added;
  std::uint64_t events = 0;
  std::vector<std::string> broken_rules;  ///< rules of the domain that the history breaks
  Reject reject;                          ///< line, column and rule, when rejected
};

/// Takes facts in, in order. Not thread-safe.
class FactSink {
 public:
  virtual ~FactSink() = default;
  /// Errors: only what ends the whole import; a fact that cannot be taken in is an outcome.
  virtual Result<FactResult> accept(const Fact& fact) = 0;
  /// Makes everything accepted so far durable.
  virtual Status finish() = 0;
};

}  // namespace factum::importing
