// Long answers: made on a thread of their own, so that they hold up no connection.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace factum::api {

/// One thread, started with the first task. Thread rule: safe from any thread.
class Background {
 public:
  Background() = default;
  /// Tasks that wait are dropped; one that runs is waited for.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Runs the task after those before it. False: too many wait already, it will not run.
  bool run(std::function<void()> task);

 private:
  void work();

  std::mutex mutex_;  // guards everything but thread_'s run
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace factum::api
