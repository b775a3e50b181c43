// How long work is watched and stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace factum {

/// How long work shows how far it is, and learns that it shall end.
struct WorkWatch {
  /// `what` in a word or two; `done` of `total` bytes, events or rows, 0 = not known. May be called
  /// by any thread, one at a time.
  std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)> on_progress =
      [](std::string_view, std::uint64_t, std::uint64_t) {};
  /// Asked now and then.
  std::function<bool()> cancelled = [] { return false; };
};

}  // namespace factum
