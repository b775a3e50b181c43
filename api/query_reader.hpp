// Reads described values from the parameters of a query, as strictly as JSON bodies are read.
#pragma once

#include "api/url.hpp"
#include "core/base/result.hpp"
#include "core/es/field_visitor.hpp"

#include <functional>

namespace factum::api {

/// Lets `visit` walk an object whose fields are query parameters. Lists are given as
/// "a,b,c"; no name stands twice. Errors: invalid_argument with one FieldError per unknown, missing
/// or ill-formed parameter; the pointers are "/query/<name>".
Status read_query(const QueryValues& values, const std::function<void(FieldVisitor&)>& visit);

template <class T>
Result<T> from_query(const QueryValues& values) {
  T described{};
  FACTUM_CHECK(read_query(values, [&](FieldVisitor& reader) { reader.value(described); }));
  return described;
}

}  // namespace factum::api
