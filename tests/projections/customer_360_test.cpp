#include "projections/customer_360.hpp"

#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/survey_events.hpp"
#include "core/crm/ticket_events.hpp"
#include "projections/as_of.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {

using test::at;
using test::id_of;
using test::sealed;
using test::TestLog;

namespace {

const auto kAnna = id_of<crm::CustomerId>(1);
const auto kBerg = id_of<crm::CustomerId>(2);
const auto kPipeline = id_of<crm::PipelineId>(9);

Customer360 anna(TestLog& log) {
  auto answer = customer_360(*test::view_of(log, "customer_360"), kAnna);
  REQUIRE(answer.has_value());
  REQUIRE(open_all(log.codec(), *answer).has_value());
  return std::move(*answer);
}

crm::DealOpened opened(std::uint64_t deal, std::int64_t minor) {
  auto event = test::made<crm::DealOpened>([&](auto& e) {
    e.deal = id_of<crm::DealId>(deal);
    e.pipeline = kPipeline;
  });
  event.customer = kAnna;
  event.stage = "lead";
  event.amount = Money{minor, "EUR"};
  return event;
}
crm::DealWon won(std::uint64_t deal, std::optional<Money> amount) {
  return {id_of<crm::DealId>(deal), kAnna, kPipeline, "lead", std::move(amount)};
}
crm::OrderPlaced placed(std::uint64_t order, std::int64_t minor, const char* currency = "EUR") {
  auto event = test::made<crm::OrderPlaced>([&](auto& e) { e.order = id_of<crm::OrderId>(order); });
  event.customer = kAnna;
  event.number = "A1";
  event.currency = currency;
  event.total = {minor, currency};
  return event;
}

// Counts what is read, however it is read.
class CountedRows final : public ViewReader {
 public:
  explicit CountedRows(const ViewReader& rows) : rows_(rows) {}
  Position position() const override { return rows_.position(); }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    ++reads;
    return rows_.get(key);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    reads += 100;
    return rows_.scan(range, on_row);
  }

  mutable int reads = 0;

 private:
  const ViewReader& rows_;
};

}  // namespace

TEST_CASE("a customer nobody knows is not found") {
  TestLog log;
  const auto answer = customer_360(*test::view_of(log, "customer_360"), kAnna);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::not_found);
}

TEST_CASE("the profile shows what was said last, sealed until it is opened") {
  TestLog log;
  auto registered = test::made<crm::CustomerRegistered>([&](auto& e) {
    e.customer = kAnna;
    e.kind = crm::CustomerType::person;
  });
  registered.name = sealed("Anna");
  registered.country = "DE";
  log.record(registered, "2026-01-01");
  auto changed = test::made<crm::CustomerDetailsChanged>([&](auto& e) { e.customer = kAnna; });
  changed.name = sealed("Anna Berg");
  changed.sector = "retail";
  log.record(changed, "2026-01-02");
  log.record(crm::TagApplied{kAnna, "vip"}, "2026-01-02");
  log.record(crm::TagApplied{kAnna, "early"}, "2026-01-02");
  log.record(crm::TagRemoved{kAnna, "vip"}, "2026-01-03");
  auto point = test::made<crm::CustomerContactPointAdded>([&](auto& e) {
    e.customer = kAnna;
    e.point = "p1";
  });
  point.value = sealed("anna@example.org");
  log.record(point, "2026-01-03");
  log.record(test::made<crm::CustomerContactPointAdded>([&](auto& e) {
               e.customer = kAnna;
               e.point = "p2";
             }),
             "2026-01-03");
  log.record(crm::CustomerContactPointRemoved{kAnna, "p2"}, "2026-01-03");

  const Customer360 answer = anna(log);
  CHECK(answer.registered);
  CHECK(answer.name.opened == "\"Anna Berg\"");
  CHECK(answer.country == "DE");
  CHECK(answer.sector == "retail");
  CHECK(answer.tags == std::vector<std::string>{"early"});
  CHECK(answer.contact_points_total == 1);
  REQUIRE(answer.contact_points.size() == 1);
  CHECK(answer.contact_points[0].value.opened == "\"anna@example.org\"");
  CHECK(answer.registered_at == at("2026-01-01"));
}

TEST_CASE("a new external id of a system replaces the former one, beyond the list too") {
  TestLog log;
  const auto link = [&](const std::string& system, const char* id) {
    log.record(test::made<crm::CustomerExternalIdLinked>([&](auto& e) {
                 e.customer = kAnna;
                 e.system = system;
                 e.external_id = sealed(id);
               }),
               "2026-01-02");
  };
  link("erp", "K-1");
  link("shop", "S-1");
  link("erp", "K-2");
  const Customer360 answer = anna(log);
  CHECK(answer.external_ids_total == 2);
  REQUIRE(answer.external_ids.size() == 2);
  CHECK(answer.external_ids[0].system == "erp");
  CHECK(answer.external_ids[0].external_id.opened == "\"K-2\"");
  for (std::size_t i = 0; i < kListed360Max; ++i) link("s" + std::to_string(i), "1");
  link("s49", "2");
  CHECK(anna(log).external_ids_total == 52);
  CHECK(anna(log).external_ids.size() == kListed360Max);
}

TEST_CASE("an erased name is shown as erased, the rest stays") {
  TestLog log;
  auto registered = test::made<crm::CustomerRegistered>([&](auto& e) { e.customer = kAnna; });
  registered.name = sealed("Anna");
  log.record(registered, "2026-01-01");
  log.sealer().erase(kAnna.uuid);
  CHECK(anna(log).name.state == SealState::erased);
  CHECK(anna(log).registered);
}

TEST_CASE("deals are counted where they stand, by currency") {
  TestLog log;
  log.record(opened(1, 100), "2026-01-01");
  log.record(opened(2, 200), "2026-01-01");
  log.record(opened(3, 300), "2026-01-01");
  log.record(won(2, Money{250, "EUR"}), "2026-01-05");
  auto lost = test::made<crm::DealLost>([&](auto& e) {
    e.deal = id_of<crm::DealId>(3);
    e.pipeline = kPipeline;
  });
  lost.customer = kAnna;
  lost.from_stage = "lead";
  lost.reason = "price";
  log.record(lost, "2026-01-06");

  const Deals360 deals = anna(log).deals;
  CHECK(deals.open == 1);
  CHECK(deals.open_value == Tallies{{1, {100, "EUR"}}});
  CHECK(deals.won == 1);
  CHECK(deals.won_value == Tallies{{1, {250, "EUR"}}});
  CHECK(deals.lost == 1);
  CHECK(deals.last_lost_reason == "price");
  CHECK(deals.last_won_at == at("2026-01-05"));
}

TEST_CASE("a deal that is won again with another amount counts once") {
  TestLog log;
  log.record(opened(1, 100), "2026-01-01");
  log.record(won(1, Money{500, "EUR"}), "2026-01-02");
  log.record(won(1, Money{400, "USD"}), "2026-01-03");
  const Deals360 deals = anna(log).deals;
  CHECK(deals.won == 1);
  CHECK(deals.won_value == Tallies{{1, {400, "USD"}}});
  CHECK(deals.open == 0);
}

TEST_CASE("a deal that was won before it was opened is won") {
  TestLog log;
  log.record(won(1, std::nullopt), std::nullopt);
  log.record(opened(1, 100), "2026-01-01");
  const Deals360 deals = anna(log).deals;
  CHECK(deals.won == 1);
  CHECK(deals.won_value == Tallies{{1, {100, "EUR"}}});
  CHECK(deals.open == 0);
}

TEST_CASE("an archived deal is out of the open value until it is restored") {
  TestLog log;
  log.record(opened(1, 100), "2026-01-01");
  log.record(crm::DealArchived{id_of<crm::DealId>(1), kAnna}, "2026-01-02");
  CHECK(anna(log).deals.open == 0);
  log.record(crm::DealRestored{id_of<crm::DealId>(1), kAnna}, "2026-01-02");
  CHECK(anna(log).deals.open == 1);
}

TEST_CASE("a deal moves to its new customer with all its past, now and as of any position") {
  TestLog log;
  crm::DealOpened start = opened(1, 700);
  start.customer = kBerg;
  const Position first = log.record(start, "2026-01-01");
  const Position second =
      log.record(crm::DealCustomerAssigned{id_of<crm::DealId>(1), kAnna, kBerg}, "2026-01-02");
  CHECK(anna(log).deals.open_value == Tallies{{1, {700, "EUR"}}});
  const auto now = test::view_of(log, "customer_360");
  CHECK(customer_360(*now, kBerg)->deals.open == 0);

  const View view = test::view_named("customer_360");
  const auto then = fold_as_of(view, log.store(), log.codec(), {kAnna.tag(), second});
  REQUIRE(then.has_value());
  CHECK(customer_360(**then, kAnna)->deals.open_value == Tallies{{1, {700, "EUR"}}});
  const auto before = fold_as_of(view, log.store(), log.codec(), {kBerg.tag(), first});
  CHECK(customer_360(**before, kBerg)->deals.open == 1);
}

TEST_CASE("net revenue is orders less cancellations and returns plus adjustments") {
  TestLog log;
  log.record(placed(1, 1000), "2026-01-10");
  log.record(placed(2, 400), "2026-01-02");
  log.record(placed(3, 50, "USD"), std::nullopt);
  auto corrected = test::made<crm::OrderCorrected>([&](auto& e) {
    e.order = id_of<crm::OrderId>(1);
    e.customer = kAnna;
  });
  corrected.total = {900, "EUR"};
  corrected.previous_total = {1000, "EUR"};
  log.record(corrected, "2026-01-11");
  log.record(crm::OrderCancelled{id_of<crm::OrderId>(2), kAnna, {}, {400, "EUR"}}, "2026-01-12");
  auto returned = test::made<crm::ReturnReceived>([&](auto& e) {
    e.return_id = id_of<crm::ReturnId>(1);
    e.customer = kAnna;
  });
  returned.total = {100, "EUR"};
  log.record(returned, "2026-01-13");
  auto adjusted = test::made<crm::AdjustmentRecorded>([&](auto& e) {
    e.order = id_of<crm::OrderId>(8);
    e.customer = kAnna;
  });
  adjusted.number = "B1";
  adjusted.amount = {-30, "EUR"};
  adjusted.reason = "bad_debt";
  log.record(adjusted, "2026-01-14");

  const Orders360 orders = anna(log).orders;
  CHECK(orders.count == 2);
  CHECK(orders.cancelled == 1);
  CHECK(orders.returns == 1);
  CHECK(orders.net_revenue == MoneySums{{770, "EUR"}, {50, "USD"}});
  CHECK(orders.average_value == MoneySums{{900, "EUR"}, {50, "USD"}});
  CHECK(orders.first_at == at("2026-01-02"));
  CHECK(orders.last_at == at("2026-01-10"));
}

TEST_CASE("tickets, interactions, surveys and people are summed up") {
  TestLog log;
  const auto ticket = id_of<crm::TicketId>(1);
  log.record(test::made<crm::TicketOpened>([&](auto& e) {
               e.ticket = ticket;
               e.customer = kAnna;
             }),
             "2026-01-01");
  log.record(test::made<crm::TicketOpened>([&](auto& e) {
               e.ticket = id_of<crm::TicketId>(2);
               e.customer = kAnna;
             }),
             "2026-01-03");
  log.record(crm::TicketMarkedAsComplaint{ticket, kAnna, {}}, "2026-01-02");
  log.record(crm::TicketClosed{ticket, kAnna, {}, {}}, "2026-01-04");
  for (const auto channel : {crm::Channel::call, crm::Channel::email, crm::Channel::call})
    log.record(test::made<crm::InteractionLogged>([&](auto& e) {
                 e.interaction = id_of<crm::InteractionId>(1);
                 e.customer = kAnna;
                 e.channel = channel;
               }),
               "2026-01-05");
  auto answered = test::made<crm::SurveyAnswered>([&](auto& e) {
    e.response = id_of<crm::ResponseId>(1);
    e.survey = "2026";
  });
  answered.customer = kAnna;
  answered.score = 3;
  log.record(answered, "2026-01-06");
  auto corrected = test::made<crm::SurveyAnswerCorrected>([&](auto& e) {
    e.response = id_of<crm::ResponseId>(1);
    e.customer = kAnna;
  });
  corrected.score = 9;
  log.record(corrected, "2026-01-07");
  auto linked = test::made<crm::ContactLinkedToCustomer>([&](auto& e) {
    e.contact = id_of<crm::ContactId>(5);
    e.customer = kAnna;
  });
  linked.name = sealed("Bo");
  log.record(linked, "2026-01-07");

  const Customer360 answer = anna(log);
  CHECK(answer.tickets.open == 1);
  CHECK(answer.tickets.total == 2);
  CHECK(answer.tickets.complaints == 1);
  CHECK(answer.tickets.last_opened_at == at("2026-01-03"));
  CHECK(answer.interactions.total == 3);
  CHECK(answer.interactions.by_channel.at("call") == 2);
  REQUIRE(answer.surveys.size() == 1);
  CHECK(answer.surveys[0].score == 9);
  REQUIRE(answer.people.size() == 1);
  CHECK(answer.people[0].name.opened == "\"Bo\"");
  CHECK(answer.people_total == 1);
}

TEST_CASE("as of a position the view is what it was then") {
  std::mt19937_64 random(7);
  TestLog log;
  test::record_random(log, random, 400);
  const View view = test::view_named("customer_360");
  const auto live = test::fold_log(log, view.projection, 1);
  for (const std::uint64_t head : {100U, 250U, 400U}) {
    TestLog past;
    std::mt19937_64 again(7);
    test::record_random(past, again, head);
    const auto then = test::view_of(past, "customer_360");
    for (std::uint64_t number = 1; number <= 4; ++number) {
      const crm::CustomerId customer{
          test::test_id(std::string_view("customer").size() * 100 + 'c' * 1000 + number)};
      CAPTURE(head);
      CAPTURE(number);
      const auto folded =
          fold_as_of(view, log.store(), log.codec(), {customer.tag(), Position(head)});
      REQUIRE(folded.has_value());
      CHECK((*folded)->position() == Position(head));
      const std::string key = ViewKey('c').id(customer).str();
      CHECK(*(*folded)->get(key) == *then->get(key));
    }
  }
}

TEST_CASE("views of other things than entities refuse an entity's tag") {
  TestLog log;
  const auto refused =
      fold_as_of(test::view_named("funnel"), log.store(), log.codec(), {kAnna.tag(), Position(1)});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a fold of too many events is refused") {
  TestLog log;
  for (int i = 0; i < 3; ++i) log.record(crm::TagApplied{kAnna, "a"}, "2026-01-01");
  const auto refused = fold_as_of(test::view_named("customer_360"), log.store(), log.codec(),
                                  {kAnna.tag(), Position(3), 2});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE(
    "ten thousand deals, orders and a hundred thousand interactions still are one small row") {
  TestLog log;
  std::vector<EventBox> events;
  for (std::uint64_t deal = 1; deal <= 10'000; ++deal)
    events.push_back(EventBox::of(opened(deal, 100)));
  for (std::uint64_t number = 1; number <= 100'000; ++number)
    events.push_back(EventBox::of(test::made<crm::InteractionLogged>([&](auto& e) {
      e.interaction = id_of<crm::InteractionId>(number);
      e.customer = kAnna;
    })));
  for (std::uint64_t number = 1; number <= 10'000; ++number)
    events.push_back(EventBox::of(test::made<crm::OrderPlaced>([&](auto& e) {
      e.order = id_of<crm::OrderId>(number);
      e.number = std::to_string(number);
      e.currency = "EUR";
      e.total = {100, "EUR"};
      e.customer = kAnna;
    })));
  for (std::uint64_t point = 1; point <= 500; ++point)
    events.push_back(EventBox::of(test::made<crm::CustomerContactPointAdded>([&](auto& e) {
      e.customer = kAnna;
      e.point = std::to_string(point);
    })));
  log.record_all(events, at("2026-01-01"));
  const auto keyspace = test::fold_log(log, test::view_named("customer_360").projection, 5000);
  const auto rows = keyspace->snapshot();
  const auto row = rows->get(ViewKey('c').id(kAnna).str());
  REQUIRE(row.has_value());
  REQUIRE(row->has_value());
  CHECK((*row)->size() < 4096);
  const CountedRows counted(*rows);
  const auto answer = customer_360(counted, kAnna);
  REQUIRE(answer.has_value());
  CHECK(counted.reads == 1);
  CHECK(answer->deals.open == 10'000);
  CHECK(answer->orders.count == 10'000);
  CHECK(answer->orders.first_at == at("2026-01-01"));
  CHECK(answer->interactions.total == 100'000);
  CHECK(answer->contact_points_total == 500);
  CHECK(answer->contact_points.size() == kListed360Max);
}

}  // namespace factum::projections
