#include "core/es/event_codec.hpp"

#include "core/es/json_reader.hpp"
#include "core/es/slot_visitors.hpp"

#include <algorithm>
#include <memory>

namespace factum {
namespace {

// Lets a JSON reader fill the sealed fields of one slot and leave everything else alone.
class SlotFiller : public FieldVisitor {
 public:
  SlotFiller(FieldVisitor& reader, std::string_view slot) : reader_(reader), slot_(slot) {}

  Visit begin_field(const Field& field, bool optional, bool present) override {
    if (inside_ == 0) return Visit::skip;
    return count(reader_.begin_field(field, optional, present));
  }
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) override {
    if (state != SealState::closed || slot_name(field.owner, field.data_class) != slot_)
      return Visit::skip;
    return count(reader_.begin_sealed(field, state, subject));
  }
  void end_field() override {
    --inside_;
    reader_.end_field();
  }
  void text(std::string& value, const Limits& limits) override { reader_.text(value, limits); }
  void integer(std::int64_t& value, const Limits& limits) override {
    reader_.integer(value, limits);
  }
  void wide_integer(Int128& value) override { reader_.wide_integer(value); }
  void number(double& value) override { reader_.number(value); }
  void boolean(bool& value) override { reader_.boolean(value); }
  void uuid(Uuid& value, std::string_view kind) override { reader_.uuid(value, kind); }
  void timestamp(Timestamp& value) override { reader_.timestamp(value); }
  void date(Date& value) override { reader_.date(value); }
  void money(Money& value) override { reader_.money(value); }
  void symbol(std::size_t& index, std::span<const std::string_view> names) override {
    reader_.symbol(index, names);
  }
  void sealed_ref(SealedRef& value) override { reader_.sealed_ref(value); }
  void begin_object() override { reader_.begin_object(); }
  void end_object() override { reader_.end_object(); }
  std::size_t begin_list(std::size_t size, const Limits& limits) override {
    return reader_.begin_list(size, limits);
  }
  void next_element(std::size_t index) override { reader_.next_element(index); }
  void end_list() override { reader_.end_list(); }
  std::vector<std::string> begin_map(std::vector<std::string> keys, const Limits& limits) override {
    return reader_.begin_map(std::move(keys), limits);
  }
  void next_key(const std::string& key) override { reader_.next_key(key); }
  void end_map() override { reader_.end_map(); }

 private:
  Visit count(Visit visit) {
    if (visit == Visit::present) ++inside_;
    return visit;
  }

  FieldVisitor& reader_;
  std::string_view slot_;
  std::size_t inside_ = 0;
};

// A visitor that looks at nothing; the base of those that look at little.
class Ignoring : public FieldVisitor {
 public:
  Visit begin_field(const Field& /*field*/, bool /*optional*/, bool /*present*/) override {
    return Visit::skip;
  }
  Visit begin_sealed(const Field& /*field*/, SealState& /*state*/,
                     const Uuid& /*subject*/) override {
    return Visit::skip;
  }
  void end_field() override {}
  void text(std::string& /*value*/, const Limits& /*limits*/) override {}
  void integer(std::int64_t& /*value*/, const Limits& /*limits*/) override {}
  void wide_integer(Int128& /*value*/) override {}
  void number(double& /*value*/) override {}
  void boolean(bool& /*value*/) override {}
  void uuid(Uuid& /*value*/, std::string_view /*kind*/) override {}
  void timestamp(Timestamp& /*value*/) override {}
  void date(Date& /*value*/) override {}
  void money(Money& /*value*/) override {}
  void symbol(std::size_t& /*index*/, std::span<const std::string_view> /*names*/) override {}
  void sealed_ref(SealedRef& /*value*/) override {}
  void begin_object() override {}
  void end_object() override {}
  std::size_t begin_list(std::size_t size, const Limits& /*limits*/) override { return size; }
  void next_element(std::size_t /*index*/) override {}
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> keys,
                                     const Limits& /*limits*/) override {
    return keys;
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override {}
};

// Marks the closed fields of one slot as erased.
class SlotEraser : public Ignoring {
 public:
  explicit SlotEraser(std::string_view slot) : slot_(slot) {}
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& /*subject*/) override {
    if (state != SealState::closed || slot_name(field.owner, field.data_class) != slot_)
      return Visit::skip;
    state = SealState::erased;
    return Visit::absent;
  }

 private:
  std::string_view slot_;
};

// Finds the slot that a sealed field of an event lies in.
class SlotFinder : public Ignoring {
 public:
  explicit SlotFinder(std::string_view field) : field_(field) {}
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& /*subject*/) override {
    if (field.name == field_ && state != SealState::absent)
      slot = slot_name(field.owner, field.data_class);
    return Visit::skip;
  }
  std::string slot;

 private:
  std::string_view field_;
};

class ReferenceOpener : public Ignoring {
 public:
  explicit ReferenceOpener(const EventCodec& codec) : codec_(codec) {}
  Visit begin_field(const Field& /*field*/, bool /*optional*/, bool present) override {
    return present ? Visit::present : Visit::skip;
  }
  void sealed_ref(SealedRef& value) override {
    if (!status) return;
    status = codec_.open(value);
  }
  Status status;

 private:
  const EventCodec& codec_;
};

// A value beyond its limits would be refused when the event is read, and nothing can mend it then.
Status check_limits(const CheckedWriter& writer, const EventType& type) {
  if (writer.broken_field().empty()) return {};
  const std::string field(writer.broken_field());
  return fail(
      Error{ErrorCode::invalid_argument,
            "the field " + field + " of " + std::string(type.name) + " is out of its limits",
            {},
            {{"/" + field, "limit", "this is too long, too short or out of range"}},
            0});
}

SealContext context_of(const SlotCopy& slot, DataClass data_class) {
  return {slot.event_id, slot.type, slot.schema, slot.header.name, data_class};
}

}  // namespace

SealedRef DecodedEvent::sealed(std::string_view name) const {
  SlotFinder finder(name);
  event.describe(finder);
  const auto& slots = record().slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].name != finder.slot) continue;
    const auto& ciphertext = recorded->ciphertexts.at(i);
    auto copy =
        std::make_shared<SlotCopy>(SlotCopy{record().event_id, record().type, record().schema,
                                            slots[i], ciphertext.value_or(std::string{})});
    SealedRef reference;
    reference.slot = std::move(copy);
    reference.field = name;
    reference.state = SealState::closed;
    return reference;
  }
  return {};
}

EventCodec::EventCodec(std::vector<const EventType*> types, Sealer& sealer)
    : types_(std::move(types)), sealer_(sealer) {
  for (const EventType* type : types_) FACTUM_ASSERT(by_name_.emplace(type->name, type).second);
}

const EventType* EventCodec::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Result<NewEvent> EventCodec::encode(const EventBox& event, EventOrigin origin) const {
  ClearWriter clear;
  event.describe(clear);
  FACTUM_CHECK(check_limits(clear, event.type()));
  NewEvent made;
  EventRecord& record = made.record;
  record.event_id = origin.event_id;
  record.type = event.type().name;
  record.schema = event.type().schema;
  record.actor = std::move(origin.actor);
  record.on_behalf_of = std::move(origin.on_behalf_of);
  record.source = origin.source;
  record.correlation_id = origin.correlation_id;
  record.causation_id = origin.causation_id;
  record.occurred_at = origin.occurred_at;
  record.broken_rules = std::move(origin.broken_rules);
  record.data = clear.take();
  record.tags = clear.take_tags();
  for (const SlotPlan& slot : clear.slots()) {
    if (slot.subject.is_nil())
      return fail(ErrorCode::invalid_argument, "personal data needs a known owner: " + slot.name);
    SlotWriter writer(slot.name);
    event.describe(writer);
    FACTUM_CHECK(check_limits(writer, event.type()));
    const SealContext context{record.event_id, record.type, record.schema, slot.name,
                              slot.data_class};
    FACTUM_TRY(SealedSlot sealed, sealer_.seal(context, slot.subject, writer.take()));
    record.slots.push_back(std::move(sealed.header));
    made.ciphertexts.push_back(std::move(sealed.ciphertext));
  }
  return made;
}

Result<std::string> EventCodec::open_slot(const SlotCopy& slot) const {
  if (slot.ciphertext.empty()) return fail(ErrorCode::erased, "the ciphertext was erased");
  FACTUM_TRY(const DataClass data_class, slot_class(slot.header.name));
  return sealer_.open(context_of(slot, data_class), slot.header, slot.ciphertext);
}

Result<DecodedEvent> EventCodec::decode(const RecordedEvent& recorded, bool open_slots) const {
  const EventRecord& record = recorded.record;
  const EventType* type = find(record.type);
  if (type == nullptr)
    return fail(ErrorCode::unsupported_format, "unknown event type " + record.type +
                                                   " at position " +
                                                   std::to_string(recorded.position.value()));
  Status status;
  const auto fill = [&](const EventType::Describe& describe) {
    status = read_json(record.data, {.sealed_as_plain = false, .stored = true}, describe);
    for (std::size_t i = 0; open_slots && status && i < record.slots.size(); ++i) {
      const SlotCopy slot{
          record.event_id, record.type, record.schema, record.slots[i],
          i < recorded.ciphertexts.size() ? recorded.ciphertexts[i].value_or("") : std::string{}};
      auto plain = open_slot(slot);
      if (!plain && plain.error().code != ErrorCode::erased) {
        status = fail(plain.error());
      } else if (!plain) {
        SlotEraser eraser(slot.header.name);
        describe(eraser);
      } else {
        status =
            read_json(*plain, {.sealed_as_plain = true, .stored = true}, [&](FieldVisitor& reader) {
              SlotFiller filler(reader, slot.header.name);
              describe(filler);
            });
      }
    }
  };
  EventBox event = type->read(record.schema, fill);
  if (!event)
    return fail(ErrorCode::unsupported_format,
                "event of a newer schema at position " + std::to_string(recorded.position.value()));
  if (!status) {
    return fail(ErrorCode::corrupt, "event at position " +
                                        std::to_string(recorded.position.value()) +
                                        " does not decode: " + status.error().message);
  }
  return DecodedEvent{&recorded, std::move(event)};
}

Status EventCodec::open(SealedRef& reference) const {
  if (!reference.has_value() || reference.state != SealState::closed) return {};
  auto plain = open_slot(*reference.slot);
  if (!plain && plain.error().code == ErrorCode::erased) {
    reference.state = SealState::erased;
    return {};
  }
  if (!plain) return fail(plain.error());
  FACTUM_TRY(reference.opened, json_member(*plain, reference.field));
  reference.state = SealState::open;
  return {};
}

Status open_references(const EventCodec& codec, const std::function<void(FieldVisitor&)>& visit) {
  ReferenceOpener opener(codec);
  visit(opener);
  return std::move(opener.status);
}

}  // namespace factum
