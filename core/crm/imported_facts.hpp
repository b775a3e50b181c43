// What imports have said about an entity, so that a file that is read again changes nothing.
#pragma once

#include "core/es/decision.hpp"

#include <set>
#include <string>
#include <string_view>

namespace factum::crm {

/// Facts of imports by what they say and when it happened. A fact that comes again with the same
/// time is the same fact; one that comes with another time is another.
class ImportedFacts {
 public:
  /// Remembers a recorded fact; `what` names its kind and value.
  void note(const EventInfo& info, std::string_view what) {
    if (info.source == Source::import) facts_.insert(key(info.occurred_at, what));
  }
  /// True if this import says what one has said before.
  bool has(const DecisionContext& context, std::string_view what) const {
    return context.import && facts_.contains(key(context.occurred_at, what));
  }

 private:
  static std::string key(const std::optional<Timestamp>& occurred_at, std::string_view what) {
    return std::string(what) + '@' +
           (occurred_at ? std::to_string(occurred_at->value()) : std::string("-"));
  }

  std::set<std::string> facts_;
};

}  // namespace factum::crm
