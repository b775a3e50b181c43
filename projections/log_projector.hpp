// The projector's inside: one loop over the log, and builds of new generations beside it.
#pragma once

#include "core/base/contract.hpp"
#include "projections/decoded_batch.hpp"
#include "projections/position_waiters.hpp"
#include "projections/projector.hpp"
#include "projections/view_fold.hpp"

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace factum::projections {

// Below this a second thread costs more than it saves.
inline constexpr std::size_t kParallelEvents = 500;

/// Does `work` for every item, on two threads.
template <class Items, class Work>
void share_on_two(Items& items, const Work& work) {
  const auto every_second = [&](std::size_t first) {
    for (std::size_t i = first; i < items.size(); i += 2) work(items[i]);
  };
  if (items.size() < 2) return every_second(0);
  auto other = std::async(std::launch::async, every_second, 1);
  every_second(0);
  other.get();
}

/// Applies a batch to every item; two threads share the views of a large batch.
template <class Items, class Apply>
void apply_to_each(Items& items, std::size_t events, const Apply& apply) {
  if (events >= kParallelEvents) return share_on_two(items, apply);
  for (auto& item : items) apply(item);
}

/// What is known of one view. `fold` belongs to whoever holds the loop's lock, the rest to the
/// state lock.
struct Entry {
  explicit Entry(View of) : view(std::move(of)) {}

  View view;
  std::unique_ptr<ViewFold> fold;  // null = the rows that are served do not move
  std::shared_ptr<ViewKeyspace> served;
  Generation generation;  // of `served`
  std::string failure;
  bool following = false;  // the loop moves `served`
  bool rebuilding = false;
  bool mended = false;  // damaged rows are built anew once, not for ever
  Position rebuild_position;
  Position rebuild_target;

  const std::string& name() const { return view.projection.name(); }
};

inline std::string sentence_of(const FoldFailure& failure) {
  if (failure.position.value() == 0) return "stopped: " + failure.error.message;
  return "stopped before position " + std::to_string(failure.position.value()) + ": " +
         failure.error.message;
}

/// A view on its way to a new generation.
struct Build {
  Entry* entry;
  Generation generation;
  std::unique_ptr<ViewFold> fold;
  std::optional<FoldFailure> failure;
  Status settled;
};

class LogProjector final : public Projector {
 public:
  LogProjector(std::vector<View> views, const EventStore& store, const EventCodec& codec,
               GenerationStore& generations, ProjectorOptions options)
      : store_(store),
        codec_(codec),
        generations_(generations),
        options_(std::move(options)),
        waiters_(
            [this](const std::string& view, Position position) { return look(view, position); }) {
    for (View& view : views) {
      auto entry = std::make_unique<Entry>(std::move(view));
      const std::string name = entry->name();
      FACTUM_ASSERT(entries_.emplace(name, std::move(entry)).second);
    }
  }
  ~LogProjector() override { stop(); }
  LogProjector(const LogProjector&) = delete;
  LogProjector& operator=(const LogProjector&) = delete;

  Status start() override;
  void stop() override;
  Result<std::unique_ptr<ViewReader>> read(std::string_view view) const override;
  Result<std::shared_ptr<const ViewKeyspace>> keyspace(std::string_view view) const override;
  void wait_for(Position position, std::chrono::milliseconds timeout,
                std::function<void(WaitOutcome)> on_done) override {
    waiters_.add({}, position, timeout, std::move(on_done));
  }
  void wait_for_view(std::string_view view, Position position, std::chrono::milliseconds timeout,
                     std::function<void(WaitOutcome)> on_done) override {
    if (!entries_.contains(view)) return on_done({true, {}});
    waiters_.add(std::string(view), position, timeout, std::move(on_done));
  }
  Position position() const override;
  std::vector<ViewStatus> status() const override;
  Status rebuild(const std::vector<std::string>& views, const WorkWatch& watch) override;

 private:
  void log(const std::string& sentence) const {
    if (options_.log) options_.log(sentence);
  }
  PositionWaiters::Standing look(const std::string& view, Position position) const;
  Status open_live(Entry& entry, std::vector<Entry*>& missing);
  Status drop_left_over();
  void run_loop(const std::shared_ptr<Subscription>& subscription);
  void apply(const DecodedBatch& batch);
  void stop_entry(Entry& entry, const FoldFailure& failure);
  void mend(Entry& entry);
  void run_builds();
  Result<std::vector<Entry*>> take_for_rebuild(const std::vector<std::string>& views);
  Result<Build> begin_build(Entry& entry, bool resume);
  Status build(std::vector<Build>& builds, const WorkWatch& watch);
  Status settle(std::vector<Build>& builds, const WorkWatch& watch);
  Status catch_up(std::vector<Build>& builds, BatchReader& reader);
  Status finish_build(Build& build);
  void abandon(Build& build);
  void note_progress(const std::vector<Build>& builds, Position target);

  const EventStore& store_;
  const EventCodec& codec_;
  GenerationStore& generations_;
  const ProjectorOptions options_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;  // constant after building

  mutable std::mutex state_mutex_;  // guards the entries, applied_ and queued_; never held long
  Position applied_;                // how far the loop has come
  std::vector<Entry*> queued_;      // to be built in the background
  std::mutex loop_mutex_;           // held while a batch is applied or a generation switched
  std::mutex build_mutex_;          // one build of the background at a time
  std::shared_ptr<Subscription> subscription_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> builder_running_{false};
  std::thread loop_;
  std::thread builder_;
  std::size_t unflushed_ = 0;
  PositionWaiters waiters_;  // the last member: its thread looks at the others
};

}  // namespace factum::projections
