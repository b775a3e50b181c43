// Events of the log as lines of text, made on every core and given in their order.
#pragma once

#include "core/es/event_store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>

namespace factum::api {

/// Which events become lines.
struct EventSelection {
  Query query{};
  std::string actor{};  ///< only events that this one caused; empty = of anybody
  Position first;
  Position last;  ///< smaller than `first`: nothing
  std::size_t limit = SIZE_MAX;
};

/// Reads and writes stretches of the log ahead, one per core, each on its own thread: hashing and
/// writing cost several times what scanning does. On the caller's thread alone by tags, and with a
/// limit, as nobody knows where the last stretch ends. One caller; ends its threads when it goes.
class EventLines {
 public:
  /// How far one stretch goes. Larger: more memory and longer waits; smaller: more starts of
  /// reading.
  struct Bounds {
    std::uint64_t positions_max = 4'096;           ///< or events, by tags
    std::size_t bytes_max = std::size_t{4} << 20;  ///< of lines; the last event may pass it
  };

  /// Appends the line of an event. Called on several threads at once.
  using AppendLine = std::function<void(std::string& out, const RecordedEvent& event)>;

  /// `store` outlives this.
  EventLines(const EventStore& store, EventSelection selection, AppendLine append, Bounds bounds);
  EventLines(const EventStore& store, EventSelection selection, AppendLine append);
  /// The lines of the next stretch, good until the next call; it may have none. Nothing at the end.
  /// Errors: those of EventStore::visit, after the lines of what lies before the damage.
  Result<std::optional<std::string_view>> next();

 private:
  // What lies from `next` up to `last` is still to be read.
  struct Stretch {
    Position next;
    Position last;
    std::size_t left = 0;
    std::string lines;
    Status status;
  };

  std::optional<Stretch> begin(std::string room, std::size_t left);
  void read_ahead(std::string room);
  Stretch read(Stretch stretch) const;
  bool matches_actor(const RecordedEvent& event) const;

  const EventStore& store_;
  const EventSelection selection_;
  const AppendLine append_;
  const Bounds bounds_;
  const bool by_position_;
  const bool in_parallel_;
  Position begun_;  // up to here stretches have been begun
  Stretch current_;
  std::deque<std::future<Stretch>> ahead_;
};

}  // namespace factum::api
