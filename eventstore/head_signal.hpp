// The durable head of a log, and waiting for it to move.
#pragma once

#include "core/es/event_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace factum {

/// Thread rule: safe from any thread. Publishing costs one atomic store while nobody waits.
class HeadSignal {
 public:
  Position head() const { return Position(head_.load(std::memory_order_acquire)); }
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  void publish(Position head) {
    head_.store(head.value());
    wake();
  }

  /// From now on nobody waits: the store is closing.
  void close() {
    closed_.store(true);
    wake();
  }

  /// Wakes every waiter so that it looks at its own stop flag.
  void wake() {
    if (waiters_.load() == 0) return;
    { const std::lock_guard lock(mutex_); }
    moved_.notify_all();
  }

  /// Waits until the head is beyond `after`, the store closes, `stopped` or the time is up.
  void wait(Position after, const std::atomic<bool>& stopped, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    waiters_.fetch_add(1);
    moved_.wait_for(lock, time, [&] {
      return head_.load() > after.value() || closed_.load() || stopped.load();
    });
    waiters_.fetch_sub(1);
  }

 private:
  std::atomic<std::uint64_t> head_{0};
  std::atomic<bool> closed_{false};
  std::atomic<int> waiters_{0};
  std::mutex mutex_;
  std::condition_variable moved_;
};

}  // namespace factum
