// Callbacks that wait for views to reach a position, each with a deadline.
#pragma once

#include "projections/projector.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace factum::projections {

/// Thread rule: every method is safe from any thread.
class PositionWaiters {
 public:
  /// How one wait stands: finished or not, and what to answer.
  struct Standing {
    bool settled = false;
    WaitOutcome outcome;
  };
  /// `view` empty = all views.
  using Look = std::function<Standing(const std::string& view, Position position)>;

  explicit PositionWaiters(Look look);
  ~PositionWaiters();
  PositionWaiters(const PositionWaiters&) = delete;
  PositionWaiters& operator=(const PositionWaiters&) = delete;

  /// Calls `on_done` once: now, from `advanced`, or from the timer.
  void add(std::string view, Position position, std::chrono::milliseconds timeout,
           std::function<void(WaitOutcome)> on_done);
  /// To be called when any view has moved or stopped.
  void advanced();
  /// Answers everybody with how things stand and ends the timer.
  void stop();

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Waiter {
    std::string view;
    Position position;
    Instant deadline;
    std::function<void(WaitOutcome)> on_done;
  };

  void run_timer();
  void finish(const std::function<bool(const Waiter&, const Standing&)>& is_over);

  const Look look_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::list<Waiter> waiters_;
  bool stopped_ = false;
  std::thread timer_;
};

}  // namespace factum::projections
