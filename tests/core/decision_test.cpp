// Rules in decisions, folding, and the errors that carry them.
#include "core/es/decision.hpp"

#include "core/crm/interaction_events.hpp"
#include "core/crm/known.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

using namespace test;
using namespace crm;

constexpr Rule kNight{"owl.night", "owls hunt at night"};
constexpr Rule kMouse{"owl.mouse", "there must be a mouse"};

}  // namespace

TEST_CASE("a rule that holds is not mentioned") {
  Decision decision;
  CHECK(decision.require(true, kNight, {}));
  CHECK(decision.broken_rules.empty());
}

TEST_CASE("a broken rule refuses, by name and with its sentence") {
  Decision decision;
  const Status status = decision.require(false, kNight, {});
  REQUIRE_FALSE(status);
  CHECK(status.error().code == ErrorCode::rule_violation);
  CHECK(status.error().rule == "owl.night");
  CHECK(status.error().message == "owls hunt at night");
}

TEST_CASE("an import notes each broken rule once and goes on") {
  Decision decision;
  DecisionContext context;
  context.import = true;
  CHECK(decision.require(false, kNight, context));
  CHECK(decision.require(false, kMouse, context));
  CHECK(decision.require(false, kNight, context));
  CHECK(decision.broken_rules == std::vector<std::string>{"owl.night", "owl.mouse"});
}

TEST_CASE("an event happens when the context says, unless it says itself") {
  Decision decision;
  DecisionContext context;
  context.occurred_at = Timestamp(5);
  decision.emit(CustomerRestored{}, context);
  decision.emit_at(CustomerRestored{}, std::nullopt);
  CHECK(decision.events.at(0).occurred_at == Timestamp(5));
  CHECK_FALSE(decision.events.at(1).occurred_at);
}

TEST_CASE("nothing is read of an entity without an id, and it does not exist") {
  Spec spec;
  const auto folded = spec.fold<KnownCustomer>(std::optional<CustomerId>{});
  REQUIRE(folded);
  CHECK_FALSE(folded->exists());
  CHECK(is_known(std::optional<CustomerId>{}, *folded));
  CHECK_FALSE(is_known(std::optional<CustomerId>{folded->id}, *folded));
}

TEST_CASE("the version of an entity is the last event that changed its own state") {
  const auto firm = id_of<CustomerId>(1);
  CustomerRegistered registered;
  registered.customer = firm;
  InteractionLogged logged;
  logged.interaction = id_of<InteractionId>(2);
  logged.customer = firm;
  Spec spec;
  spec.given(registered, CustomerArchived{firm, {}}, logged);
  const auto folded = spec.fold<KnownCustomer>(firm);
  REQUIRE(folded);
  CHECK(folded->version == Position(2));
  CHECK(folded->state.archived);
}

TEST_CASE("an undated event counts from when it was recorded") {
  EventInfo info;
  info.recorded_at = Timestamp(7);
  CHECK(info.happened_at() == Timestamp(7));
  info.occurred_at = Timestamp(3);
  CHECK(info.happened_at() == Timestamp(3));
}

}  // namespace factum
