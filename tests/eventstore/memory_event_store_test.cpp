// The memory store against the contract.
#include "eventstore/memory_event_store.hpp"

#include "tests/support/manual_clock.hpp"

namespace factum::test {
namespace {

class MemoryHarness {
 public:
  EventStore& store() { return *store_; }
  ManualClock& clock() { return clock_; }
  void between_steps() {}

 private:
  ManualClock clock_;
  std::unique_ptr<EventStore> store_ = make_memory_event_store(clock_);
};

}  // namespace
}  // namespace factum::test

#define FACTUM_STORE_HARNESSES MemoryHarness
#include "tests/support/store_contract.hpp"

using namespace factum;
using namespace factum::test;

TEST_CASE("a subscription that outlives its memory store says that the log is closing") {
  ManualClock clock;
  auto store = make_memory_event_store(clock);
  auto subscription = store->subscribe({}, Position(0));
  REQUIRE(subscription);
  store.reset();
  CHECK(outcome_of((*subscription)->next(1, std::chrono::milliseconds(60'000))) == "unavailable");
}
