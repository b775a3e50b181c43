// Personal values: sealed fields of events, and references to sealed slots that views keep.
#pragma once

#include "core/es/event_store.hpp"
#include "core/es/sealer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace factum {

enum class SealState : std::uint8_t {
  absent,  ///< the event says nothing about this field
  open,    ///< the value is here in the clear
  closed,  ///< it is in a slot that was not opened
  erased,  ///< its key was destroyed
};

/// A personal value of an event. Absent unless set; in the clear only between deciding and sealing,
/// or after opening.
template <class T>
class Sealed {
 public:
  Sealed() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a command's plain value is sealed later.
  Sealed(T value) : state_(SealState::open), value_(std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): the same for a value that may be absent.
  Sealed(std::optional<T> value) {
    if (value) *this = Sealed(std::move(*value));
  }

  SealState state() const { return state_; }
  bool is_absent() const { return state_ == SealState::absent; }
  bool is_open() const { return state_ == SealState::open; }
  /// The value, which must be open.
  const T& get() const { return value_; }
  /// The value if it is open.
  std::optional<T> open_value() const {
    return is_open() ? std::optional<T>(value_) : std::nullopt;
  }

  void set_state(SealState state) { state_ = state; }
  /// For visitors: the place of the value, marked open.
  T& open_for_visit() {
    state_ = SealState::open;
    return value_;
  }

  friend bool operator==(const Sealed&, const Sealed&) = default;

 private:
  SealState state_ = SealState::absent;
  T value_{};
};

template <class T>
struct IsSealed : std::false_type {};
template <class T>
struct IsSealed<Sealed<T>> : std::true_type {};

/// A slot of a recorded event with all that its AAD needs, so that it can be opened far from the
/// event.
struct SlotCopy {
  Uuid event_id;
  std::string type;
  std::uint16_t schema = 1;
  SlotHeader header;
  std::string ciphertext;  ///< empty = the ciphertext was erased
};

/// One field inside a sealed slot, as views keep it; opened only to answer.
struct SealedRef {
  std::shared_ptr<const SlotCopy> slot;  ///< null = no value
  std::string field;
  SealState state = SealState::absent;  ///< not stored: closed until opened
  std::string opened;                   ///< not stored: the JSON text of the value once opened

  bool has_value() const { return slot != nullptr; }
};

/// A SealedRef whose value has the shape of `T`.
template <class T>
struct SealedField : SealedRef {
  SealedField() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): only the type of the value is added.
  SealedField(SealedRef ref) : SealedRef(std::move(ref)) {}
};

}  // namespace factum
