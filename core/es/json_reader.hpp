// Reads JSON text into described values, strictly: unknown, missing, duplicate and ill-typed fields
// are all reported.
#pragma once

#include "core/base/result.hpp"
#include "core/es/field_visitor.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace factum {

/// How a reader treats what it meets.
struct JsonReadOptions {
  bool sealed_as_plain = false;  ///< sealed fields hold their value in place (slots); else a slot
                                 ///< reference (clear data)
  /// What was recorded once is read as it is: fields that this program does not know yet are left
  /// alone, and amounts and texts that would be refused or trimmed today stay.
  bool stored = false;
};

/// Parses `json` and lets `visit` walk the root value. Errors: invalid_argument with one FieldError
/// per wrong field (JSON Pointer; values are never repeated), limit_exceeded for nesting deeper
/// than 32. Cost: O(bytes).
Status read_json(std::string_view json, const JsonReadOptions& options,
                 const std::function<void(FieldVisitor&)>& visit);

/// Reads a described value from a JSON object. Errors as read_json.
template <class T>
Result<T> from_json(std::string_view json, const JsonReadOptions& options = {}) {
  T described{};
  FACTUM_CHECK(read_json(json, options, [&](FieldVisitor& reader) { reader.value(described); }));
  return described;
}

/// The JSON text of one member of an object, minified. Errors: invalid_argument, not_found.
Result<std::string> json_member(std::string_view json, std::string_view name);

/// True for well-formed UTF-8, which every text in JSON has to be. O(bytes).
bool is_utf8(std::string_view text);

/// Checks that `json` is a single well-formed JSON object. Errors: invalid_argument.
Status check_json_object(std::string_view json);

}  // namespace factum
