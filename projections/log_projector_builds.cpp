#include "projections/log_projector.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::chrono::milliseconds kRebuildWait{20};
constexpr std::chrono::milliseconds kCancelLookEvery{50};

}  // namespace

// ---- builds -----------------------------------------------------------------------------------

void LogProjector::run_builds() {
  while (true) {
    std::vector<Entry*> wanted;
    {
      const std::lock_guard lock(state_mutex_);
      std::swap(wanted, queued_);
      if (wanted.empty() || stopping_) {
        builder_running_ = false;
        return;
      }
    }
    const std::lock_guard lock(build_mutex_);
    std::vector<Build> builds;
    for (Entry* entry : wanted) {
      auto begun = begin_build(*entry, true);
      if (begun)
        builds.push_back(std::move(*begun));
      else
        log("view " + entry->name() + " cannot be built: " + begun.error().message);
    }
    const Status built = build(builds, WorkWatch{});
    if (!built && !stopping_) log("views cannot be built: " + built.error().message);
    const std::lock_guard state_lock(state_mutex_);
    for (Entry* entry : wanted) {
      if (entry->rebuilding && !built) entry->failure = "cannot be built: " + built.error().message;
      entry->rebuilding = false;
    }
  }
}

// A build that a stop interrupted goes on where it was when `resume` says so.
Result<Build> LogProjector::begin_build(Entry& entry, bool resume) {
  const Projection& projection = entry.view.projection;
  const auto live = generations_.live(entry.name());
  Build build{&entry, {entry.name(), projection.version(), 1}, nullptr, std::nullopt, {}};
  std::shared_ptr<ViewKeyspace> keyspace;
  for (const Generation& known : generations_.list()) {
    if (known.projection != entry.name() || (live && known == *live)) continue;
    if (resume && known.version == projection.version()) {
      FACTUM_TRY(keyspace, generations_.open_build(known, projection.past_tables()));
      build.generation = known;
      if (keyspace->position() <= store_.head()) break;
      keyspace.reset();
    }
    FACTUM_CHECK(generations_.drop(known));
    build.generation.number = std::max(build.generation.number, known.number + 1);
  }
  if (!keyspace) {
    if (live) build.generation.number = std::max(build.generation.number, live->number + 1);
    FACTUM_TRY(keyspace, generations_.open_build(build.generation, projection.past_tables()));
  }
  build.fold = std::make_unique<ViewFold>(projection, keyspace, codec_.sealer());
  return build;
}

void LogProjector::note_progress(const std::vector<Build>& builds, Position target) {
  const std::lock_guard lock(state_mutex_);
  for (const Build& build : builds) {
    build.entry->rebuild_position = build.fold->position();
    build.entry->rebuild_target = target;
  }
}

Status LogProjector::build(std::vector<Build>& builds, const WorkWatch& watch) {
  if (builds.empty()) return {};
  Position from(UINT64_MAX);
  DecodePlan plan;
  for (const Build& build : builds) {
    from = std::min(from, build.fold->position());
    plan.add(build.entry->view.projection, codec_);
  }
  FACTUM_TRY(auto subscription, store_.subscribe({}, from));
  BatchReader reader(*subscription, codec_, plan, options_.batch_events_max);
  bool settled = false;
  while (!stopping_ && !watch.cancelled()) {
    const Position target = store_.head();
    note_progress(builds, target);
    watch.on_progress("folding events", subscription->position().value(), target.value());
    FACTUM_TRY(const auto batch, reader.next(kRebuildWait));
    apply_to_each(builds, batch->events.size(), [&](Build& build) {
      if (!build.failure) build.failure = build.fold->apply(*batch);
    });
    if (!batch->recorded.empty() && batch->last < target) continue;
    if (settled) return catch_up(builds, reader);
    // Takes long, so that there is another stretch to go after it.
    if (const Status done = settle(builds, watch); !done) {
      if (done.error().code != ErrorCode::unavailable) return done;
      break;
    }
    settled = true;
  }
  for (Build& build : builds) abandon(build);
  return fail(ErrorCode::unavailable, "the rebuild was stopped; the views are as they were");
}

// From here on a build is an ordinary keyspace.
Status LogProjector::settle(std::vector<Build>& builds, const WorkWatch& watch) {
  FACTUM_CHECK(generations_.flush(true));
  std::uint64_t rows = 0;
  for (Build& build : builds) {
    build.fold.reset();
    rows += generations_.unsettled_rows(build.generation);
  }
  Settling settling;
  auto done = std::async(std::launch::async, [&] {
    share_on_two(builds, [&](Build& build) {
      build.settled = generations_.settle(build.generation, settling);
    });
  });
  while (done.wait_for(kCancelLookEvery) != std::future_status::ready) {
    if (stopping_ || watch.cancelled()) generations_.cancel(settling);
    watch.on_progress("sorting rows", std::min(settling.rows_done.load(), rows), rows);
  }
  done.get();
  for (Build& build : builds) {
    FACTUM_CHECK(build.settled);
    const Projection& projection = build.entry->view.projection;
    FACTUM_TRY(auto keyspace, generations_.open(build.generation, projection.past_tables()));
    build.fold = std::make_unique<ViewFold>(projection, keyspace, codec_.sealer());
  }
  return {};
}

// The last stretch: the loop stands still until the new rows are as far as the old ones, then they
// take their place.
Status LogProjector::catch_up(std::vector<Build>& builds, BatchReader& reader) {
  FACTUM_CHECK(generations_.flush(true));
  Status outcome;
  {
    const std::lock_guard loop_lock(loop_mutex_);
    const auto is_behind = [this](const Build& build) {
      const std::lock_guard lock(state_mutex_);
      return !build.failure && build.fold->position() < applied_;
    };
    while (std::any_of(builds.begin(), builds.end(), is_behind)) {
      FACTUM_TRY(const auto batch, reader.next(kRebuildWait));
      for (Build& build : builds) {
        if (!build.failure) build.failure = build.fold->apply(*batch);
      }
    }
    for (Build& build : builds) {
      if (Status finished = finish_build(build); !finished) outcome = std::move(finished);
    }
  }
  waiters_.advanced();
  return outcome;
}

// Switches to the new generation. One that failed takes over only where nothing else is served.
Status LogProjector::finish_build(Build& build) {
  Entry& entry = *build.entry;
  const bool serves = [&] {
    const std::lock_guard lock(state_mutex_);
    return entry.served != nullptr;
  }();
  if (build.failure && serves) {
    const std::string sentence = sentence_of(*build.failure);
    abandon(build);
    const std::lock_guard lock(state_mutex_);
    entry.failure = entry.fold ? std::string{} : sentence;
    log("the rebuild of view " + entry.name() + " " + sentence);
    return fail(build.failure->error);
  }
  const auto old = generations_.live(entry.name());
  FACTUM_CHECK(generations_.set_live(build.generation));
  if (old && *old != build.generation) FACTUM_CHECK(generations_.drop(*old));
  auto keyspace = build.fold->keyspace();
  entry.fold = build.failure ? nullptr : std::move(build.fold);
  const std::lock_guard lock(state_mutex_);
  entry.served = std::move(keyspace);
  entry.generation = build.generation;
  entry.following = !build.failure;
  entry.rebuilding = false;
  entry.failure = build.failure ? sentence_of(*build.failure) : std::string{};
  if (build.failure) log("view " + entry.name() + " " + entry.failure);
  return build.failure ? Status(fail(build.failure->error)) : Status{};
}

// Rows of a stopped build stay for the next start, unless their fold failed or the rows that serve
// are of this version and move: nobody would go on with them.
void LogProjector::abandon(Build& build) {
  build.fold.reset();
  const bool not_needed = [&] {
    const std::lock_guard lock(state_mutex_);
    build.entry->rebuilding = false;
    return build.entry->following;
  }();
  if (build.failure || not_needed)
    ignore_error(generations_.drop(build.generation), "the next start drops it as well");
}

// Marks views as being rebuilt, all or none.
Result<std::vector<Entry*>> LogProjector::take_for_rebuild(const std::vector<std::string>& views) {
  std::vector<Entry*> taken;
  const std::lock_guard lock(state_mutex_);
  if (stopping_) return fail(ErrorCode::unavailable, "the views are stopping");
  for (const std::string& view : views) {
    const auto found = entries_.find(view);
    if (found == entries_.end()) return fail(ErrorCode::not_found, "there is no view " + view);
    Entry* entry = found->second.get();
    if (entry->rebuilding)
      return fail(ErrorCode::unavailable, "the view " + view + " is being rebuilt already");
    if (std::find(taken.begin(), taken.end(), entry) == taken.end()) taken.push_back(entry);
  }
  for (Entry* entry : taken) entry->rebuilding = true;
  return taken;
}

Status LogProjector::rebuild(const std::vector<std::string>& views, const WorkWatch& watch) {
  FACTUM_TRY(const std::vector<Entry*> entries, take_for_rebuild(views));
  const std::lock_guard lock(build_mutex_);
  const Status built = [&]() -> Status {
    std::vector<Build> builds;
    for (Entry* entry : entries) {
      FACTUM_TRY(Build begun, begin_build(*entry, false));
      builds.push_back(std::move(begun));
    }
    return build(builds, watch);
  }();
  const std::lock_guard state_lock(state_mutex_);
  for (Entry* entry : entries) entry->rebuilding = false;
  return built;
}

}  // namespace factum::projections
