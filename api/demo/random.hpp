// Random choices that are the same for the same seed on every machine.
#pragma once

#include "core/base/time.hpp"
#include "core/base/uuid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace factum::demo {

/// The standard fixes the engine's numbers but not those of its distributions, so these are ours.
/// Slightly uneven for ranges that are no power of two, which a demo does not notice.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// A number in [least, most].
  std::int64_t between(std::int64_t least, std::int64_t most) {
    const auto width = static_cast<std::uint64_t>(most - least) + 1;
    return least + static_cast<std::int64_t>(engine_() % width);
  }
  /// True in `percent` of 100 cases.
  bool chance(int percent) { return between(0, 99) < percent; }
  template <class T, std::size_t N>
  const T& pick(const std::array<T, N>& items) {
    return items[engine_() % N];
  }
  template <class T>
  const T& pick(std::span<const T> items) {
    return items[engine_() % items.size()];
  }
  /// A UUIDv7 of this moment.
  Uuid id_at(Timestamp instant) {
    std::array<std::uint8_t, 10> bits{};
    for (std::uint8_t& byte : bits) byte = static_cast<std::uint8_t>(engine_());
    return make_uuid_v7(static_cast<std::uint64_t>(instant.value() / 1000), bits);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace factum::demo
