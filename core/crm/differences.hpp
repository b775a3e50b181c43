// Finding what a command changes: texts and sealed values that are wanted, against those there are.
#pragma once

#include "core/es/sealed.hpp"

#include <optional>
#include <string>

namespace factum::crm {

/// `wanted` if it differs from `now`. Absent = leave it; an empty text = take it away.
inline std::optional<std::string> changed(const std::optional<std::string>& wanted,
                                          const std::optional<std::string>& now) {
  return wanted && *wanted != now.value_or("") ? wanted : std::nullopt;
}
inline Sealed<std::string> changed(const std::optional<std::string>& wanted,
                                   const Sealed<std::string>& now) {
  const std::string known = now.is_open() ? now.get() : std::string{};
  return wanted && *wanted != known ? Sealed<std::string>(*wanted) : Sealed<std::string>{};
}
template <class T>
std::optional<T> changed(const std::optional<T>& wanted, const std::optional<T>& now) {
  return wanted && wanted != now ? wanted : std::nullopt;
}

/// Takes a change over into a state; an empty text takes the value away.
inline void take_over(std::optional<std::string>& now, const std::optional<std::string>& change) {
  if (!change) return;
  now = change->empty() ? std::nullopt : change;
}
template <class T>
void take_over(std::optional<T>& now, const std::optional<T>& change) {
  if (change) now = change;
}
template <class T>
void take_over(Sealed<T>& now, const Sealed<T>& change) {
  if (!change.is_absent()) now = change;
}

/// The text, unless it is missing or empty.
inline std::optional<std::string> given(const std::optional<std::string>& text) {
  return text && !text->empty() ? text : std::nullopt;
}
/// A text to be sealed; an empty or missing one is left out.
inline Sealed<std::string> sealed_text(const std::optional<std::string>& text) {
  return {given(text)};
}

}  // namespace factum::crm
