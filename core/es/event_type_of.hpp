// What the descriptor of an event type is made of. Included where types are catalogued and where
// tests make types of their own.
#pragma once

#include "core/es/event_type.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace factum {

namespace detail {

template <class E>
concept HasPrevious = requires {
  typename E::Previous;
};

template <class E>
std::optional<E> read_as(std::uint16_t schema, const EventType::Fill& fill) {
  if (schema == E::kSchema) {
    E event{};
    fill([&](FieldVisitor& visitor) { visitor.value(event); });
    return event;
  }
  if constexpr (HasPrevious<E>) {
    static_assert(E::Previous::kSchema + 1 == E::kSchema, "upcasts go one schema at a time");
    if (auto old = read_as<typename E::Previous>(schema, fill)) return E::upcast(std::move(*old));
  }
  return std::nullopt;
}

template <class E>
struct EventTypeOf final : EventType {
  constexpr EventTypeOf() : EventType(E::kName, E::kSchema, E::kDoc) {}
  void describe(FieldVisitor& visitor, void* value) const override {
    visitor.value(*static_cast<E*>(value));
  }
  EventBox read(std::uint16_t stored, const Fill& fill) const override {
    auto event = read_as<E>(stored, fill);
    return event ? EventBox::of(std::move(*event)) : EventBox{};
  }
};

template <class E>
inline constexpr EventTypeOf<E> kEventType{};

}  // namespace detail

// Kept out of line, so that the one place which catalogues a type defines it for all others.
template <class E>
[[gnu::noinline]] const EventType& event_type() {
  return detail::kEventType<E>;
}

}  // namespace factum
