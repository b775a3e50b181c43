// Between typed events and records: clear data, tags, sealed slots; and back.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"
#include "core/es/event_type.hpp"
#include "core/es/sealer.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace factum {

/// The part of an event's record that does not come from the event itself.
struct EventOrigin {
  Uuid event_id;
  std::string actor;
  std::string on_behalf_of;
  Source source = Source::api;
  Uuid correlation_id;
  Uuid causation_id;
  std::optional<Timestamp> occurred_at;
  std::vector<std::string> broken_rules;
};

/// A recorded event together with its typed value.
struct DecodedEvent {
  const RecordedEvent* recorded = nullptr;  ///< outlives this
  EventBox event;

  template <class E>
  const E* get() const {
    return event.get<E>();
  }
  Position position() const { return recorded->position; }
  const EventRecord& record() const { return recorded->record; }
  /// When it happened, or when it was recorded if it is undated.
  Timestamp happened_at() const { return record().occurred_at.value_or(recorded->recorded_at); }
  /// The field `name` of the event as a reference into its slot; without value if the event leaves
  /// it out.
  SealedRef sealed(std::string_view name) const;
};

/// Encodes and decodes the registered event types. Immutable after construction; safe from any
/// thread.
class EventCodec {
 public:
  /// `types`: every type of the catalogue, names unique. `sealer` outlives the codec.
  EventCodec(std::vector<const EventType*> types, Sealer& sealer);

  /// Splits the event into canonical clear data, tags and one sealed slot per subject and class.
  /// Errors: those of Sealer::seal; invalid_argument if a value is out of its limits or a sealed
  /// field has no owner.
  Result<NewEvent> encode(const EventBox& event, EventOrigin origin) const;

  /// The typed event; sealed fields stay closed unless `open_slots`, then they are open or erased.
  /// Errors: unsupported_format (unknown type or newer schema), corrupt. `recorded` must outlive
  /// the answer.
  Result<DecodedEvent> decode(const RecordedEvent& recorded, bool open_slots) const;

  /// Opens a reference that a view kept; afterwards `state` is open or erased. Errors: corrupt.
  Status open(SealedRef& reference) const;

  /// The descriptor of a type, or null.
  const EventType* find(std::string_view name) const;
  const std::vector<const EventType*>& types() const { return types_; }
  Sealer& sealer() const { return sealer_; }

 private:
  Result<std::string> open_slot(const SlotCopy& slot) const;

  std::vector<const EventType*> types_;
  std::unordered_map<std::string_view, const EventType*> by_name_;
  Sealer& sealer_;
};

/// Opens every sealed reference inside a described row or answer. Errors: corrupt.
Status open_references(const EventCodec& codec, const std::function<void(FieldVisitor&)>& visit);
template <class T>
Status open_all(const EventCodec& codec, T& described) {
  return open_references(codec, [&](FieldVisitor& v) { v.value(described); });
}

}  // namespace factum
