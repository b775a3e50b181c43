// How a backup that a server makes stands: its state in the server, its answers, and what a command
// that waits for it reads.
#pragma once

#include "core/base/time.hpp"
#include "core/es/field_visitor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace factum::api {

/// A backup that is being made, or the last one that was.
struct BackupRun {
  Timestamp started;
  bool running = false;
  std::string doing;  ///< "copy", "verify" or "root": what it does, or did last
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::string failure;  ///< one sentence, which may list many names
  std::optional<std::int64_t> id;
  std::int64_t dropped = 0;

  static void describe(FieldVisitor& v, BackupRun& r) {
    constexpr std::size_t kFailureMax = 10'000;
    v.shown("started", r.started, "When it began");
    v.shown("running", r.running, "It is under way");
    v.shown("doing", r.doing, "copy (bytes), verify, or root (events)");
    v.shown("done", r.done, "How much of it is done");
    v.shown("total", r.total, "How much there is; 0 = not known");
    v.shown("failure", r.failure, "Why there is no backup; empty = it has not failed",
            at_most(kFailureMax));
    v.shown("id", r.id, "The backup, once it is made");
    v.shown("dropped", r.dropped, "Old backups that went");
  }
};

}  // namespace factum::api
