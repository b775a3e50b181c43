// Failures as values: one closed set of transport-free error codes and the Result that carries
// them.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factum {

/// Why an operation was refused or failed. Transport-free; `api/problem.cpp` alone knows HTTP
/// numbers.
enum class ErrorCode {
  invalid_argument,      ///< the input does not parse or breaks a field rule; `fields` says where
  not_found,             ///< no such entity, or nothing to answer from
  already_exists,        ///< the id is taken by an entity of the same kind
  version_conflict,      ///< If-Match named an older version; `position` holds the current one
  precondition_missing,  ///< the operation needs If-Match and got none
  rule_violation,        ///< a domain rule refused the command; `rule` names it
  forbidden,             ///< the actor may not do this
  limit_exceeded,        ///< a size, count or depth limit was passed
  condition_failed,      ///< an append condition matched a newer event at `position`
  claim_taken,           ///< a claimed value (e-mail, external id) belongs to somebody else
  idempotency_mismatch,  ///< the idempotency key was used with another request
  overloaded,            ///< a bounded queue is full; nothing was done, try again later
  outcome_unknown,     ///< the write may or may not be on disk; retry with the same idempotency key
  erased,              ///< the key of this data was destroyed
  view_behind,         ///< the view has not reached the demanded position in time
  unavailable,         ///< shutting down, read-only after a failure, or a needed part is missing
  locked,              ///< another process holds the data folder
  unsupported_format,  ///< written by a newer version of the program
  corrupt,             ///< stored bytes contradict their checksum, hash or grammar
  io_error,            ///< the operating system or the storage engine failed
};

/// The stable lower-case name of a code, for logs and problem types. O(1).
std::string_view to_string(ErrorCode code);

/// One wrong field: JSON Pointer (RFC 6901) into the input, a stable code, and a sentence without
/// the value.
struct FieldError {
  std::string pointer;
  std::string code;
  std::string detail;

  friend bool operator==(const FieldError&, const FieldError&) = default;
};

/// A failure. `message` names the thing and the rule, never personal data. `rule` is empty unless
/// the code is rule_violation; `position` is 0 unless the code says otherwise.
struct Error {
  ErrorCode code = ErrorCode::io_error;
  std::string message;
  std::string rule;
  std::vector<FieldError> fields;
  std::uint64_t position = 0;
};

/// Either a value or an Error. Must be looked at: discarding one is a compile error under -Werror.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): a plain expected is a Result.
  Result(tl::expected<T, Error> base) : tl::expected<T, Error>(std::move(base)) {}
};

using Status = Result<void>;

/// Builds the failure branch of any Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message), {}, {}, 0});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// A domain rule refused: `rule` is its stable name as listed in docs, e.g.
/// "deal.lost_needs_reason".
inline tl::unexpected<Error> refuse(std::string rule, std::string message) {
  return tl::unexpected<Error>(
      Error{ErrorCode::rule_violation, std::move(message), std::move(rule), {}, 0});
}

/// The only way to drop a Result on purpose; `why` is for the reader.
template <class T>
void ignore_error(const Result<T>& /*result*/, std::string_view /*why*/) {}

}  // namespace factum

// Evaluates an expression that gives a Result; returns its error from the enclosing function, else
// goes on.
#define FACTUM_CHECK(expression)                                                   \
  do {                                                                             \
    if (auto factum_result_ = (expression); !factum_result_) {                     \
      return ::tl::unexpected<::factum::Error>(std::move(factum_result_).error()); \
    }                                                                              \
  } while (false)

#define FACTUM_CONCAT_INNER(a, b) a##b
#define FACTUM_CONCAT(a, b) FACTUM_CONCAT_INNER(a, b)

// FACTUM_TRY(auto value, expression): unwraps a Result into a new variable or returns its error.
#define FACTUM_TRY(declaration, expression) \
  FACTUM_TRY_INNER(declaration, expression, FACTUM_CONCAT(factum_try_, __LINE__))
#define FACTUM_TRY_INNER(declaration, expression, name)                \
  auto name = (expression);                                            \
  if (!name) {                                                         \
    return ::tl::unexpected<::factum::Error>(std::move(name).error()); \
  }                                                                    \
  declaration = std::move(*name)
