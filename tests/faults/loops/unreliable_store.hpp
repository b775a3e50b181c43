// A store behind a bad line: appends wait, are refused, are lost, arrive late, or arrive and the
// answer does not.
#pragma once

#include "tests/faults/loops/expected_log.hpp"
#include "tests/support/interposed_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <random>

namespace factum::test {

/// Tasks of a simulation by its own time. One thread.
class Schedule {
 public:
  explicit Schedule(std::mt19937_64& random) : random_(random) {}

  /// Runs a task within the next `within` steps of time.
  void soon(std::function<void()> task, std::uint64_t within);
  /// Runs the next task; false if there is none.
  bool step();

 private:
  std::mt19937_64& random_;
  std::uint64_t now_ = 0;
  std::multimap<std::uint64_t, std::function<void()>> tasks_;
};

/// Passes appends on to another store as a bad line would. Like every store it answers each once.
class UnreliableStore final : public InterposedStore {
 public:
  /// `troubles`: of 100 appends about so many do not simply succeed.
  UnreliableStore(EventStore& inner, Schedule& schedule, std::mt19937_64& random,
                  std::uint64_t troubles)
      : InterposedStore(inner), schedule_(schedule), random_(random), troubles_(troubles) {}

  void append(AppendRequest request, OnAppended on_done) override;

  const Counts& counts() const { return counts_; }

 private:
  void answer_soon(OnAppended on_done, Result<AppendResult> result);

  Schedule& schedule_;
  std::mt19937_64& random_;
  const std::uint64_t troubles_;
  Counts counts_;
};

}  // namespace factum::test
