// Ctrl-C and SIGTERM as a flag and a wake-up, taken by one thread instead of a signal handler.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace factum::cli {

/// While one of these lives, SIGINT, SIGTERM and SIGHUP ask for a clean end; a second one ends the
/// process at once. Make it before any other thread is started: signals are blocked in all of them.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Set once somebody asked for the end.
  const std::atomic<bool>& flag() const { return asked_; }
  /// Blocks until somebody does.
  void wait();
  /// Blocks until somebody does or the time is over; true if somebody did.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  void take_signals();

  std::atomic<bool> asked_{false};
  std::atomic<bool> closing_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace factum::cli
