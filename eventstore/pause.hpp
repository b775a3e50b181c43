// A pause before looking again at something that nobody tells about: files of another process.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace factum {

inline void pause_for(std::chrono::microseconds time) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, time, [] { return false; });
}

}  // namespace factum
