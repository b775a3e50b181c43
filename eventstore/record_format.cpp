#include "eventstore/record_format.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kTypeOffset = 1 + kUuidBytes;

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}
tl::unexpected<Error> beyond(std::string message) {
  return fail(ErrorCode::limit_exceeded, std::move(message));
}

bool is_type_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_';
}

bool is_type_name(std::string_view type) {
  return !type.empty() && std::all_of(type.begin(), type.end(), is_type_character);
}

bool is_tag(std::string_view tag) {
  const std::size_t colon = tag.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < tag.size() &&
         tag.find('\0') == std::string_view::npos;
}

Status check_tags(const std::vector<std::string>& tags) {
  if (tags.empty()) return invalid("an event has at least one tag");
  if (tags.size() > EventLimits::kTagsMax) return beyond("an event has at most 32 tags");
  for (const std::string& tag : tags) {
    if (tag.size() > EventLimits::kTagBytesMax) return beyond("a tag has at most 255 bytes");
    if (!is_tag(tag)) return invalid("a tag is written kind:id, without zero bytes");
  }
  const auto not_ascending = [](const std::string& a, const std::string& b) { return !(a < b); };
  if (std::adjacent_find(tags.begin(), tags.end(), not_ascending) != tags.end())
    return invalid("tags are sorted and differ from each other");
  return {};
}

Status check_slot(const SlotHeader& slot, std::string_view ciphertext) {
  if (slot.name.empty()) return invalid("a slot has a name");
  if (slot.name.size() > RecordLimits::kSlotNameBytesMax)
    return beyond("a slot name has at most 128 bytes");
  if (slot.key_id.is_nil()) return invalid("a slot names its key");
  if (slot.ciphertext_hash != sha256(ciphertext))
    return invalid("a slot's ciphertext hash is the SHA-256 of its ciphertext");
  return {};
}

Status check_slots(const NewEvent& event) {
  const auto& slots = event.record.slots;
  if (slots.size() > EventLimits::kSlotsMax) return beyond("an event has at most 64 slots");
  if (slots.size() != event.ciphertexts.size())
    return invalid("an event has one ciphertext per slot");
  for (std::size_t i = 0; i < slots.size(); ++i) {
    FACTUM_CHECK(check_slot(slots[i], event.ciphertexts[i]));
    const auto same_name = [&](const SlotHeader& other) { return other.name == slots[i].name; };
    if (std::count_if(slots.begin(), slots.end(), same_name) != 1)
      return invalid("slot names differ within an event");
  }
  return {};
}

Status check_texts(const EventRecord& record) {
  if (record.type.size() > RecordLimits::kTypeBytesMax)
    return beyond("an event type has at most 128 bytes");
  if (!is_type_name(record.type))
    return invalid("an event type has ASCII letters, digits, dots and underscores");
  if (record.actor.empty()) return invalid("an event has an actor");
  if (record.actor.size() > RecordLimits::kActorBytesMax ||
      record.on_behalf_of.size() > RecordLimits::kActorBytesMax)
    return beyond("an actor has at most 255 bytes");
  if (record.broken_rules.size() > RecordLimits::kBrokenRulesMax)
    return beyond("an event names at most 32 broken rules");
  for (const std::string& rule : record.broken_rules) {
    if (rule.empty()) return invalid("a broken rule has a name");
    if (rule.size() > RecordLimits::kRuleBytesMax) return beyond("a rule has at most 128 bytes");
  }
  return {};
}

std::size_t payload_bytes(const NewEvent& event) {
  std::size_t bytes = event.record.data.size();
  for (const std::string& ciphertext : event.ciphertexts) bytes += ciphertext.size();
  return bytes;
}

void encode_slots(const std::vector<SlotHeader>& slots, ByteWriter& writer) {
  writer.u8(static_cast<std::uint8_t>(slots.size()));
  for (const SlotHeader& slot : slots) {
    writer.text16(slot.name);
    writer.raw(slot.key_id.view());
    writer.u16(slot.generation);
    writer.raw(view(slot.ciphertext_hash));
    writer.u32(slot.padded_bytes);
  }
}

Uuid uuid_of(std::string_view raw) {
  Uuid id;
  std::memcpy(id.bytes.data(), raw.data(), kUuidBytes);
  return id;
}

SlotView read_slot(ByteReader& reader) {
  SlotView slot;
  slot.name = reader.text16();
  slot.key_id = reader.raw(kUuidBytes);
  slot.generation = reader.u16();
  slot.ciphertext_hash = reader.raw(sizeof(Digest));
  slot.padded_bytes = reader.u32();
  return slot;
}

// Reads a list whose items `take` reads; `take` is false where an item breaks the grammar.
template <class Take>
RecordList read_list(ByteReader& reader, Take take, bool& good) {
  const std::size_t count = reader.u8();
  const std::string_view before = reader.unread();
  for (std::size_t i = 0; i < count; ++i) good = take(reader) && good;
  return {count, before.substr(0, before.size() - reader.unread().size())};
}

RecordList read_tags(ByteReader& reader, bool& good) {
  std::string_view before;
  const RecordList tags = read_list(
      reader,
      [&](ByteReader& from) {
        const std::string_view last = std::exchange(before, from.text16());
        return is_tag(before) && before.size() <= EventLimits::kTagBytesMax && last < before;
      },
      good);
  good = good && tags.count >= 1 && tags.count <= EventLimits::kTagsMax;
  return tags;
}

RecordList read_slots(ByteReader& reader, bool& good) {
  return read_list(
      reader,
      [](ByteReader& from) {
        read_slot(from);
        return true;
      },
      good);
}

RecordList read_texts(ByteReader& reader, bool& good) {
  return read_list(
      reader,
      [](ByteReader& from) {
        from.text16();
        return true;
      },
      good);
}

void copy_texts(const RecordList& list, std::vector<std::string>& texts) {
  ByteReader reader(list.bytes);
  texts.resize(list.count);
  for (std::string& text : texts) text = reader.text16();
}

void copy_slots(const RecordList& list, std::vector<SlotHeader>& slots) {
  ByteReader reader(list.bytes);
  slots.resize(list.count);
  for (SlotHeader& slot : slots) {
    const SlotView from = read_slot(reader);
    slot.name = from.name;
    slot.key_id = uuid_of(from.key_id);
    slot.generation = from.generation;
    slot.ciphertext_hash = to_digest(from.ciphertext_hash);
    slot.padded_bytes = from.padded_bytes;
  }
}

// Into a record that may hold another one, whose memory is used again.
void copy_record(const RecordView& from, EventRecord& record) {
  record.event_id = uuid_of(from.event_id);
  record.type = from.type;
  record.schema = from.schema;
  copy_texts(from.tags, record.tags);
  record.data = from.data;
  record.actor = from.actor;
  record.on_behalf_of = from.on_behalf_of;
  record.source = from.source;
  record.correlation_id = uuid_of(from.correlation_id);
  record.causation_id = uuid_of(from.causation_id);
  record.occurred_at = from.occurred_at;
  copy_slots(from.slots, record.slots);
  copy_texts(from.broken_rules, record.broken_rules);
}

// 0 or 1 are the only flags; anything else makes the record corrupt.
bool read_occurred(ByteReader& reader, std::optional<Timestamp>& occurred_at) {
  const std::uint8_t flag = reader.u8();
  if (flag == 1) occurred_at = Timestamp(static_cast<std::int64_t>(reader.u64()));
  return flag <= 1;
}

bool is_source(std::uint8_t value) {
  return value >= static_cast<std::uint8_t>(Source::api) &&
         value <= static_cast<std::uint8_t>(Source::system);
}

tl::unexpected<Error> at(Error error, Position position) {
  error.position = position.value();
  error.message += " (position " + std::to_string(position.value()) + ")";
  return fail(std::move(error));
}

}  // namespace

Status check_event(const NewEvent& event) {
  if (event.record.event_id.is_nil()) return invalid("an event has an id");
  FACTUM_CHECK(check_texts(event.record));
  FACTUM_CHECK(check_tags(event.record.tags));
  if (event.record.data.empty()) return invalid("an event has clear data, at least {}");
  if (payload_bytes(event) > EventLimits::kEventBytesMax)
    return beyond("an event has at most 1 MiB of clear data and slots together");
  if (!is_source(static_cast<std::uint8_t>(event.record.source)))
    return invalid("an event's source is one of the four known ones");
  return check_slots(event);
}

void encode_record(const EventRecord& record, std::string& out) {
  ByteWriter writer(out);
  writer.u8(kRecordFormat);
  writer.raw(record.event_id.view());
  writer.text16(record.type);
  writer.u16(record.schema);
  writer.u8(static_cast<std::uint8_t>(record.tags.size()));
  for (const std::string& tag : record.tags) writer.text16(tag);
  writer.text32(record.data);
  writer.text16(record.actor);
  writer.text16(record.on_behalf_of);
  writer.u8(static_cast<std::uint8_t>(record.source));
  writer.raw(record.correlation_id.view());
  writer.raw(record.causation_id.view());
  writer.u8(record.occurred_at ? 1 : 0);
  if (record.occurred_at) writer.u64(static_cast<std::uint64_t>(record.occurred_at->value()));
  encode_slots(record.slots, writer);
  writer.u8(static_cast<std::uint8_t>(record.broken_rules.size()));
  for (const std::string& rule : record.broken_rules) writer.text16(rule);
}

Result<RecordView> view_record(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint8_t format = reader.u8();
  if (format > kRecordFormat)
    return fail(ErrorCode::unsupported_format, "the record was written by a newer version");
  RecordView record;
  bool good = format == kRecordFormat;
  record.event_id = reader.raw(kUuidBytes);
  record.type = reader.text16();
  record.schema = reader.u16();
  record.tags = read_tags(reader, good);
  record.data = reader.text32();
  record.actor = reader.text16();
  record.on_behalf_of = reader.text16();
  const std::uint8_t source = reader.u8();
  record.source = static_cast<Source>(source);
  record.correlation_id = reader.raw(kUuidBytes);
  record.causation_id = reader.raw(kUuidBytes);
  good = read_occurred(reader, record.occurred_at) && good;
  record.slots = read_slots(reader, good);
  record.broken_rules = read_texts(reader, good);
  if (!good || !is_source(source) || !reader.complete())
    return fail(ErrorCode::corrupt, "the record does not follow its grammar");
  return record;
}

Result<EventRecord> decode_record(std::string_view bytes) {
  FACTUM_TRY(const RecordView from, view_record(bytes));
  EventRecord record;
  copy_record(from, record);
  return record;
}

RecordSlots::RecordSlots(const RecordView& record) : slots_(record.slots.bytes) {}

SlotView RecordSlots::next() {
  ByteReader reader(slots_);
  const SlotView slot = read_slot(reader);
  slots_ = reader.unread();
  return slot;
}

std::string_view peek_type(std::string_view record) {
  if (record.size() < kTypeOffset) return {};
  return ByteReader(record.substr(kTypeOffset)).text16();
}

std::string encode_stored(const EventRecord& record, Digest& event_hash) {
  std::string stored(kStoredHeaderBytes, '\0');
  stored.reserve(kStoredHeaderBytes + record.data.size() + 512);
  encode_record(record, stored);
  event_hash = sha256(std::string_view(stored).substr(kStoredHeaderBytes));
  std::memcpy(stored.data() + 8, event_hash.data(), event_hash.size());
  return stored;
}

void set_recorded_at(std::string& stored, Timestamp recorded_at) {
  const auto micros = static_cast<std::uint64_t>(recorded_at.value());
  for (std::size_t i = 0; i < 8; ++i)
    stored[i] = static_cast<char>((micros >> (8 * (7 - i))) & 0xFF);
}

Result<StoredView> split_stored(std::string_view stored) {
  ByteReader reader(stored);
  StoredView view;
  view.recorded_at = Timestamp(static_cast<std::int64_t>(reader.u64()));
  view.event_hash = reader.raw(sizeof(Digest));
  view.record = reader.rest();
  if (!reader.ok()) return fail(ErrorCode::corrupt, "the stored event is too short");
  return view;
}

Result<RecordedEvent> decode_stored(Position position, std::string_view stored) {
  RecordedEvent event;
  FACTUM_CHECK(decode_stored(position, stored, event));
  return event;
}

Status decode_stored(Position position, std::string_view stored, RecordedEvent& event) {
  const auto parts = split_stored(stored);
  if (!parts) return at(parts.error(), position);
  event.position = position;
  event.recorded_at = parts->recorded_at;
  event.event_hash = to_digest(parts->event_hash);
  if (sha256(parts->record) != event.event_hash)
    return at(Error{ErrorCode::corrupt, "the event does not match its hash", {}, {}, 0}, position);
  const auto record = view_record(parts->record);
  if (!record) return at(record.error(), position);
  copy_record(*record, event.record);
  event.ciphertexts.assign(event.record.slots.size(), std::nullopt);
  return {};
}

std::string position_key(Position position) {
  std::string key;
  ByteWriter(key).u64(position.value());
  return key;
}

Result<Position> parse_position_key(std::string_view key) {
  ByteReader reader(key);
  const Position position(reader.u64());
  if (!reader.complete()) return fail(ErrorCode::corrupt, "a record key has eight bytes");
  return position;
}

std::string slot_key(Position position, std::size_t slot_index) {
  std::string key = position_key(position);
  key.push_back(static_cast<char>(slot_index));
  return key;
}

}  // namespace factum
