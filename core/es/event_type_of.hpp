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
EventBox read_box(std::uint16_t schema, const EventType::Fill& fill) {
  auto event = read_as<E>(schema, fill);
  return event ? EventBox::of(std::move(*event)) : EventBox{};
}

template <class E>
void describe_event(FieldVisitor& visitor, void* event) {
  visitor.value(*static_cast<E*>(event));
}

template <class E>
inline constexpr EventType kEventType{E::kName, E::kSchema, E::kDoc, &describe_event<E>,
                                      &read_box<E>};

}  // namespace detail

// Kept out of line, so that the one place which catalogues a type defines it for all others.
template <class E>
[[gnu::noinline]] const EventType& event_type() {
  return detail::kEventType<E>;
}

}  // namespace factum
