// Executing commands: what is recorded, races that are decided again, retries, versions.
#include "core/es/command_bus.hpp"

#include "core/crm/catalog.hpp"
#include "core/crm/customer.hpp"
#include "core/es/command_runner.hpp"
#include "core/es/log_model_reader.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/support/interposed_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

namespace factum {
namespace {

using namespace test;
using namespace crm;

RegisterCustomer registration(std::string name) {
  RegisterCustomer command;
  command.kind = CustomerType::person;
  command.name = std::move(name);
  return command;
}

RegisterCustomer with_email(RegisterCustomer command, std::string email) {
  command.contact_points = {{ContactPointKind::email, {}, std::move(email), {}}};
  return command;
}

CommandMeta with_key(std::string key, std::string fingerprint = "POST /v1/customers {}") {
  CommandMeta meta;
  meta.idempotency_key = std::move(key);
  meta.request_fingerprint = std::move(fingerprint);
  return meta;
}

CommandMeta with_version(Position version) {
  CommandMeta meta;
  meta.if_match = version;
  return meta;
}

struct Fixture {
  ManualClock clock;
  UuidV7Source ids{clock};
  std::unique_ptr<EventStore> memory = make_memory_event_store(clock);
  InterposedStore store{*memory};
  PlainSealer sealer;
  EventCodec codec{event_catalog(), sealer};
  CommandBus bus{store, codec, clock, ids};

  template <class C>
  Result<CommandOutcome> run(C command, CommandMeta meta = {}) {
    return run_command(bus, std::move(command), std::move(meta));
  }
  CustomerId anna() {
    const auto made = run(registration("Anna"));
    REQUIRE(made);
    return CustomerId{made->id};
  }
  std::vector<RecordedEvent> log() { return store.read({}, {}).value(); }
  Customer customer(CustomerId id) {
    LogModelReader reader(store, codec, store.head());
    return reader.fold<Customer>(id).value().state;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a command records its events together, with who, when and why") {
  CommandMeta meta;
  meta.actor = "user:7";
  meta.causation_id = test_id(3);
  const auto made = run(with_email(registration("Anna"), "a@b.de"), meta);
  REQUIRE(made);
  CHECK(made->first == Position(1));
  CHECK(made->last == Position(2));
  const auto events = log();
  REQUIRE(events.size() == 2);
  CHECK(events[0].record.type == "CustomerRegistered");
  CHECK(events[1].record.type == "CustomerContactPointAdded");
  for (const RecordedEvent& event : events) {
    CHECK(event.record.tags == std::vector{CustomerId{made->id}.tag()});
    CHECK(event.record.actor == "user:7");
    CHECK(event.record.source == Source::api);
    CHECK(event.record.causation_id == test_id(3));
    CHECK(event.record.correlation_id == events[0].record.correlation_id);
    CHECK_FALSE(event.record.correlation_id.is_nil());
    CHECK(event.record.occurred_at == clock.now());
    CHECK(event.record.broken_rules.empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "subjects get their id from the sealer, so that their key is ready") {
  CHECK(anna().uuid == test_id(1'000'001));
}

TEST_CASE_FIXTURE(Fixture, "a command that changes nothing records nothing") {
  const CustomerId id = anna();
  const auto outcome = run(RestoreCustomer{{id}});
  REQUIRE(outcome);
  CHECK(outcome->first == Position(0));
  CHECK(outcome->id == id.uuid);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a command without a target is refused unless it makes one") {
  const auto outcome = run(RestoreCustomer{});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::invalid_argument);
}

TEST_CASE_FIXTURE(Fixture, "it happened when the caller says, or now") {
  CommandMeta meta;
  meta.occurred_at = Timestamp(5);
  REQUIRE(run(registration("Anna"), meta));
  CHECK(log().back().record.occurred_at == Timestamp(5));
  clock.advance(kMicrosPerDay);
  REQUIRE(run(registration("Bert")));
  CHECK(log().back().record.occurred_at == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "an import may be undated, and records the rules it breaks") {
  CommandMeta meta;
  meta.source = Source::import;
  RegisterCustomer command = registration("Anna");
  command.parent = CustomerId{test_id(99)};
  REQUIRE(run(command, meta));
  const EventRecord record = log().back().record;
  CHECK(record.source == Source::import);
  CHECK_FALSE(record.occurred_at);
  CHECK(record.broken_rules == std::vector<std::string>{"customer.unknown_parent"});
}

TEST_CASE_FIXTURE(Fixture, "a rule that refuses leaves the log alone") {
  RegisterCustomer command = registration("Anna");
  command.parent = CustomerId{test_id(99)};
  const auto outcome = run(command);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().rule == "customer.unknown_parent");
  CHECK(store.appends == 0);
}

TEST_CASE_FIXTURE(Fixture, "a decision that lost a race is taken again on what is true now") {
  const CustomerId id = anna();
  bool raced = false;
  store.before_append = [&] {
    if (!std::exchange(raced, true)) REQUIRE(run(ApplyTag{{id}, "vip"}));
  };
  SUBCASE("and may still change something") {
    const auto outcome = run(ApplyTag{{id}, "new"});
    REQUIRE(outcome);
    CHECK(outcome->last == Position(3));
    CHECK(customer(id).tags == std::vector<std::string>{"new", "vip"});
  }
  SUBCASE("or find that nothing is left to do") {
    const auto outcome = run(ApplyTag{{id}, "vip"});
    REQUIRE(outcome);
    CHECK(outcome->first == Position(0));
    CHECK(log().size() == 2);
  }
}

TEST_CASE_FIXTURE(Fixture, "a change elsewhere is no race") {
  const CustomerId id = anna();
  store.before_append = [&] { REQUIRE(run(registration("Bert"))); };
  store.appends = 0;
  REQUIRE(run(ApplyTag{{id}, "vip"}));
  CHECK(store.appends == 2);
}

TEST_CASE_FIXTURE(Fixture, "a reference that changes in the meantime is a race too") {
  const CustomerId id = anna();
  const CustomerId parent{run(registration("Firm"))->id};
  bool raced = false;
  store.before_append = [&] {
    if (!std::exchange(raced, true)) REQUIRE(run(ChangeCustomerParent{{parent}, id}));
  };
  const auto outcome = run(ChangeCustomerParent{{id}, parent});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().rule == "customer.parent_cycle");
}

TEST_CASE_FIXTURE(Fixture, "somebody who always loses gives up after sixteen attempts") {
  const CustomerId id = anna();
  int tags = 0;
  store.before_append = [&] { REQUIRE(run(ApplyTag{{id}, "t" + std::to_string(++tags)})); };
  const auto outcome = run(ApplyTag{{id}, "vip"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::condition_failed);
  CHECK(tags == 16);
}

TEST_CASE_FIXTURE(Fixture, "a claim that is taken in the meantime is a rule that refuses") {
  bool raced = false;
  store.before_append = [&] {
    if (!std::exchange(raced, true)) REQUIRE(run(with_email(registration("Bert"), "A@B.de")));
  };
  const auto outcome = run(with_email(registration("Anna"), "a@b.de"));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::rule_violation);
  CHECK(outcome.error().rule == "customer.email_taken");
}

TEST_CASE_FIXTURE(Fixture, "a retry under the same key gets the first outcome") {
  const auto first = run(with_email(registration("Anna"), "a@b.de"), with_key("k1"));
  REQUIRE(first);
  CHECK_FALSE(first->replayed);
  const auto again = run(with_email(registration("Anna"), "a@b.de"), with_key("k1"));
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->id == first->id);
  CHECK(again->first == first->first);
  CHECK(again->last == first->last);
  CHECK(log().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "another request under the same key is refused") {
  REQUIRE(run(registration("Anna"), with_key("k1")));
  const auto other = run(registration("Bert"), with_key("k1", "POST /v1/customers {\"name\":1}"));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::idempotency_mismatch);
}

TEST_CASE_FIXTURE(Fixture, "keys of different actors have nothing to do with each other") {
  REQUIRE(run(registration("Anna"), with_key("k1")));
  CommandMeta meta = with_key("k1");
  meta.actor = "user:7";
  const auto other = run(registration("Bert"), meta);
  REQUIRE(other);
  CHECK_FALSE(other->replayed);
}

TEST_CASE_FIXTURE(Fixture, "a retry that overtakes its first try is not refused for its success") {
  bool raced = false;
  const RegisterCustomer command = with_email(registration("Anna"), "a@b.de");
  Uuid first_id;
  store.before_append = [&] {
    if (std::exchange(raced, true)) return;
    const auto first = run(command, with_key("k1"));
    REQUIRE(first);
    first_id = first->id;
  };
  const auto retry = run(command, with_key("k1"));
  REQUIRE(retry);
  CHECK(retry->replayed);
  CHECK(retry->id == first_id);
  CHECK(log().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "only the version that the caller has seen is changed") {
  const CustomerId id = anna();
  REQUIRE(run(ApplyTag{{id}, "vip"}, with_version(Position(1))));
  const auto stale = run(ApplyTag{{id}, "new"}, with_version(Position(1)));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == ErrorCode::version_conflict);
  CHECK(stale.error().position == 2);
  REQUIRE(run(ApplyTag{{id}, "new"}, with_version(Position(2))));
}

TEST_CASE_FIXTURE(Fixture, "a version that changes in the meantime is a conflict") {
  const CustomerId id = anna();
  bool raced = false;
  store.before_append = [&] {
    if (!std::exchange(raced, true)) REQUIRE(run(ApplyTag{{id}, "new"}));
  };
  const auto outcome = run(ApplyTag{{id}, "vip"}, with_version(Position(1)));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::version_conflict);
}

TEST_CASE_FIXTURE(Fixture, "what the store refuses is passed on and not tried again") {
  for (ErrorCode code : {ErrorCode::overloaded, ErrorCode::outcome_unknown, ErrorCode::unavailable,
                         ErrorCode::limit_exceeded}) {
    store.refuse_with = code;
    store.appends = 0;
    const auto outcome = run(registration("Anna"));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(store.appends == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "nothing is recorded for somebody who was erased") {
  const CustomerId id = anna();
  sealer.erase(id.uuid);
  const auto outcome = run(ChangeCustomerDetails{{id}, "Anna B.", {}});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::erased);
  CHECK(log().size() == 1);
  CHECK(run(ApplyTag{{id}, "gone"}));
}

TEST_CASE_FIXTURE(Fixture, "a decision reads the log as it was at one moment") {
  const CustomerId id = anna();
  REQUIRE(run(ApplyTag{{id}, "vip"}));
  LogModelReader reader(store, codec, Position(1));
  const auto folded = reader.fold<Customer>(id);
  REQUIRE(folded);
  CHECK(folded->version == Position(1));
  CHECK(folded->state.tags.empty());
  CHECK(reader.condition().after == Position(1));
  CHECK(reader.condition().fail_if_events_match.items.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an entity with more events than a page holds is folded whole") {
  const CustomerId id = anna();
  constexpr int kTags = 1200;
  for (int tag = 0; tag < kTags; ++tag) REQUIRE(run(ApplyTag{{id}, std::to_string(tag)}));
  CHECK(customer(id).tags.size() == kTags);
}

TEST_CASE_FIXTURE(Fixture, "what happened lies between 1900 and a day from now") {
  const CustomerId id = anna();
  const auto outcome = [&](Timestamp at, Source source = Source::api) {
    CommandMeta meta;
    meta.occurred_at = at;
    meta.source = source;
    return run(ApplyTag{{id}, "at " + to_string(at)}, meta);
  };
  const Timestamp first = start_of(parse_date("1900-01-01").value());
  const Timestamp last(clock.now().value() + kMicrosPerDay);
  CHECK(outcome(first));
  CHECK(outcome(last));
  for (const Timestamp at : {Timestamp(first.value() - 1), Timestamp(last.value() + 1),
                             parse_timestamp("0000-01-01T00:00:00Z").value(),
                             parse_timestamp("9999-12-31T23:59:59Z").value()}) {
    for (const Source source : {Source::api, Source::import}) {
      const auto refused = outcome(at, source);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::invalid_argument);
      REQUIRE(refused.error().fields.size() == 1);
      CHECK(refused.error().fields[0].pointer == "/occurred_at");
      CHECK(refused.error().fields[0].code == "range");
    }
  }
}

}  // namespace factum
