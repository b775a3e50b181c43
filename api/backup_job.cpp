#include "api/backup_job.hpp"

#include <utility>

namespace factum::api {

BackupJob::~BackupJob() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::optional<BackupRun> BackupJob::start(std::size_t keep) {
  const std::lock_guard lock(mutex_);
  if (last_ && last_->running) return std::nullopt;
  if (thread_.joinable()) thread_.join();  // it has nothing left to do
  BackupRun begun;
  begun.started = clock_.now();
  begun.running = true;
  begun.doing = "copy";
  last_ = std::move(begun);
  thread_ = std::thread([this, keep] { run(keep); });
  return last_;
}

std::optional<BackupRun> BackupJob::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void BackupJob::run(std::size_t keep) {
  WorkWatch watch;
  watch.on_progress = [this](std::string_view what, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    last_->doing = what;
    last_->done = static_cast<std::int64_t>(done);
    last_->total = static_cast<std::int64_t>(total);
  };
  watch.cancelled = [this] { return stopping_.load(); };
  const auto made = backups_->make(watch);
  const Result<std::size_t> dropped =
      made && keep > 0 ? backups_->keep(keep) : Result<std::size_t>(0);
  const std::lock_guard lock(mutex_);
  if (made) last_->id = made->id;
  if (dropped) last_->dropped = static_cast<std::int64_t>(*dropped);
  if (!dropped) last_->failure = dropped.error().message;
  if (!made) last_->failure = made.error().message;
  last_->running = false;
}

}  // namespace factum::api
