// The verdicts on all tiles of a log in order, found by several threads ahead of the caller.
#pragma once

#include "core/es/log_verdict.hpp"
#include "eventstore/tile_check.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace factum {

/// Not thread-safe. `source` and `options` outlive it.
class TileVerdicts {
 public:
  TileVerdicts(LogSource& source, std::uint64_t events, const VerifyOptions& options);
  ~TileVerdicts();
  TileVerdicts(const TileVerdicts&) = delete;
  TileVerdicts& operator=(const TileVerdicts&) = delete;

  /// The verdict on the next tile; nothing behind the last. Errors: those of check_tile,
  /// unavailable when it was stopped.
  std::optional<Result<TileVerdict>> next();

 private:
  Result<TileVerdict> check(std::uint64_t number) const;
  void work();

  LogSource& source_;
  const std::uint64_t events_;
  const std::uint64_t tiles_;
  const VerifyOptions& options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_, where there are threads.
  std::uint64_t given_ = 0;
  std::uint64_t begun_ = 0;
  std::map<std::uint64_t, Result<TileVerdict>> done_;
  bool closing_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace factum
