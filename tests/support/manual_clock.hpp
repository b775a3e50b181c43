// A clock that stands still until a test moves it.
#pragma once

#include "core/base/time.hpp"

#include <atomic>

namespace factum::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp(1'700'000'000 * kMicrosPerSecond))
      : now_(start.value()) {}

  Timestamp now() override { return Timestamp(now_.load()); }
  void set(Timestamp instant) { now_.store(instant.value()); }
  void advance(std::int64_t micros) { now_.fetch_add(micros); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace factum::test
