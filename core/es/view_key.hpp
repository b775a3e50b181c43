// Keys of view rows: parts that sort as their values do. A key never holds personal data.
#pragma once

#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/es/event_store.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace factum {

/// Builds a key from a table letter and parts: `ViewKey('d').id(pipeline).u64(day).text("won")`.
class ViewKey {
 public:
  /// `table`: one letter per row type of a projection.
  explicit ViewKey(char table) : bytes_(1, table) {}

  ViewKey& id(const Uuid& uuid) {
    bytes_.append(uuid.view());
    return *this;
  }
  template <class Kind>
  ViewKey& id(const EntityId<Kind>& entity) {
    return id(entity.uuid);
  }
  /// Big-endian, so that keys sort by number.
  ViewKey& u64(std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<char>(number >> shift));
    return *this;
  }
  /// Signed numbers sort too: the sign bit is flipped.
  ViewKey& i64(std::int64_t number) {
    return u64(static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63));
  }
  /// The newest first.
  ViewKey& descending(std::int64_t number) {
    return u64(~(static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63)));
  }
  ViewKey& time(Timestamp instant) { return i64(instant.value()); }
  ViewKey& date(Date day) { return i64(day.value()); }
  ViewKey& byte(std::uint8_t value) {
    bytes_.push_back(static_cast<char>(value));
    return *this;
  }
  /// A text without NUL, ended by NUL so that "a" sorts before "ab" and no text is the prefix of
  /// another.
  ViewKey& text(std::string_view value) {
    bytes_.append(value);
    bytes_.push_back('\0');
    return *this;
  }
  /// Raw bytes of a fixed length, such as a digest.
  ViewKey& raw(std::string_view value) {
    bytes_.append(value);
    return *this;
  }

  const std::string& str() const { return bytes_; }
  // NOLINTNEXTLINE(google-explicit-constructor): a key is passed wherever its bytes are.
  operator const std::string&() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes a key apart in the order it was built.
class ViewKeyReader {
 public:
  explicit ViewKeyReader(std::string_view key) : rest_(key.substr(key.empty() ? 0 : 1)) {}

  Uuid id() {
    Uuid uuid;
    const std::string_view raw = take(16);
    raw.copy(reinterpret_cast<char*>(uuid.bytes.data()), raw.size());
    return uuid;
  }
  std::uint64_t u64() {
    std::uint64_t number = 0;
    for (char c : take(8)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
  }
  std::int64_t i64() { return static_cast<std::int64_t>(u64() ^ (std::uint64_t{1} << 63)); }
  std::int64_t descending() { return static_cast<std::int64_t>(~u64() ^ (std::uint64_t{1} << 63)); }
  Timestamp time() { return Timestamp(i64()); }
  Date date() { return Date(static_cast<std::int32_t>(i64())); }
  std::uint8_t byte() {
    const std::string_view raw = take(1);
    return raw.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(raw[0]);
  }
  std::string text() {
    const std::size_t end = std::min(rest_.find('\0'), rest_.size());
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return value;
  }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view part = rest_.substr(0, count);
    rest_.remove_prefix(part.size());
    return part;
  }

  std::string_view rest_;
};

}  // namespace factum
