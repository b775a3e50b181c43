#include "api/cli/work_progress.hpp"

#include "api/cli/cli.hpp"

namespace factum::cli {

WorkProgress::WorkProgress(bool quiet, const Interrupt& interrupt)
    : interrupt_(interrupt), progress_(print_error, errors_reach_terminal(), quiet) {}

WorkWatch WorkProgress::watch() {
  WorkWatch watch;
  watch.on_progress = [this](std::string_view what, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    importing::ProgressState state;
    state.what = what;
    state.rows = done;
    state.bytes_done = done;
    state.bytes_total = total;
    progress_.update(std::move(state));
  };
  watch.cancelled = [this] { return interrupt_.flag().load(); };
  return watch;
}

void WorkProgress::clear() {
  const std::lock_guard lock(mutex_);
  progress_.clear();
}

}  // namespace factum::cli
