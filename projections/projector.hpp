// Keeps every view up to date with the log: one loop, exactly once, failures isolated, rebuilds
// beside.
#pragma once

#include "core/base/work_watch.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/view_store.hpp"
#include "projections/generation_store.hpp"
#include "projections/registry.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

struct ProjectorOptions {
  std::size_t batch_events_max = 5000;     ///< events per commit when behind; more = faster, later
  std::size_t flush_after_events = 50000;  ///< what a start after a crash replays at most
  std::function<void(std::string_view)> log = nullptr;  ///< one sentence per call, no personal data
};

/// How a view stands.
struct ViewStatus {
  std::string name;
  std::uint32_t version = 0;  ///< of the rows that are served; 0 = none are
  Position position;          ///< of the rows that are served
  bool serving = false;
  std::string failure;  ///< one sentence when the fold stopped; empty = it goes on
  bool rebuilding = false;
  Position rebuild_position;  ///< how far a rebuild has come
  Position rebuild_target;    ///< the head when it was last looked at
};

/// Outcome of waiting for a position.
struct WaitOutcome {
  bool reached = false;
  std::vector<std::string> behind;  ///< views that have not applied it
};

/// Thread rule: every method is safe from any thread. Destruction stops it.
class Projector {
 public:
  virtual ~Projector() = default;

  /// Opens what is there, starts to follow the log, and rebuilds what is missing or of another
  /// version. Returns before the views have caught up. Errors: io_error.
  virtual Status start() = 0;
  /// Ends the loop and any rebuild within a batch, and flushes. Waiters are told. Idempotent.
  virtual void stop() = 0;

  /// A consistent picture of a view. Errors: not_found (no such view), unavailable (it is being
  /// built for the first time, or rebuilt and its old rows mean something else). O(1).
  virtual Result<std::unique_ptr<ViewReader>> read(std::string_view view) const = 0;

  /// The rows of a view with their past. Errors: as read; rows of an older version are no help.
  virtual Result<std::shared_ptr<const ViewKeyspace>> keyspace(std::string_view view) const = 0;

  /// Calls back once, when every view has applied `position` or `timeout` is over; at once when no
  /// view can get there because it failed or is being rebuilt. The callback runs on a thread of the
  /// projector or, before `wait_for` returns, on the calling one; it must not block.
  virtual void wait_for(Position position, std::chrono::milliseconds timeout,
                        std::function<void(WaitOutcome)> on_done) = 0;
  /// The same for one view; an unknown name is reached at once.
  virtual void wait_for_view(std::string_view view, Position position,
                             std::chrono::milliseconds timeout,
                             std::function<void(WaitOutcome)> on_done) = 0;

  /// The position every view has applied.
  virtual Position position() const = 0;
  virtual std::vector<ViewStatus> status() const = 0;

  /// Builds views anew beside those that serve, in one pass over the log, then switches. Blocks the
  /// caller. The watch sees events being folded, then rows sorted, then events folded that came in
  /// meanwhile. Errors: not_found, unavailable (cancelled, stopped, or already being rebuilt), and
  /// what made a fold fail; the others are switched then.
  virtual Status rebuild(const std::vector<std::string>& views, const WorkWatch& watch) = 0;
};

/// `store`, `codec` and `generations` outlive the projector.
std::unique_ptr<Projector> make_projector(std::vector<View> views, const EventStore& store,
                                          const EventCodec& codec, GenerationStore& generations,
                                          ProjectorOptions options = {});

}  // namespace factum::projections
