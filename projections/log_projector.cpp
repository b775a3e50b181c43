#include "projections/log_projector.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::chrono::milliseconds kIdleWait{200};

}  // namespace

// ---- start and stop ---------------------------------------------------------------------------

// Takes over the live generation if today's fold can go on with it; else it serves (if its rows
// can be read) until a new one is built.
Status LogProjector::open_live(Entry& entry, std::vector<Entry*>& missing) {
  const auto live = generations_.live(entry.name());
  if (!live) {
    missing.push_back(&entry);
    return {};
  }
  FACTUM_TRY(auto keyspace, generations_.open(*live, entry.view.projection.past_tables()));
  const std::uint32_t version = entry.view.projection.version();
  const std::uint32_t oldest = entry.view.readable_since == 0 ? version : entry.view.readable_since;
  const bool readable = live->version >= oldest && live->version <= version;
  const bool beyond = keyspace->position() > store_.head();
  if (readable && !beyond) {
    entry.served = keyspace;
    entry.generation = *live;
  }
  if (live->version == version && !beyond) {
    entry.fold = std::make_unique<ViewFold>(entry.view.projection, keyspace, codec_.sealer());
    entry.following = true;
  } else {
    missing.push_back(&entry);
  }
  return {};
}

// What nobody goes on with: rows of views that there are no more, and what a rebuild that was
// killed left beside rows that move.
Status LogProjector::drop_left_over() {
  for (const Generation& generation : generations_.list()) {
    const auto known = entries_.find(generation.projection);
    const bool wanted = known != entries_.end() &&
                        (!known->second->fold || known->second->generation == generation);
    if (!wanted) FACTUM_CHECK(generations_.drop(generation));
  }
  return {};
}

Status LogProjector::start() {
  FACTUM_TRY(const bool foreign, generations_.bind_to(store_.log_id()));
  if (foreign) log("the views belonged to another log or format; they are built anew");
  std::vector<Entry*> missing;
  for (auto& [name, entry] : entries_) FACTUM_CHECK(open_live(*entry, missing));
  FACTUM_CHECK(drop_left_over());
  Position from = store_.head();
  DecodePlan plan;
  for (auto& [name, entry] : entries_) {
    if (entry->fold) from = std::min(from, entry->fold->position());
  }
  FACTUM_TRY(auto subscription, store_.subscribe({}, from));
  subscription_ = std::move(subscription);
  {
    const std::lock_guard lock(state_mutex_);
    applied_ = from;
    queued_ = missing;
    for (Entry* entry : missing) entry->rebuilding = true;
  }
  if (!missing.empty() && store_.head().value() == 0) run_builds();
  loop_ = std::thread([this, followed = subscription_] { run_loop(followed); });
  if (!missing.empty() && store_.head().value() > 0) {
    builder_running_ = true;
    builder_ = std::thread([this] { run_builds(); });
  }
  return {};
}

void LogProjector::stop() {
  if (stopping_.exchange(true)) return;
  if (subscription_) subscription_->stop();
  if (loop_.joinable()) loop_.join();
  std::thread builder;
  {
    const std::lock_guard lock(state_mutex_);
    builder = std::move(builder_);
  }
  if (builder.joinable()) builder.join();
  // A rebuild in a caller's thread ends within a batch; the flush has to come after it.
  const std::lock_guard build_lock(build_mutex_);
  waiters_.stop();
  if (!subscription_) return;
  if (const Status flushed = generations_.flush(true); !flushed) log(flushed.error().message);
}

// ---- the loop ---------------------------------------------------------------------------------

void LogProjector::run_loop(const std::shared_ptr<Subscription>& subscription) {
  DecodePlan plan;
  for (const auto& [name, entry] : entries_) plan.add(entry->view.projection, codec_);
  BatchReader reader(*subscription, codec_, plan, options_.batch_events_max);
  while (!stopping_) {
    auto batch = reader.next(kIdleWait);
    if (!batch) {
      if (stopping_ || batch.error().code == ErrorCode::unavailable) return;
      log("the views stop: " + batch.error().message);
      const std::lock_guard lock(loop_mutex_);
      for (auto& [name, entry] : entries_) {
        if (entry->fold) stop_entry(*entry, {batch.error(), Position(), false});
      }
      waiters_.advanced();
      return;
    }
    if ((*batch)->recorded.empty()) continue;
    apply(**batch);
    waiters_.advanced();
    unflushed_ += (*batch)->recorded.size();
    if (unflushed_ < options_.flush_after_events) continue;
    unflushed_ = 0;
    if (const Status flushed = generations_.flush(false); !flushed) log(flushed.error().message);
  }
}

void LogProjector::apply(const DecodedBatch& batch) {
  const std::lock_guard lock(loop_mutex_);
  std::vector<Entry*> moving;
  for (auto& [name, entry] : entries_) {
    if (entry->fold) moving.push_back(entry.get());
  }
  apply_to_each(moving, batch.events.size(), [&](Entry* entry) {
    if (const auto failure = entry->fold->apply(batch)) stop_entry(*entry, *failure);
  });
  const std::lock_guard state_lock(state_mutex_);
  applied_ = batch.last;
}

void LogProjector::stop_entry(Entry& entry, const FoldFailure& failure) {
  entry.fold.reset();
  const std::lock_guard lock(state_mutex_);
  entry.following = false;
  entry.failure = sentence_of(failure);
  log("view " + entry.name() + " " + entry.failure);
  if (failure.rows_damaged && !entry.mended && !stopping_) mend(entry);
}

// Queues a build of damaged rows. The state lock is held.
void LogProjector::mend(Entry& entry) {
  entry.mended = true;
  entry.rebuilding = true;
  queued_.push_back(&entry);
  log("view " + entry.name() + " has rows that do not read; it is built anew once");
  if (builder_running_.exchange(true)) return;
  if (builder_.joinable()) builder_.join();
  builder_ = std::thread([this] { run_builds(); });
}

// ---- what others see --------------------------------------------------------------------------

Result<std::unique_ptr<ViewReader>> LogProjector::read(std::string_view view) const {
  const auto found = entries_.find(view);
  if (found == entries_.end()) return fail(ErrorCode::not_found, "there is no such view");
  std::shared_ptr<ViewKeyspace> served;
  {
    const std::lock_guard lock(state_mutex_);
    served = found->second->served;
  }
  if (!served)
    return fail(ErrorCode::unavailable, "view " + found->first + " is being built, try later");
  return served->snapshot();
}

Result<std::shared_ptr<const ViewKeyspace>> LogProjector::keyspace(std::string_view view) const {
  const auto found = entries_.find(view);
  if (found == entries_.end()) return fail(ErrorCode::not_found, "there is no such view");
  const Entry& entry = *found->second;
  std::shared_ptr<ViewKeyspace> served;
  {
    const std::lock_guard lock(state_mutex_);
    if (entry.generation.version == entry.view.projection.version()) served = entry.served;
  }
  if (!served)
    return fail(ErrorCode::unavailable, "view " + found->first + " is being built, try later");
  return std::shared_ptr<const ViewKeyspace>(std::move(served));
}

PositionWaiters::Standing LogProjector::look(const std::string& view, Position position) const {
  PositionWaiters::Standing standing{.settled = true, .outcome = {}};
  const std::lock_guard lock(state_mutex_);
  for (const auto& [name, entry] : entries_) {
    if (!view.empty() && view != name) continue;
    const bool reached = entry->served && entry->served->position() >= position;
    if (reached) continue;
    standing.outcome.behind.push_back(name);
    if (entry->following && !stopping_) standing.settled = false;
  }
  standing.outcome.reached = standing.outcome.behind.empty();
  return standing;
}

Position LogProjector::position() const {
  const std::lock_guard lock(state_mutex_);
  Position lowest(UINT64_MAX);
  for (const auto& [name, entry] : entries_)
    lowest = std::min(lowest, entry->served ? entry->served->position() : Position());
  return entries_.empty() ? Position() : lowest;
}

std::vector<ViewStatus> LogProjector::status() const {
  std::vector<ViewStatus> all;
  const std::lock_guard lock(state_mutex_);
  for (const auto& [name, entry] : entries_) {
    ViewStatus status{.name = name,
                      .version = entry->served ? entry->generation.version : 0,
                      .position = entry->served ? entry->served->position() : Position(),
                      .serving = entry->served != nullptr,
                      .failure = entry->failure,
                      .rebuilding = entry->rebuilding,
                      .rebuild_position = {},
                      .rebuild_target = {}};
    if (entry->rebuilding) {
      status.rebuild_position = entry->rebuild_position;
      status.rebuild_target = entry->rebuild_target;
    }
    all.push_back(std::move(status));
  }
  return all;
}

std::unique_ptr<Projector> make_projector(std::vector<View> views, const EventStore& store,
                                          const EventCodec& codec, GenerationStore& generations,
                                          ProjectorOptions options) {
  return std::make_unique<LogProjector>(std::move(views), store, codec, generations,
                                        std::move(options));
}

}  // namespace factum::projections
