// Long answers: made on threads of their own, so that they hold up no connection.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace factum::api {

/// The threads are started with the first task. Thread rule: safe from any thread.
class Background {
 public:
  static constexpr std::size_t kThreads = 2;

  Background() = default;
  /// Tasks that wait are dropped; those that run are waited for.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Runs the task when those before it have begun. False: too many wait already, it will not run.
  bool run(std::function<void()> task);

 private:
  void work();

  std::mutex mutex_;  // guards everything
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace factum::api
