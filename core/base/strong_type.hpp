// A value of its own type: two ids or counts of different meaning cannot be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace factum {

/// Wraps `T` under the name `Tag`. Explicit in, `.value()` out, compares only with itself.
template <class Tag, class T>
class StrongType {
 public:
  using Value = T;

  constexpr StrongType() = default;
  constexpr explicit StrongType(T value) : value_(std::move(value)) {}

  constexpr const T& value() const { return value_; }

  friend constexpr auto operator<=>(const StrongType&, const StrongType&) = default;
  friend constexpr bool operator==(const StrongType&, const StrongType&) = default;

 private:
  T value_{};
};

}  // namespace factum

template <class Tag, class T>
struct std::hash<factum::StrongType<Tag, T>> {
  std::size_t operator()(const factum::StrongType<Tag, T>& strong) const {
    return std::hash<T>{}(strong.value());
  }
};
