// Shows how far long work on a data folder is, and passes Ctrl-C on to it.
#pragma once

#include "api/cli/interrupt.hpp"
#include "api/import/progress.hpp"
#include "core/es/log_backups.hpp"

#include <mutex>

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
  /// Removes the bar so that other text can be printed.
  void clear();

 private:
  const Interrupt& interrupt_;
  std::mutex mutex_;
  importing::Progress progress_;  // guarded by mutex_
};

}  // namespace factum::cli
