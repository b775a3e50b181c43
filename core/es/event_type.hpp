// What is known of an event type besides its values, and a box that holds an event of any type.
//
// An event is a struct with
//   static constexpr std::string_view kName = "DealWon";      // on disk: never changes
//   static constexpr std::uint16_t kSchema = 1;
//   static constexpr std::string_view kDoc = "…";
//   static void describe(FieldVisitor&, DealWon&);
// and, once its shape has changed, `using Previous = DealWonV1;` with `static DealWon
// upcast(DealWonV1)`: a chain of single steps.
#pragma once

#include "core/es/field_visitor.hpp"
#include "core/es/shape.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace factum {

struct EventType;

/// An event of some type, shared and immutable. Empty when default-constructed.
class EventBox {
 public:
  EventBox() = default;
  EventBox(const EventType& type, std::shared_ptr<void> value)
      : type_(&type), value_(std::move(value)) {}
  template <class E>
  static EventBox of(E event);

  explicit operator bool() const { return type_ != nullptr; }
  const EventType& type() const { return *type_; }
  /// The event as `E`, or null if it is of another type. O(1).
  template <class E>
  const E* get() const;
  /// Lets a writer walk the event.
  void describe(FieldVisitor& writer) const;

 private:
  const EventType* type_ = nullptr;
  std::shared_ptr<void> value_;
};

/// The descriptor of one event type; exactly one object per type, compared by address. Those of the
/// catalogue are constants, those that an installation defines are made when its log is opened.
struct EventType {
  /// Walks the event that is being read.
  using Describe = std::function<void(FieldVisitor&)>;
  /// Runs readers over the event it is given.
  using Fill = std::function<void(const Describe&)>;

  std::string_view name;
  std::uint16_t schema = 1;
  std::string_view doc;

  constexpr EventType() = default;
  constexpr EventType(std::string_view own_name, std::uint16_t newest, std::string_view sentence)
      : name(own_name), schema(newest), doc(sentence) {}
  virtual ~EventType() = default;
  EventType(const EventType&) = delete;
  EventType& operator=(const EventType&) = delete;

  /// Lets a visitor walk the event behind `value`, which a box of this type holds.
  virtual void describe(FieldVisitor& visitor, void* value) const = 0;
  /// Reads an event stored under `schema` and lifts it to the newest; an empty box if there is no
  /// such schema.
  virtual EventBox read(std::uint16_t schema, const Fill& fill) const = 0;

  /// The fields with their classes and owners. O(fields).
  Shape shape() const;
};

/// The descriptor of an event struct. Defined in event_type_of.hpp, which the catalogue alone
/// needs: nobody else compiles what a descriptor is made of.
template <class E>
const EventType& event_type();

/// A list of types, for states and catalogues.
template <class... T>
struct TypeList {};

// ---- implementation
// -----------------------------------------------------------------------------------------

template <class E>
EventBox EventBox::of(E event) {
  return {event_type<E>(), std::make_shared<E>(std::move(event))};
}

template <class E>
const E* EventBox::get() const {
  return type_ == &event_type<E>() ? static_cast<const E*>(value_.get()) : nullptr;
}

}  // namespace factum
