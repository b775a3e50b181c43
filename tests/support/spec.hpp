// Tests of the domain in three words: given events, when a command, then events or a refusal.
//
//   Spec spec;
//   spec.given(CustomerRegistered{.customer = anna, .name = {"Anna"}});
//   spec.when(ApplyTag{{anna}, "vip"}).then(TagApplied{anna, "vip"});
//   spec.when(ApplyTag{{}, "vip"}).then_fails(ErrorCode::not_found);
#pragma once

#include "core/es/command.hpp"
#include "core/es/decision.hpp"
#include "core/es/json_writer.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/store_helpers.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace factum::test {

/// The id of an entity that only depends on `number`.
template <class Id>
Id id_of(std::uint64_t number) {
  return Id{test_id(number)};
}

/// A personal text that events hold in the clear.
inline Sealed<std::string> sealed(std::string text) { return {std::move(text)}; }

/// An event in one line: type and values, personal ones too.
std::string show(const EventBox& event);
template <class E>
std::string show(const E& event) {
  return show(EventBox::of(event));
}

/// What a command led to. Every check that does not hold fails the test case.
class Outcome {
 public:
  Outcome(Result<Decision> decision, Position version)
      : decision_(std::move(decision)), version_(version) {}

  /// Exactly these events, in this order; none = nothing had to change.
  template <class... E>
  const Outcome& then(const E&... events) const {
    check_events({show(events)...});
    return *this;
  }
  /// Refused by a rule, with the rule's own sentence.
  void then_refused(const Rule& rule) const;
  /// Failed otherwise.
  void then_fails(ErrorCode code) const;
  /// The rules an import found broken, in the order they were met.
  const Outcome& breaking(const std::vector<Rule>& rules) const;
  /// The claims, each as "take customer.email a@b.de".
  const Outcome& claiming(const std::vector<std::string>& claims) const;

  /// Fails the test case unless the command was accepted.
  void require_success() const;
  static void fail_with(const Error& error);

  const Result<Decision>& decision() const { return decision_; }
  Position version() const { return version_; }

 private:
  void check_events(const std::vector<std::string>& expected) const;

  Result<Decision> decision_;
  Position version_;
};

/// Model reader over a list of events in memory; its sealer hides nothing.
class Spec : public ModelReader {
 public:
  Spec();

  /// Records events that have happened, one after the other.
  template <class... E>
  Spec& given(const E&... events) {
    (record_given(EventBox::of(events)), ...);
    return *this;
  }
  /// Somebody holds a value.
  Spec& given_claim(std::string space, std::string value, std::string holder);
  /// From now on commands come from an import: broken rules are recorded.
  Spec& importing();
  /// Everything sealed for this subject is gone.
  Spec& given_erased(const Uuid& subject);

  /// Decides; nothing is recorded.
  template <class C>
  Outcome when(C command) {
    return decide(*box_command(std::move(command)));
  }
  /// Decides, requires success and records events and claims.
  template <class C>
  Outcome done(C command) {
    Outcome outcome = when(std::move(command));
    outcome.require_success();
    if (auto taken = take_over(*outcome.decision()); !taken) outcome.fail_with(taken.error());
    return outcome;
  }

  /// Decides on a command of any type; nothing is recorded.
  Outcome decide(const AnyCommand& command);
  /// Records events and claims of a decision, as far as they can be. Errors: those of encoding.
  Status take_over(const Decision& decision);

  Result<std::optional<std::string>> holder(std::string_view space,
                                            std::string_view value) override;
  /// The state of an entity as it is shown, as JSON; empty if there is none.
  template <class S>
  std::string shown(const typename S::Id& id) {
    const auto folded = fold<S>(id);
    return folded && folded->exists() ? to_json(folded->state) : std::string{};
  }
  DecisionContext& context() { return context_; }
  /// The id of the event that was recorded last.
  const Uuid& last_event() const { return events_.back().record.event_id; }

 protected:
  Status replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) override;

 private:
  Status record(const EventBox& event, std::optional<Timestamp> occurred_at);
  void record_given(const EventBox& event);

  PlainSealer sealer_;
  EventCodec codec_;
  std::unique_ptr<IdSource> ids_;
  DecisionContext context_;
  std::vector<RecordedEvent> events_;
  std::map<std::pair<std::string, std::string>, std::string> claims_;
};

}  // namespace factum::test
