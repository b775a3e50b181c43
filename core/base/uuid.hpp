// 128-bit ids: the value, its text form, typed entity ids, and the source that makes UUIDv7.
#pragma once

#include "core/base/result.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace factum {

/// A UUID as 16 big-endian bytes (RFC 9562). All zero means "none".
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// True for the nil UUID. O(1).
  bool is_nil() const;
  /// Canonical lower-case text, 36 characters.
  std::string to_string() const;
  /// Appends the same to `out`.
  void append_to(std::string& out) const;
  /// The 16 raw bytes, for keys on disk.
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Reads canonical text, either case. Errors: invalid_argument.
  static Result<Uuid> parse(std::string_view text);
  /// Reads 16 raw bytes. Errors: corrupt on any other length.
  static Result<Uuid> from_bytes(std::string_view raw);

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

/// Where new ids come from; deterministic in tests. Thread rule: implementations are safe for any
/// thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  /// A new UUIDv7, unique and, within one source, increasing.
  virtual Uuid next() = 0;
};

/// Builds a UUIDv7 (RFC 9562 §5.7) from milliseconds since 1970 and 10 bytes of randomness.
Uuid make_uuid_v7(std::uint64_t unix_ms, const std::array<std::uint8_t, 10>& random);

/// The id of one entity of one kind. `Kind::kName` is the word in tags and on the wire ("deal").
template <class Kind>
struct EntityId {
  Uuid uuid;

  static constexpr std::string_view kind() { return Kind::kName; }
  bool is_nil() const { return uuid.is_nil(); }
  /// The tag of this entity: "deal:0198…".
  std::string tag() const { return std::string(Kind::kName) + ":" + uuid.to_string(); }

  friend auto operator<=>(const EntityId&, const EntityId&) = default;
  friend bool operator==(const EntityId&, const EntityId&) = default;
};

}  // namespace factum

template <>
struct std::hash<factum::Uuid> {
  std::size_t operator()(const factum::Uuid& id) const {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>(high ^ (low * 0x9E3779B97F4A7C15ULL));
  }
};

template <class Kind>
struct std::hash<factum::EntityId<Kind>> {
  std::size_t operator()(const factum::EntityId<Kind>& id) const {
    return std::hash<factum::Uuid>{}(id.uuid);
  }
};
