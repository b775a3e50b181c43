// Corrections of orders and returns count once, and where they belong, in every view of orders.
#include "core/crm/order_events.hpp"
#include "projections/customer_360.hpp"
#include "projections/purchase_history.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {
namespace {

using test::id_of;
using test::TestLog;

const auto kAnna = id_of<crm::CustomerId>(1);
const auto kBerg = id_of<crm::CustomerId>(2);
const auto kOrder = id_of<crm::OrderId>(3);
const auto kReturn = id_of<crm::ReturnId>(4);

Money euros(std::int64_t amount) { return {amount * 100, "EUR"}; }

std::vector<crm::OrderLine> one_line(std::int64_t amount) {
  return {{{}, "A", 1, "", euros(amount)}};
}

// Anna ordered for 50 euros.
struct Fixture : TestLog {
  Fixture() {
    auto event = test::made<crm::OrderPlaced>([](auto& e) { e.order = kOrder; });
    event.customer = kAnna;
    event.number = "1";
    event.currency = "EUR";
    event.lines = one_line(50);
    event.total = euros(50);
    event.country = "DE";
    record(event, "2026-01-05");
  }

  Orders360 orders_of(const crm::CustomerId& customer) {
    auto answer = customer_360(*test::view_of(*this, "customer_360"), customer);
    REQUIRE(answer);
    return answer->orders;
  }
  std::vector<PurchaseEntry> history_of(const crm::CustomerId& customer) {
    PurchaseQuery query;
    query.customer = customer;
    auto page = purchase_history(*test::view_of(*this, "purchase_history"), query);
    REQUIRE(page);
    return page->items;
  }
  RevenueAnswer revenue_of_all() {
    auto answer = revenue(*test::view_of(*this, "purchase_history"), {});
    REQUIRE(answer);
    return std::move(*answer);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an order of another customer leaves the former one") {
  record(crm::OrderCustomerAssigned{kOrder, kBerg, kAnna}, "2026-01-05");
  record(crm::OrderCorrected{kOrder, kBerg, one_line(60), euros(60), euros(50), "DE"},
         "2026-01-05");
  CHECK(orders_of(kAnna).count == 0);
  CHECK(orders_of(kBerg).count == 1);
  CHECK(orders_of(kBerg).net_revenue == std::vector<Money>{euros(60)});
  CHECK(history_of(kAnna).empty());
  const auto history = history_of(kBerg);
  REQUIRE(history.size() == 1);
  CHECK(history[0].amount == euros(60));
  CHECK(revenue_of_all().net == std::vector<Money>{euros(60)});
}

TEST_CASE_FIXTURE(Fixture,
                  "a corrected return counts once, in the month and country it came back") {
  auto event = test::made<crm::ReturnReceived>([](auto& e) { e.return_id = kReturn; });
  event.customer = kAnna;
  event.lines = one_line(20);
  event.total = euros(20);
  event.country = "FR";
  record(event, "2026-02-05");
  record(crm::ReturnCorrected{kReturn, {}, kAnna, one_line(30), euros(30), euros(20)},
         "2026-03-05");
  CHECK(orders_of(kAnna).returns == 1);
  CHECK(orders_of(kAnna).net_revenue == std::vector<Money>{euros(20)});
  const auto history = history_of(kAnna);
  REQUIRE(history.size() == 2);
  CHECK(history[0].amount == euros(30));
  const RevenueAnswer revenue = revenue_of_all();
  CHECK(revenue.net == std::vector<Money>{euros(20)});
  REQUIRE(revenue.cells.size() == 2);
  CHECK(revenue.cells[1].country == "FR");
  CHECK(revenue.cells[1].returned == euros(30));
}

}  // namespace factum::projections
