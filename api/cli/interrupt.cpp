#include "api/cli/interrupt.hpp"

#include "api/cli/cli.hpp"

#include <csignal>
#include <unistd.h>

namespace factum::cli {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a write beyond a limit of file sizes fails instead
  thread_ = std::thread([this] { take_signals(); });
}

Interrupt::~Interrupt() {
  closing_ = true;
  pthread_kill(thread_.native_handle(), SIGHUP);
  thread_.join();
}

void Interrupt::take_signals() {
  const sigset_t signals = ending_signals();
  for (int number = 0; sigwait(&signals, &number) == 0 && !closing_;) {
    if (asked_.exchange(true)) _exit(static_cast<int>(ExitCode::interrupted));
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
}

void Interrupt::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return asked_.load(); });
}

bool Interrupt::wait_for(std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return asked_.load(); });
}

}  // namespace factum::cli
