// Backups beside the service: one at a time, on a thread of its own, with a state to look at.
#pragma once

#include "api/backup_run.hpp"
#include "core/es/log_backups.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace factum::api {

/// Which log is served, and by which run of a program. Whoever asks for a backup names both:
/// another server may have taken the port meanwhile.
struct ServedRun {
  Uuid log_id;
  Uuid run;  ///< drawn at the start; told to those who may read the data folder, in DATA/serving

  friend bool operator==(const ServedRun&, const ServedRun&) = default;
};

/// Thread rule: safe from any thread. Destruction interrupts the backup that is being made.
class BackupJob {
 public:
  /// `clock` outlives the job.
  BackupJob(std::unique_ptr<LogBackups> backups, const ServedRun& served, Clock& clock)
      : backups_(std::move(backups)), served_(served), clock_(clock) {}
  ~BackupJob();
  BackupJob(const BackupJob&) = delete;
  BackupJob& operator=(const BackupJob&) = delete;

  const ServedRun& served() const { return served_; }
  /// Starts one and returns at once; nothing if one is under way. `keep`: so many are left
  /// afterwards, 0 = all.
  std::optional<BackupRun> start(std::size_t keep);
  /// How the newest run stands; nothing if there was none.
  std::optional<BackupRun> last() const;
  /// The newest `count_max` finished backups, oldest first; reads their manifests. Errors:
  /// corrupt, io_error.
  Result<std::vector<LogBackup>> list(std::size_t count_max) const {
    return backups_->list(count_max);
  }

 private:
  void run(std::size_t keep);

  const std::unique_ptr<LogBackups> backups_;
  const ServedRun served_;
  Clock& clock_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::optional<BackupRun> last_;  // guarded by mutex_
  std::thread thread_;             // guarded by mutex_ while running
};

}  // namespace factum::api
