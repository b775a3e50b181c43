// The slot file of the keystore: one 128-byte slot per data key, written in place.
//
//   file = slots; slot n starts at byte 128 n and belongs to shard n mod 256
//   slot = "FKS1" state:u8 class:u8 generation:u16be key-id:16 bytes subject:16 bytes
//          wrapped-key:40 bytes zeros:44 bytes crc:u32be        ; CRC-32C of the 124 bytes before
//   state = 1 in use, 2 destroyed (wrapped-key is zeros); a free slot is all zeros
//   class = DataClass
//
// wrapped-key is the data key under its shard's key (AES-256-KWP, RFC 5649).
#pragma once

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/es/sealer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factum {

inline constexpr std::size_t kKeySlotBytes = 128;
inline constexpr std::size_t kKeyShards = 256;

enum class KeySlotState : std::uint8_t { free = 0, in_use = 1, destroyed = 2 };

struct KeySlot {
  KeySlotState state = KeySlotState::free;
  DataClass data_class = DataClass::personal;
  std::uint16_t generation = 1;
  Uuid key_id;
  Uuid subject;
  std::array<char, 40> wrapped_key{};  ///< zeros when destroyed

  std::string_view wrapped() const { return {wrapped_key.data(), wrapped_key.size()}; }
  /// Takes the 40 bytes of a wrapped key.
  void set_wrapped(std::string_view wrapped) {
    std::copy(wrapped.begin(), wrapped.end(), wrapped_key.begin());
  }
};

std::string encode_key_slot(const KeySlot& slot);
/// Errors: corrupt when the checksum or the grammar does not hold. All zeros is a free slot.
Result<KeySlot> decode_key_slot(std::string_view bytes);

/// The file of slots. Thread rule: one thread at a time, except `sync`.
class KeySlotFile {
 public:
  /// Opens the file; makes it (mode 0600) only if `create`. Errors: corrupt (it is missing),
  /// io_error.
  static Result<std::unique_ptr<KeySlotFile>> open(const std::string& path, bool create);
  /// Takes over an open descriptor; use `open`.
  explicit KeySlotFile(int descriptor) : descriptor_(descriptor) {}
  ~KeySlotFile();
  KeySlotFile(const KeySlotFile&) = delete;
  KeySlotFile& operator=(const KeySlotFile&) = delete;

  /// Every whole slot of the file, in order. Errors: io_error.
  Result<std::string> read_all() const;
  /// Writes slots in place, growing the file in steps; not durable before `sync`. `slots`: number
  /// and content, ascending numbers. Errors: io_error.
  Status write(const std::vector<std::pair<std::uint32_t, KeySlot>>& slots);
  /// Makes everything written durable. Errors: io_error. Safe from any thread.
  Status sync() const;

 private:
  Status grow_to(std::uint64_t bytes);

  const int descriptor_;
  std::uint64_t bytes_ = 0;
};

}  // namespace factum
