// Corrections of orders and returns count once, and where they belong, in every view of orders.
#include "core/crm/order_events.hpp"
#include "core/es/json_writer.hpp"
#include "projections/as_of.hpp"
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

  // The view as it is now, once of the whole log and once of what concerns the customer alone.
  std::vector<std::unique_ptr<ViewReader>> views(const char* name,
                                                 const crm::CustomerId& customer) {
    auto alone =
        fold_as_of(test::view_named(name), store(), codec(), {customer.tag(), store().head()});
    REQUIRE(alone);
    std::vector<std::unique_ptr<ViewReader>> both;
    both.push_back(test::view_of(*this, name));
    both.push_back(std::move(*alone));
    return both;
  }
  Orders360 orders_of(const crm::CustomerId& customer) {
    const auto both = views("customer_360", customer);
    auto answer = customer_360(*both[0], customer);
    auto alone = customer_360(*both[1], customer);
    REQUIRE(answer);
    REQUIRE(alone);
    CHECK(to_json(*alone) == to_json(*answer));
    return answer->orders;
  }
  std::vector<PurchaseEntry> history_of(const crm::CustomerId& customer) {
    PurchaseQuery query;
    query.customer = customer;
    const auto both = views("purchase_history", customer);
    auto page = purchase_history(*both[0], query);
    const auto alone = purchase_history(*both[1], query);
    REQUIRE(page);
    REQUIRE(alone);
    CHECK(alone->items.size() == page->items.size());
    for (std::size_t i = 0; i < std::min(alone->items.size(), page->items.size()); ++i)
      CHECK(to_json(alone->items[i]) == to_json(page->items[i]));
    return page->items;
  }
  // Pays 30 of the order, gives back 20 of it, gets 5 back and 1 off.
  void pay_and_return(const std::optional<crm::CustomerId>& customer) {
    record(crm::PaymentReceived{kOrder, customer, euros(30), {}, {}}, "2026-01-06");
    auto back = test::made<crm::ReturnReceived>([](auto& e) { e.return_id = kReturn; });
    back.order = kOrder;
    back.customer = customer;
    back.lines = one_line(20);
    back.total = euros(20);
    record(back, "2026-01-07");
    record(crm::RefundIssued{kOrder, customer, kReturn, euros(5), {}}, "2026-01-08");
    record(crm::AdjustmentRecorded{kOrder, customer, "B1", euros(-1), {}, "rebate"}, "2026-01-09");
  }
  void check_has_nothing(const crm::CustomerId& customer) {
    const Orders360 orders = orders_of(customer);
    CHECK(orders.count == 0);
    CHECK(orders.returns == 0);
    CHECK(orders.cancelled == 0);
    CHECK(orders.placed.empty());
    CHECK(orders.average_value.empty());
    for (const MoneySums* sums : {&orders.net_revenue, &orders.paid, &orders.refunded}) {
      for (const MoneySum& sum : *sums) CHECK(sum.minor == 0);
    }
    CHECK_FALSE(orders.first_at);
    CHECK_FALSE(orders.last_at);
    CHECK(history_of(customer).empty());
  }
  void check_has_all(const crm::CustomerId& customer) {
    const Orders360 orders = orders_of(customer);
    CHECK(orders.count == 1);
    CHECK(orders.returns == 1);
    CHECK(orders.net_revenue == MoneySums{{2900, "EUR"}});
    CHECK(orders.average_value == MoneySums{{5000, "EUR"}});
    CHECK(orders.paid == MoneySums{{3000, "EUR"}});
    CHECK(orders.refunded == MoneySums{{500, "EUR"}});
    CHECK(orders.first_at == test::at("2026-01-05"));
    CHECK(orders.last_at == test::at("2026-01-05"));
    const auto history = history_of(customer);
    REQUIRE(history.size() == 5);
    CHECK(history[0].kind == PurchaseKind::adjustment);
    CHECK(history[1].kind == PurchaseKind::refund);
    CHECK(history[2].kind == PurchaseKind::goods_return);
    CHECK(history[3].kind == PurchaseKind::payment);
    CHECK(history[4].kind == PurchaseKind::order);
    CHECK(history[4].number == "1");
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
  CHECK(orders_of(kBerg).net_revenue == MoneySums{{6000, "EUR"}});
  CHECK(history_of(kAnna).empty());
  const auto history = history_of(kBerg);
  REQUIRE(history.size() == 1);
  CHECK(history[0].amount == euros(60));
  CHECK(revenue_of_all().net == MoneySums{{6000, "EUR"}});
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
  CHECK(orders_of(kAnna).net_revenue == MoneySums{{2000, "EUR"}});
  const auto history = history_of(kAnna);
  REQUIRE(history.size() == 2);
  CHECK(history[0].amount == euros(30));
  const RevenueAnswer revenue = revenue_of_all();
  CHECK(revenue.net == MoneySums{{2000, "EUR"}});
  REQUIRE(revenue.cells.size() == 2);
  CHECK(revenue.cells[1].country == "FR");
  CHECK(revenue.cells[1].returned == euros(30));
}

TEST_CASE_FIXTURE(Fixture, "all that is about an order follows it to another customer, and back") {
  pay_and_return(kAnna);
  check_has_all(kAnna);
  record(crm::OrderCustomerAssigned{kOrder, kBerg, kAnna}, "2026-01-10");
  check_has_nothing(kAnna);
  check_has_all(kBerg);
  CHECK(revenue_of_all().net == MoneySums{{2900, "EUR"}});
  record(crm::OrderCustomerAssigned{kOrder, kAnna, kBerg}, "2026-01-11");
  check_has_all(kAnna);
  check_has_nothing(kBerg);
}

TEST_CASE_FIXTURE(Fixture, "what is about an order of nobody comes to its first customer") {
  const auto nobodys = id_of<crm::OrderId>(30);
  auto event = test::made<crm::OrderPlaced>([&](auto& e) { e.order = nobodys; });
  event.number = "2";
  event.currency = "EUR";
  event.lines = one_line(70);
  event.total = euros(70);
  record(event, "2026-01-05");
  record(crm::PaymentReceived{nobodys, {}, euros(70), {}, {}}, "2026-01-06");
  record(crm::OrderCustomerAssigned{nobodys, kBerg, {}}, "2026-01-07");
  CHECK(orders_of(kBerg).count == 1);
  CHECK(orders_of(kBerg).paid == MoneySums{{7000, "EUR"}});
  const auto history = history_of(kBerg);
  REQUIRE(history.size() == 2);
  CHECK(history[1].number == "2");
  CHECK(history[1].amount == euros(70));
}

TEST_CASE_FIXTURE(Fixture, "corrected payments, refunds and times count once in every view") {
  pay_and_return(kAnna);
  const auto all = store().read({}, {});
  REQUIRE(all);
  const Uuid payment = (*all)[1].record.event_id;
  const Uuid refund = (*all)[3].record.event_id;
  record(
      crm::PaymentCorrected{kOrder, kAnna, payment, euros(40), euros(30), test::at("2026-03-06")},
      "2026-03-06");
  record(crm::RefundCorrected{kOrder, kAnna, kReturn, refund, euros(6), euros(5),
                              test::at("2026-01-08")},
         "2026-01-08");
  crm::OrderDetailsCorrected moved;
  moved.order = kOrder;
  moved.customer = kAnna;
  moved.placed_at = test::at("2026-02-01");
  record(moved, "2026-02-01");
  record(
      crm::ReturnDetailsCorrected{kReturn, kOrder, kAnna, test::at("2026-04-07"), "FR", "broken"},
      "2026-04-07");
  const auto check = [&](const crm::CustomerId& customer) {
    const Orders360 orders = orders_of(customer);
    CHECK(orders.paid == MoneySums{{4000, "EUR"}});
    CHECK(orders.refunded == MoneySums{{600, "EUR"}});
    CHECK(orders.first_at == test::at("2026-02-01"));
    CHECK(orders.last_at == test::at("2026-02-01"));
    const auto history = history_of(customer);
    REQUIRE(history.size() == 5);
    CHECK(history[0].kind == PurchaseKind::goods_return);
    CHECK(history[0].happened_at == test::at("2026-04-07"));
    CHECK(history[0].country == "FR");
    CHECK(history[0].reason == "broken");
    CHECK(history[1].kind == PurchaseKind::payment);
    CHECK(history[1].amount == euros(40));
    CHECK(history[2].kind == PurchaseKind::order);
    CHECK(history[2].occurred_at == test::at("2026-02-01"));
    CHECK(history[4].kind == PurchaseKind::refund);
    CHECK(history[4].amount == euros(6));
  };
  check(kAnna);
  const auto cells = revenue_of_all().cells;
  REQUIRE(cells.size() == 3);
  CHECK(to_string(*cells[0].month) == "2026-01-01");
  CHECK(cells[0].adjusted == euros(-1));
  CHECK(to_string(*cells[1].month) == "2026-02-01");
  CHECK(cells[1].ordered == euros(50));
  CHECK(to_string(*cells[2].month) == "2026-04-01");
  CHECK(cells[2].country == "FR");
  CHECK(cells[2].returned == euros(20));
  record(crm::OrderCustomerAssigned{kOrder, kBerg, kAnna}, "2026-05-05");
  check(kBerg);
  check_has_nothing(kAnna);
}

TEST_CASE_FIXTURE(Fixture, "a return without an order gets another time") {
  auto back = test::made<crm::ReturnReceived>([](auto& e) { e.return_id = kReturn; });
  back.customer = kAnna;
  back.lines = one_line(20);
  back.total = euros(20);
  record(back, "2026-01-07");
  record(crm::ReturnDetailsCorrected{kReturn, {}, kAnna, test::at("2025-12-31"), {}, {}},
         "2025-12-31");
  const auto history = history_of(kAnna);
  REQUIRE(history.size() == 2);
  CHECK(history[1].kind == PurchaseKind::goods_return);
  CHECK(history[1].occurred_at == test::at("2025-12-31"));
}

TEST_CASE_FIXTURE(Fixture, "returns and adjustments follow the country of their order") {
  const auto cells = [&] {
    std::string text;
    for (const RevenueCell& cell : revenue_of_all().cells)
      text += to_string(*cell.month).substr(5, 2) + cell.country + " " +
              std::to_string(static_cast<std::int64_t>(cell.net.minor / 100)) + " ";
    return text;
  };
  const auto correct = [&](const std::optional<std::string>& country) {
    record(crm::OrderCorrected{kOrder, kAnna, one_line(50), euros(50), euros(50), country},
           "2026-03-01");
  };
  pay_and_return(kAnna);
  auto back = test::made<crm::ReturnReceived>([](auto& e) {
    e.return_id = id_of<crm::ReturnId>(5);
    e.order = kOrder;
  });
  back.lines = one_line(3);
  back.total = euros(3);
  back.country = "IT";
  record(back, "2026-02-07");
  CHECK(cells() == "01DE 29 02IT -3 ");
  correct("FR");
  CHECK(cells() == "01FR 29 02IT -3 ");
  record(crm::ReturnCorrected{kReturn, kOrder, kAnna, one_line(10), euros(10), euros(20)},
         "2026-03-01");
  CHECK(cells() == "01FR 39 02IT -3 ");
  record(crm::ReturnDetailsCorrected{back.return_id, kOrder, {}, {}, "", {}}, "2026-03-01");
  CHECK(cells() == "01FR 39 02FR -3 ");
  correct("");
  CHECK(cells() == "01 39 02 -3 ");
  record(crm::ReturnDetailsCorrected{kReturn, kOrder, kAnna, test::at("2026-02-01"), "ES", {}},
         "2026-03-01");
  correct("DE");
  CHECK(cells() == "01DE 49 02DE -3 02ES -10 ");
}

TEST_CASE_FIXTURE(Fixture, "what is about an order that is recorded later moves to its country") {
  const auto later = id_of<crm::OrderId>(31);
  record(crm::AdjustmentRecorded{later, {}, "B1", euros(-7), {}, "rebate"}, "2026-02-02");
  auto back = test::made<crm::ReturnReceived>([&](auto& e) { e.return_id = kReturn; });
  back.order = later;
  back.lines = one_line(3);
  back.total = euros(3);
  record(back, std::nullopt);
  RevenueAnswer answer = revenue_of_all();
  REQUIRE(answer.cells.size() == 2);
  CHECK(answer.cells[1].country.empty());
  CHECK(answer.cells[1].adjusted == euros(-7));
  REQUIRE(answer.undated.size() == 1);
  CHECK(answer.undated[0].country.empty());
  auto event = test::made<crm::OrderPlaced>([&](auto& e) { e.order = later; });
  event.number = "2";
  event.currency = "EUR";
  event.lines = one_line(70);
  event.total = euros(70);
  event.country = "FR";
  record(event, "2026-02-01");
  answer = revenue_of_all();
  REQUIRE(answer.cells.size() == 2);
  CHECK(answer.cells[1].country == "FR");
  CHECK(answer.cells[1].net == euros(63));
  REQUIRE(answer.undated.size() == 1);
  CHECK(answer.undated[0].country == "FR");
  CHECK(answer.undated[0].returned == euros(3));
}

TEST_CASE_FIXTURE(Fixture, "later events count at the customer who has the order now") {
  record(crm::OrderCustomerAssigned{kOrder, kBerg, kAnna}, "2026-01-05");
  pay_and_return(kAnna);
  check_has_nothing(kAnna);
  CHECK(orders_of(kBerg).returns == 1);
  record(crm::ReturnCorrected{kReturn, kOrder, kAnna, one_line(10), euros(10), euros(20)},
         "2026-02-01");
  check_has_nothing(kAnna);
  CHECK(orders_of(kBerg).net_revenue == MoneySums{{3900, "EUR"}});
  const auto history = history_of(kBerg);
  REQUIRE(history.size() == 5);
  CHECK(history[2].amount == euros(10));
}

TEST_CASE_FIXTURE(Fixture, "sums of more than 64 bits are exact in every view of orders") {
  const Money most{kMoneyMinorMax, "EUR"};
  auto event = test::made<crm::OrderPlaced>([](auto& e) { e.number = "1"; });
  event.customer = kBerg;
  event.currency = "EUR";
  event.lines = {{{}, "A", 1, "", most}};
  event.total = most;
  std::vector<EventBox> events;
  constexpr std::uint64_t kOrders = 9'300;
  for (std::uint64_t number = 0; number < kOrders; ++number) {
    event.order = id_of<crm::OrderId>(100 + number);
    events.push_back(EventBox::of(event));
    events.push_back(EventBox::of(crm::PaymentReceived{event.order, kBerg, most, {}, {}}));
  }
  record_all(events, test::at("2026-03-01"));
  const Int128 expected = Int128{kMoneyMinorMax} * kOrders;
  const auto answer = customer_360(*test::view_of(*this, "customer_360"), kBerg);
  REQUIRE(answer);
  CHECK(answer->orders.net_revenue == MoneySums{{expected, "EUR"}});
  CHECK(answer->orders.paid == MoneySums{{expected, "EUR"}});
  CHECK(answer->orders.average_value == MoneySums{{kMoneyMinorMax, "EUR"}});
  const RevenueAnswer revenue = revenue_of_all();
  CHECK(revenue.net == MoneySums{{expected + 5000, "EUR"}});
  CHECK(to_json(revenue).find(R"("minor":"9300000000000005000")") != std::string::npos);
}

}  // namespace factum::projections
