#include "projections/position_waiters.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace factum::projections {

PositionWaiters::PositionWaiters(Look look)
    : look_(std::move(look)), timer_([this] { run_timer(); }) {}

PositionWaiters::~PositionWaiters() { stop(); }

void PositionWaiters::add(std::string view, Position position, std::chrono::milliseconds timeout,
                          std::function<void(WaitOutcome)> on_done) {
  Standing standing = look_(view, position);
  if (!standing.settled && timeout.count() > 0) {
    const std::lock_guard lock(mutex_);
    // Looked at again under the lock: a move in between would otherwise go unnoticed.
    standing = look_(view, position);
    if (!standing.settled && !stopped_) {
      waiters_.push_back({std::move(view), position, std::chrono::steady_clock::now() + timeout,
                          std::move(on_done)});
      changed_.notify_all();
      return;
    }
  }
  on_done(std::move(standing.outcome));
}

void PositionWaiters::finish(const std::function<bool(const Waiter&, const Standing&)>& is_over) {
  std::vector<std::pair<Waiter, WaitOutcome>> over;
  {
    const std::lock_guard lock(mutex_);
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      Standing standing = look_(waiter->view, waiter->position);
      if (is_over(*waiter, standing)) {
        over.emplace_back(std::move(*waiter), std::move(standing.outcome));
        waiter = waiters_.erase(waiter);
      } else {
        ++waiter;
      }
    }
  }
  for (auto& [waiter, outcome] : over) waiter.on_done(std::move(outcome));
}

void PositionWaiters::advanced() {
  finish([](const Waiter& /*waiter*/, const Standing& standing) { return standing.settled; });
}

void PositionWaiters::run_timer() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (waiters_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first =
        std::min_element(waiters_.begin(), waiters_.end(),
                         [](const Waiter& a, const Waiter& b) { return a.deadline < b.deadline; });
    const Instant deadline = first->deadline;
    if (changed_.wait_until(lock, deadline) == std::cv_status::no_timeout) continue;
    lock.unlock();
    const Instant now = std::chrono::steady_clock::now();
    finish([now](const Waiter& waiter, const Standing& standing) {
      return standing.settled || waiter.deadline <= now;
    });
    lock.lock();
  }
}

void PositionWaiters::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
    changed_.notify_all();
  }
  timer_.join();
  finish([](const Waiter& /*waiter*/, const Standing& /*standing*/) { return true; });
}

}  // namespace factum::projections
