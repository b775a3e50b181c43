#include "api/event_lines.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace factum::api {
namespace {

// By tags the index leads from event to event, so that stretches of the log would be searched in
// vain.
bool goes_by_position(const Query& query) {
  return std::all_of(query.items.begin(), query.items.end(),
                     [](const QueryItem& item) { return item.tags.empty(); });
}

}  // namespace

EventLines::EventLines(const EventStore& store, EventSelection selection, AppendLine append,
                       Bounds bounds)
    : store_(store),
      selection_(std::move(selection)),
      append_(std::move(append)),
      bounds_(bounds),
      by_position_(goes_by_position(selection_.query)),
      in_parallel_(by_position_ && selection_.limit == SIZE_MAX),
      begun_(selection_.first.value() - 1) {
  current_.next = Position(1);  // nothing is left of it
  current_.left = selection_.limit;
  if (!in_parallel_) return;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) read_ahead({});
}

EventLines::EventLines(const EventStore& store, EventSelection selection, AppendLine append)
    : EventLines(store, std::move(selection), std::move(append), Bounds{}) {}

Result<std::optional<std::string_view>> EventLines::next() {
  FACTUM_CHECK(current_.status);
  if (current_.next <= current_.last) {
    current_ = read(std::move(current_));
  } else if (in_parallel_) {
    if (ahead_.empty()) return std::optional<std::string_view>();
    std::string room = std::move(current_.lines);
    current_ = ahead_.front().get();
    ahead_.pop_front();
    read_ahead(std::move(room));
  } else {
    auto stretch = begin(std::move(current_.lines), current_.left);
    if (!stretch) return std::optional<std::string_view>();
    current_ = read(std::move(*stretch));
  }
  return std::optional<std::string_view>(current_.lines);
}

// `room` is memory for its lines: the kernel clears what is asked for anew.
std::optional<EventLines::Stretch> EventLines::begin(std::string room, std::size_t left) {
  if (begun_ >= selection_.last || left == 0) return std::nullopt;
  Stretch stretch;
  stretch.next = Position(begun_.value() + 1);
  stretch.last = selection_.last;
  if (by_position_)
    stretch.last = std::min(stretch.last, Position(begun_.value() + bounds_.positions_max));
  stretch.left = left;
  stretch.lines = std::move(room);
  begun_ = stretch.last;
  return stretch;
}

void EventLines::read_ahead(std::string room) {
  auto stretch = begin(std::move(room), SIZE_MAX);
  if (!stretch) return;
  ahead_.push_back(std::async(
      std::launch::async, [this](Stretch begun) { return read(std::move(begun)); },
      std::move(*stretch)));
}

EventLines::Stretch EventLines::read(Stretch stretch) const {
  const ReadOptions options{.from = stretch.next,
                            .to = stretch.last,
                            .limit = selection_.actor.empty() ? stretch.left : SIZE_MAX,
                            .with_slots = false};
  stretch.lines.clear();
  std::uint64_t seen = 0;
  bool full = false;
  stretch.status = store_.visit(selection_.query, options, [&](const RecordedEvent& event) {
    stretch.next = Position(event.position.value() + 1);
    if (matches_actor(event)) {
      append_(stretch.lines, event);
      --stretch.left;
    }
    full = ++seen == bounds_.positions_max || stretch.lines.size() >= bounds_.bytes_max;
    return stretch.left > 0 && !full;
  });
  if (!full || stretch.left == 0) stretch.next = Position(stretch.last.value() + 1);
  return stretch;
}

bool EventLines::matches_actor(const RecordedEvent& event) const {
  return selection_.actor.empty() || event.record.actor == selection_.actor;
}

}  // namespace factum::api
