#include "tests/support/eventually.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

namespace factum::test {

void eventually(const std::string& what, const std::function<bool()>& condition,
                std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) FAIL("waited too long for " << what);
    never.wait_for(lock, std::chrono::milliseconds(1), [] { return false; });
  }
}

}  // namespace factum::test
