#include "api/cli/work_progress.hpp"

#include "api/cli/cli.hpp"

namespace factum::cli {

WorkProgress::WorkProgress(bool quiet, const Interrupt& interrupt)
    : interrupt_(interrupt), progress_(print_error, errors_reach_terminal(), quiet) {}

WorkWatch WorkProgress::watch() {
  WorkWatch watch;
  watch.on_progress = [this](std::string_view what, std::uint64_t done, std::uint64_t total) {
    update(what, done, total);
  };
  watch.cancelled = [this] { return interrupt_.flag().load(); };
  return watch;
}

void WorkProgress::update(std::string_view what, std::uint64_t done, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  progress_.update({std::string(what), done, done, total, elapsed()});
}

std::chrono::milliseconds WorkProgress::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(importing::Progress::Clock::now() -
                                                               began_);
}

void WorkProgress::clear() {
  const std::lock_guard lock(mutex_);
  progress_.clear();
}

}  // namespace factum::cli
