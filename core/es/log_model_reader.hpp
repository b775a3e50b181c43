// Decision models read from the log at one moment.
#pragma once

#include "core/es/decision.hpp"

#include <vector>

namespace factum {

/// Reads models as of `at` (inclusive). Not thread-safe: one per decision. `always_open` opens
/// personal values for every state, as showing an entity needs it.
class LogModelReader : public ModelReader {
 public:
  LogModelReader(const EventStore& store, const EventCodec& codec, Position at,
                 bool always_open = false)
      : store_(store), codec_(codec), at_(at), always_open_(always_open) {}

  Result<std::optional<std::string>> holder(std::string_view space,
                                            std::string_view value) override;

  /// Fails if anything that was read here has changed since.
  AppendCondition condition() const { return {{looked_at_}, at_}; }

 protected:
  Status replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) override;

 private:
  const EventStore& store_;
  const EventCodec& codec_;
  Position at_;
  bool always_open_;
  std::vector<QueryItem> looked_at_;
};

}  // namespace factum
