// Corrections of how deals were closed, and whose they are, in the view customer_360.
#include "core/crm/deal_events.hpp"
#include "core/es/json_writer.hpp"
#include "projections/as_of.hpp"
#include "projections/customer_360.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {
namespace {

using test::at;
using test::id_of;
using test::TestLog;

const auto kAnna = id_of<crm::CustomerId>(1);
const auto kBerg = id_of<crm::CustomerId>(2);
const auto kPipeline = id_of<crm::PipelineId>(9);

// Anna has two deals of 100 euros.
struct Fixture : TestLog {
  Fixture() {
    for (const std::uint64_t deal : {1U, 2U}) {
      auto event = test::made<crm::DealOpened>([&](auto& e) {
        e.deal = id_of<crm::DealId>(deal);
        e.pipeline = kPipeline;
      });
      event.customer = kAnna;
      event.stage = "lead";
      event.amount = Money{100, "EUR"};
      record(event, "2026-01-01");
    }
  }

  void win(std::uint64_t deal, std::optional<Timestamp> when,
           const crm::CustomerId& customer = kAnna) {
    record(crm::DealWon{id_of<crm::DealId>(deal), customer, kPipeline, "lead", Money{150, "EUR"}},
           when);
  }
  void lose(std::uint64_t deal, const char* reason, std::optional<Timestamp> when) {
    record(crm::DealLost{id_of<crm::DealId>(deal), kAnna, kPipeline, "lead", reason, {}}, when);
  }
  void reopen(std::uint64_t deal) {
    record(crm::DealReopened{id_of<crm::DealId>(deal), kAnna, kPipeline, "lead", {}}, "2026-03-01");
  }
  void assign(std::uint64_t deal, const crm::CustomerId& to, const crm::CustomerId& from) {
    record(crm::DealCustomerAssigned{id_of<crm::DealId>(deal), to, from}, "2026-03-01");
  }
  // As they are now, once of the whole log and once of what concerns the customer alone.
  Deals360 deals_of(const crm::CustomerId& customer) {
    const View view = test::view_named("customer_360");
    const auto alone = fold_as_of(view, store(), codec(), {customer.tag(), store().head()});
    REQUIRE(alone);
    auto answer = customer_360(*test::view_of(*this, "customer_360"), customer);
    const auto answer_alone = customer_360(**alone, customer);
    REQUIRE(answer);
    REQUIRE(answer_alone);
    CHECK(to_json(*answer_alone) == to_json(*answer));
    return std::move(answer->deals);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a win that is told again with an earlier date is no longer the last") {
  win(1, at("2026-02-09"));
  win(2, at("2026-02-05"));
  CHECK(deals_of(kAnna).last_won_at == at("2026-02-09"));
  win(1, at("2026-02-03"));
  CHECK(deals_of(kAnna).last_won_at == at("2026-02-05"));
  win(2, at("2026-02-01"));
  CHECK(deals_of(kAnna).last_won_at == at("2026-02-03"));
  win(1, std::nullopt);
  CHECK(deals_of(kAnna).last_won_at == at("2026-02-01"));
  win(2, std::nullopt);
  CHECK_FALSE(deals_of(kAnna).last_won_at);
}

TEST_CASE_FIXTURE(Fixture, "a loss that was a win leaves nothing behind, and the other way round") {
  lose(1, "price", at("2026-02-05"));
  win(1, at("2026-02-05"));
  Deals360 deals = deals_of(kAnna);
  CHECK(deals.lost == 0);
  CHECK_FALSE(deals.last_lost_at);
  CHECK_FALSE(deals.last_lost_reason);
  CHECK(deals.last_won_at == at("2026-02-05"));
  CHECK(deals.won_value == Tallies{{1, {150, "EUR"}}});
  lose(1, "time", at("2026-02-06"));
  deals = deals_of(kAnna);
  CHECK(deals.won == 0);
  CHECK_FALSE(deals.last_won_at);
  CHECK(deals.last_lost_at == at("2026-02-06"));
  CHECK(deals.last_lost_reason == "time");
}

TEST_CASE_FIXTURE(Fixture, "the reason shown is that of the last loss, as corrected") {
  lose(1, "price", at("2026-02-05"));
  lose(2, "time", at("2026-02-03"));
  CHECK(deals_of(kAnna).last_lost_reason == "price");
  lose(1, "quality", at("2026-02-05"));
  CHECK(deals_of(kAnna).last_lost_reason == "quality");
  lose(1, "", at("2026-02-05"));
  CHECK_FALSE(deals_of(kAnna).last_lost_reason);
  lose(1, "quality", at("2026-02-01"));
  CHECK(deals_of(kAnna).last_lost_reason == "time");
  CHECK(deals_of(kAnna).last_lost_at == at("2026-02-03"));
  lose(2, "time", std::nullopt);
  CHECK(deals_of(kAnna).last_lost_reason == "quality");
  win(1, at("2026-02-09"));
  CHECK(deals_of(kAnna).last_lost_reason == "time");
  CHECK_FALSE(deals_of(kAnna).last_lost_at);
}

TEST_CASE_FIXTURE(Fixture, "a reopened deal is not the last one closed") {
  win(1, at("2026-02-05"));
  win(2, at("2026-02-07"));
  reopen(2);
  Deals360 deals = deals_of(kAnna);
  CHECK(deals.last_won_at == at("2026-02-05"));
  CHECK(deals.open_value == Tallies{{1, {100, "EUR"}}});
  lose(2, "price", at("2026-03-02"));
  reopen(2);
  deals = deals_of(kAnna);
  CHECK(deals.lost == 0);
  CHECK_FALSE(deals.last_lost_at);
  CHECK_FALSE(deals.last_lost_reason);
}

TEST_CASE_FIXTURE(Fixture,
                  "what was closed last goes with the deal to another customer, and back") {
  win(1, at("2026-02-05"));
  lose(2, "price", at("2026-02-07"));
  assign(1, kBerg, kAnna);
  assign(2, kBerg, kAnna);
  CHECK_FALSE(deals_of(kAnna).last_won_at);
  CHECK_FALSE(deals_of(kAnna).last_lost_at);
  CHECK_FALSE(deals_of(kAnna).last_lost_reason);
  CHECK(deals_of(kBerg).last_won_at == at("2026-02-05"));
  CHECK(deals_of(kBerg).last_lost_at == at("2026-02-07"));
  CHECK(deals_of(kBerg).last_lost_reason == "price");
  assign(2, kAnna, kBerg);
  CHECK(deals_of(kAnna).last_lost_reason == "price");
  CHECK_FALSE(deals_of(kBerg).last_lost_at);
}

TEST_CASE_FIXTURE(Fixture, "later events of a deal count at the customer who has it now") {
  assign(1, kBerg, kAnna);
  win(1, at("2026-02-05"), kAnna);
  CHECK(deals_of(kAnna).won == 0);
  CHECK_FALSE(deals_of(kAnna).last_won_at);
  CHECK(deals_of(kBerg).won == 1);
  CHECK(deals_of(kBerg).open == 0);
  CHECK(deals_of(kBerg).last_won_at == at("2026-02-05"));
}

}  // namespace factum::projections
