#include "core/es/command_runner.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace factum {
namespace {

// Shared, because the answering thread may still be inside when the waiting one goes on.
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> tasks;       // guarded by mutex
  std::optional<Result<CommandOutcome>> answer;  // guarded by mutex
};

}  // namespace

Result<CommandOutcome> run_command(CommandBus& bus, const CommandType& type,
                                   std::shared_ptr<AnyCommand> command, CommandMeta meta) {
  const auto waiting = std::make_shared<Waiting>();
  const auto post = [waiting](std::function<void()> task) {
    const std::lock_guard lock(waiting->mutex);
    waiting->tasks.push_back(std::move(task));
    waiting->changed.notify_one();
  };
  const auto on_done = [waiting](Result<CommandOutcome> outcome) {
    const std::lock_guard lock(waiting->mutex);
    waiting->answer = std::move(outcome);
    waiting->changed.notify_one();
  };
  bus.execute(type, std::move(command), std::move(meta), post, on_done);
  std::unique_lock lock(waiting->mutex);
  while (!waiting->answer) {
    waiting->changed.wait(lock, [&] { return waiting->answer || !waiting->tasks.empty(); });
    while (!waiting->tasks.empty()) {
      auto task = std::move(waiting->tasks.front());
      waiting->tasks.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }
  return std::move(*waiting->answer);
}

}  // namespace factum
