// The bytes of one event: the canonical record that event_hash covers, and the keys and values
// around it. The grammar below is fixed for format 1; any language can recompute the hash from it.
//
//   record    = format event-id type schema tags data actor on-behalf-of source
//               correlation-id causation-id occurred slots broken-rules
//   format    = %x01
//   event-id  = correlation-id = causation-id = 16 bytes (UUID, big-endian; all zero = none)
//   type      = actor = on-behalf-of = text
//   schema    = u16be
//   tags      = u8 count, then count × text     ; strictly ascending by bytes
//   data      = u32be length, then length bytes ; RFC 8785 canonical JSON
//   source    = u8                              ; 1 api, 2 import, 3 rule, 4 system
//   occurred  = %x00 | %x01 i64be               ; microseconds since 1970, two's complement
//   slots     = u8 count, then count × slot     ; in the order of their ciphertexts
//   slot      = text key-id:16 bytes generation:u16be ciphertext-hash:32 bytes padded-bytes:u32be
//   broken-rules = u8 count, then count × text
//   text      = u16be length, then length bytes
//
//   event_hash = SHA-256(record)
//   stored     = u64be recorded_at in µs, event_hash, record      ; value of the records family
//   record key = u64be position
//   slot key   = u64be position, u8 slot index                    ; value = ciphertext
//
// A worked example with every byte is in docs/event_store_format.md.
#pragma once

#include "core/es/event_store.hpp"

#include <string>
#include <string_view>

namespace factum {

inline constexpr std::uint8_t kRecordFormat = 1;
inline constexpr std::size_t kStoredHeaderBytes = 8 + 32;

/// Bounds of the single texts of an event, in bytes; the other limits are in EventLimits.
struct RecordLimits {
  static constexpr std::size_t kTypeBytesMax = 128;
  static constexpr std::size_t kActorBytesMax = 255;
  static constexpr std::size_t kSlotNameBytesMax = 128;
  static constexpr std::size_t kBrokenRulesMax = 32;
  static constexpr std::size_t kRuleBytesMax = 128;
};

/// Checks an event against the limits and the grammar, and its ciphertexts against their hashes.
/// Errors: invalid_argument, limit_exceeded. Cost: one SHA-256 per ciphertext.
Status check_event(const NewEvent& event);

/// Appends the canonical record to `out`. The record has passed check_event.
void encode_record(const EventRecord& record, std::string& out);

/// Reads a record strictly: every byte must be where the grammar has it. Any input is safe.
/// Errors: corrupt, unsupported_format for a newer format byte.
Result<EventRecord> decode_record(std::string_view bytes);

/// A list of `count` items as its bytes.
struct RecordList {
  std::size_t count = 0;
  std::string_view bytes;
};

/// A record taken apart without copying; views point into it.
struct RecordView {
  std::string_view event_id;
  std::string_view type;
  std::uint16_t schema = 0;
  RecordList tags;
  std::string_view data;
  std::string_view actor;
  std::string_view on_behalf_of;
  Source source = Source::api;
  std::string_view correlation_id;
  std::string_view causation_id;
  std::optional<Timestamp> occurred_at;
  RecordList slots;
  RecordList broken_rules;
};

/// Reads a record as decode_record does. Errors: the same.
Result<RecordView> view_record(std::string_view bytes);

/// A slot of a record; views point into it.
struct SlotView {
  std::string_view name;
  std::string_view key_id;
  std::uint16_t generation = 0;
  std::string_view ciphertext_hash;
  std::uint32_t padded_bytes = 0;
};

/// Gives the slots of a record, one after the other.
class RecordSlots {
 public:
  explicit RecordSlots(const RecordView& record);
  /// Called at most once per slot.
  SlotView next();

 private:
  std::string_view slots_;
};

/// The type of a record without decoding the rest; empty when the bytes are too short.
std::string_view peek_type(std::string_view record);

/// A stored value taken apart; views point into it.
struct StoredView {
  Timestamp recorded_at;
  std::string_view event_hash;
  std::string_view record;
};

/// The stored value of a record: recorded_at is left 0 and set by set_recorded_at at commit.
/// Gives the hash through `event_hash`. Cost: one SHA-256.
std::string encode_stored(const EventRecord& record, Digest& event_hash);
void set_recorded_at(std::string& stored, Timestamp recorded_at);

/// Takes a stored value apart without checking the hash. Errors: corrupt when too short.
Result<StoredView> split_stored(std::string_view stored);

/// The event at `position` from its stored value; checks the hash. Every ciphertext is absent.
/// Errors: corrupt, unsupported_format, both with `position`.
Result<RecordedEvent> decode_stored(Position position, std::string_view stored);
/// The same into an event that held another one before, whose memory is used again: allocating it
/// anew costs more than the hash.
Status decode_stored(Position position, std::string_view stored, RecordedEvent& event);

/// Key of the records family; ascending positions are ascending keys.
std::string position_key(Position position);
/// Reads a record key. Errors: corrupt on any other length.
Result<Position> parse_position_key(std::string_view key);
/// Key of the slots family.
std::string slot_key(Position position, std::size_t slot_index);

}  // namespace factum
