// The demo company is the same for the same seed, and breaks no rule.
#include "api/demo/demo_writer.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace factum;
using namespace factum::test;

namespace {

const Timestamp kUntil = *parse_timestamp("2026-01-01T00:00:00Z");

struct World {
  ManualClock clock{kUntil};
  UuidV7Source ids{clock};
  PlainSealer sealer;
  EventCodec codec{crm::event_catalog(), sealer};
  std::unique_ptr<EventStore> store = make_memory_event_store(clock);
  CommandBus bus{*store, codec, clock, ids};

  std::vector<RecordedEvent> fill(std::uint64_t seed, std::size_t customers) {
    const demo::DemoOptions options{seed, customers, kUntil};
    const auto result = demo::write_demo(bus, options, [](std::size_t) { return true; });
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
    return *store->read({}, {.limit = 1'000'000});
  }
};

}  // namespace

TEST_CASE("the same seed gives the same facts, another seed others") {
  World one;
  World two;
  World other;
  const auto first = one.fill(7, 30);
  const auto second = two.fill(7, 30);
  const auto third = other.fill(8, 30);
  REQUIRE(first.size() == second.size());
  bool differs = first.size() != third.size();
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].record.data == second[i].record.data);
    CHECK(first[i].record.occurred_at == second[i].record.occurred_at);
    CHECK(first[i].ciphertexts == second[i].ciphertexts);
    differs = differs || first[i].record.data != third[i].record.data;
  }
  CHECK(differs);
}

TEST_CASE("the demo company shows every part of the CRM and breaks no rule") {
  World world;
  std::map<std::string, int> types;
  for (const RecordedEvent& event : world.fill(1, 100)) {
    ++types[event.record.type];
    CHECK(event.record.broken_rules.empty());
    CHECK(event.record.occurred_at.has_value());
    CHECK(*event.record.occurred_at <= *parse_timestamp("2026-01-01T00:00:00Z"));
  }
  for (const char* type :
       {"CustomerRegistered", "ContactCreated", "InteractionLogged", "DealOpened", "DealWon",
        "DealLost", "OrderPlaced", "PaymentReceived", "ReturnReceived", "RefundIssued",
        "TicketOpened", "TicketResolved", "SurveyAnswered"}) {
    CHECK_MESSAGE(types[type] > 0, type);
  }
}
