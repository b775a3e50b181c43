// The races of rules that span entities: what there is before, and what two writers do.
#pragma once

#include "core/crm/ids.hpp"
#include "core/es/command.hpp"
#include "core/es/event_type.hpp"
#include "tests/support/spec.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace factum::test {

inline constexpr std::uint64_t kIdsPerRace = 8;

/// A command that one writer sends.
struct Move {
  const CommandType* type;
  std::shared_ptr<AnyCommand> command;
};

template <class C>
Move move_of(C command) {
  return {&command_type<C>(), box_command(std::move(command))};
}

/// What must come out of two moves.
enum class Expected {
  one_winner,  ///< the first to be recorded refuses the other
  closes,      ///< `guard` always holds; `other` only if it was recorded before
  opens,       ///< `guard` always holds; `other` only if it was recorded after
};

/// Ids of one race.
class Ids {
 public:
  explicit Ids(std::uint64_t race) : first_(race * kIdsPerRace) {}
  template <class Id>
  Id make(std::uint64_t number) const {
    return id_of<Id>(first_ + number);
  }
  crm::CustomerId firm() const { return make<crm::CustomerId>(1); }
  crm::CustomerId rival() const { return make<crm::CustomerId>(2); }
  crm::UserId user() const { return make<crm::UserId>(3); }
  crm::ProductId product() const { return make<crm::ProductId>(4); }
  crm::PipelineId pipeline() const { return make<crm::PipelineId>(5); }
  crm::ContactId contact() const { return make<crm::ContactId>(7); }
  std::string text() const { return "r" + std::to_string(first_); }

 private:
  std::uint64_t first_;
};

struct Race {
  Rule rule;
  Expected expected;
  std::function<std::vector<EventBox>(const Ids&)> given;
  std::function<Move(const Ids&)> guard;
  std::function<Move(const Ids&)> other;
};

/// One race for every rule of `crm::cross_rules()`.
std::vector<Race> all_races();

}  // namespace factum::test
