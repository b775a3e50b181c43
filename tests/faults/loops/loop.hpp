// What the loops have in common: options, counting, and one subject after the other, each from a
// seed of its own.
#pragma once

#include "tests/faults/loops/expected_log.hpp"
#include "tests/support/crash_disk.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace factum::test {

struct LoopOptions {
  std::uint64_t seed = 1;
  std::uint64_t times = 1;  ///< cuts, failures, histories: whatever the loop repeats
  /// Called after each with their number; false ends the loop.
  std::function<bool(std::uint64_t done, std::uint64_t of)> on_step = nullptr;
};

/// One line per name, the number first.
inline std::string show(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += std::to_string(count) + " " + name + "\n";
  return text;
}

/// Adds one count to another.
inline void add(Counts& total, const Counts& counts, const std::string& prefix = "") {
  for (const auto& [name, count] : counts) total[prefix + name] += count;
}

/// Makes subjects of the seeds `seed`, `seed` + 1 …, steps each `steps_each` times, and gives the
/// sum of their counts. A Violation names the seed of its subject, which repeats it alone.
template <class Subject>
Counts run_in_turn(const LoopOptions& options, std::uint64_t steps_each) {
  Counts total;
  std::uint64_t done = 0;
  bool go_on = true;
  for (std::uint64_t seed = options.seed; done < options.times && go_on; ++seed) {
    try {
      Subject subject(seed);
      for (std::uint64_t i = 0; i < steps_each && done < options.times && go_on; ++i) {
        subject.step();
        ++done;
        if (options.on_step) go_on = options.on_step(done, options.times);
      }
      add(total, subject.finish());
    } catch (const Violation& violation) {
      throw Violation("seed " + std::to_string(seed) + ": " + violation.what());
    }
  }
  total["steps"] = done;
  return total;
}

}  // namespace factum::test
