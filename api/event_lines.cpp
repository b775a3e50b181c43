#include "api/event_lines.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace factum::api {
namespace {

// With a limit nobody knows where the last stretch ends, and by tags the index leads from event to
// event: both are read on one thread.
bool can_be_split(const EventSelection& selection) {
  const auto& items = selection.query.items;
  return selection.limit == SIZE_MAX &&
         std::all_of(items.begin(), items.end(),
                     [](const QueryItem& item) { return item.tags.empty(); });
}

}  // namespace

EventLines::EventLines(const EventStore& store, EventSelection selection, AppendLine append,
                       Bounds bounds)
    : store_(store),
      selection_(std::move(selection)),
      append_(std::move(append)),
      bounds_(bounds),
      in_parallel_(can_be_split(selection_)),
      started_(selection_.first.value() - 1) {
  current_.next = Position(1);  // nothing is left of it
  const std::size_t threads = in_parallel_ ? std::max(1U, std::thread::hardware_concurrency()) : 1;
  for (std::size_t i = 0; i < threads; ++i) start({});
}

EventLines::EventLines(const EventStore& store, EventSelection selection, AppendLine append)
    : EventLines(store, std::move(selection), std::move(append), Bounds{}) {}

Result<std::string_view> EventLines::next() {
  for (;;) {
    FACTUM_CHECK(current_.status);
    if (current_.next <= current_.last) {
      current_ = read(std::move(current_));
    } else if (!ahead_.empty()) {
      std::string room = std::move(current_.lines);
      current_ = ahead_.front().get();
      ahead_.pop_front();
      start(std::move(room));
    } else {
      return std::string_view();
    }
    if (!current_.lines.empty()) return std::string_view(current_.lines);
  }
}

// `room` is memory for its lines: the kernel clears what is asked for anew.
void EventLines::start(std::string room) {
  if (started_ >= selection_.last) return;
  Stretch stretch;
  stretch.next = Position(started_.value() + 1);
  stretch.last = selection_.last;
  if (in_parallel_)
    stretch.last = std::min(stretch.last, Position(started_.value() + bounds_.positions_max));
  stretch.left = selection_.limit;
  stretch.lines = std::move(room);
  started_ = stretch.last;
  ahead_.push_back(std::async(
      in_parallel_ ? std::launch::async : std::launch::deferred,
      [this](Stretch begun) { return read(std::move(begun)); }, std::move(stretch)));
}

EventLines::Stretch EventLines::read(Stretch stretch) const {
  const ReadOptions options{.from = stretch.next,
                            .to = stretch.last,
                            .limit = selection_.actor.empty() ? stretch.left : SIZE_MAX,
                            .with_slots = false};
  stretch.lines.clear();
  bool full = false;
  stretch.status = store_.visit(selection_.query, options, [&](const RecordedEvent& event) {
    if (!matches_actor(event)) return true;
    append_(stretch.lines, event);
    stretch.next = Position(event.position.value() + 1);
    full = stretch.lines.size() >= bounds_.bytes_max;
    return --stretch.left > 0 && !full;
  });
  if (!full || stretch.left == 0) stretch.next = Position(stretch.last.value() + 1);
  return stretch;
}

bool EventLines::matches_actor(const RecordedEvent& event) const {
  return selection_.actor.empty() || event.record.actor == selection_.actor;
}

}  // namespace factum::api
