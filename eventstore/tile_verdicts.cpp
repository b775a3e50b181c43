#include "eventstore/tile_verdicts.hpp"

#include "eventstore/merkle_tree.hpp"

#include <algorithm>
#include <utility>

namespace factum {
namespace {

// How far a thread may be ahead: enough to ride out a slow tile, and few hashes to keep.
constexpr std::uint64_t kAheadPerThread = 8;

}  // namespace

TileVerdicts::TileVerdicts(LogSource& source, std::uint64_t events, const VerifyOptions& options)
    : source_(source),
      events_(events),
      tiles_((events + kTileWidth - 1) / kTileWidth),
      options_(options) {
  if (options.threads < 2 || tiles_ < 2) return;
  for (unsigned i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
}

TileVerdicts::~TileVerdicts() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<Result<TileVerdict>> TileVerdicts::next() {
  if (given_ == tiles_) return {};
  if (options_.stop != nullptr && *options_.stop)
    return Result<TileVerdict>(fail(ErrorCode::unavailable, "interrupted"));
  if (threads_.empty()) return check(given_++);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return done_.contains(given_); });
  Result<TileVerdict> verdict = std::move(done_.extract(given_).mapped());
  ++given_;
  lock.unlock();
  changed_.notify_all();
  return verdict;
}

Result<TileVerdict> TileVerdicts::check(std::uint64_t number) const {
  TileTask task;
  task.number = number;
  task.width =
      static_cast<std::size_t>(std::min<std::uint64_t>(kTileWidth, events_ - number * kTileWidth));
  task.list_destroyed = options_.list_destroyed;
  return check_tile(source_, task);
}

void TileVerdicts::work() {
  const std::uint64_t ahead = kAheadPerThread * options_.threads;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || begun_ == tiles_ || begun_ < given_ + ahead; });
    if (closing_ || begun_ == tiles_) return;
    const std::uint64_t number = begun_++;
    lock.unlock();
    auto verdict = check(number);
    lock.lock();
    done_.emplace(number, std::move(verdict));
    changed_.notify_all();
  }
}

}  // namespace factum
