// Shows how far long work is, and passes Ctrl-C on to it.
#pragma once

#include "api/cli/interrupt.hpp"
#include "api/import/progress.hpp"
#include "core/es/log_backups.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace factum::cli {

/// Thread rule: the watch it gives is safe from any thread.
class WorkProgress {
 public:
  /// `interrupt` outlives it.
  WorkProgress(bool quiet, const Interrupt& interrupt);
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;

  /// It must not outlive this.
  WorkWatch watch();
  /// `done` of `total`, 0 = not known. Safe from any thread.
  void update(std::string_view what, std::uint64_t done, std::uint64_t total);
  /// Since this was made.
  std::chrono::milliseconds elapsed() const;
  /// Removes the bar so that other text can be printed.
  void clear();

 private:
  const Interrupt& interrupt_;
  const importing::Progress::Clock::time_point began_ = importing::Progress::Clock::now();
  std::mutex mutex_;
  importing::Progress progress_;  // guarded by mutex_
};

}  // namespace factum::cli
