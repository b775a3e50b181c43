// Timeline, deal board, ticket queue, purchases: order, pages and filters.
#include "core/crm/customer_events.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/ticket_events.hpp"
#include "projections/as_of.hpp"
#include "projections/deal_board.hpp"
#include "projections/purchase_history.hpp"
#include "projections/ticket_queue.hpp"
#include "projections/timeline.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace factum::projections {

using test::at;
using test::day;
using test::id_of;
using test::sealed;
using test::TestLog;

namespace {

const auto kAnna = id_of<crm::CustomerId>(1);
const auto kPipeline = id_of<crm::PipelineId>(1);

Money eur(std::int64_t minor) { return {minor, "EUR"}; }

crm::InteractionLogged logged(std::uint64_t number, const char* text) {
  return test::made<crm::InteractionLogged>([&](auto& e) {
    e.interaction = id_of<crm::InteractionId>(number);
    e.customer = kAnna;
    e.channel = crm::Channel::email;
    e.text = sealed(text);
  });
}

// All pages of a query, `limit` items each.
template <class Item, class Ask>
std::vector<Item> all_pages(std::size_t limit, Ask ask) {
  std::vector<Item> items;
  PageRequest request{.limit = limit};
  for (int pages = 0; pages < 1000; ++pages) {
    auto page = ask(request);
    REQUIRE(page.has_value());
    CHECK(page->items.size() <= limit);
    for (Item& item : page->items) items.push_back(std::move(item));
    if (page->next.empty()) return items;
    request.after = page->next;
  }
  FAIL("pages do not end");
  return items;
}

}  // namespace

// ---- timeline -----------------------------------------------------------------------------------

TEST_CASE("the timeline shows the newest first, by when it happened") {
  TestLog log;
  log.record(logged(1, "third"), "2026-01-03");
  log.record(logged(2, "first"), "2026-01-09");
  log.record(crm::TagApplied{kAnna, "vip"}, "2026-01-05");
  const auto rows = test::view_of(log, "timeline");
  auto page = timeline(*rows, {.customer = kAnna});
  REQUIRE(page.has_value());
  REQUIRE(page->items.size() == 3);
  REQUIRE(open_all(log.codec(), page->items[0]).has_value());
  CHECK(page->items[0].text.opened == "\"first\"");
  CHECK(page->items[0].facts.at("channel") == "email");
  CHECK(page->items[0].entity == id_of<crm::InteractionId>(2).tag());
  CHECK(page->items[1].type == "TagApplied");
  CHECK(page->items[1].kind == TimelineKind::profile);
  CHECK(page->items[1].facts.at("tag") == "vip");
  CHECK(page->items[2].position == Position(1));
  CHECK(page->next.empty());
}

TEST_CASE("pages of any size give every entry once, for every filter") {
  TestLog log;
  std::mt19937_64 random(5);
  test::record_random(log, random, 600);
  const auto rows = test::view_of(log, "timeline");
  const crm::CustomerId customer{test::test_id(8 * 100 + 'c' * 1000 + 1)};
  TimelineQuery query{.customer = customer};
  query.page.limit = kPageItemsMax;
  const auto everything = timeline(*rows, query)->items;
  REQUIRE(everything.size() > 60);
  CHECK(std::is_sorted(everything.begin(), everything.end(), [](const auto& a, const auto& b) {
    return std::pair(a.happened_at, a.position) > std::pair(b.happened_at, b.position);
  }));
  const Timestamp from = at("2026-01-20");
  const Timestamp to = at("2026-03-01");
  for (const std::size_t limit : {1U, 7U, 50U}) {
    const auto all = all_pages<TimelineEntry>(limit, [&](const PageRequest& page) {
      return timeline(*rows, {.customer = customer, .page = page});
    });
    CHECK(all.size() == everything.size());
    const auto some = all_pages<TimelineEntry>(limit, [&](const PageRequest& page) {
      return timeline(*rows, {customer, {TimelineKind::deal, TimelineKind::order}, from, to, page});
    });
    const auto expected =
        std::count_if(everything.begin(), everything.end(), [&](const TimelineEntry& entry) {
          return (entry.kind == TimelineKind::deal || entry.kind == TimelineKind::order) &&
                 entry.happened_at >= from && entry.happened_at < to;
        });
    CHECK(static_cast<std::ptrdiff_t>(some.size()) == expected);
  }
}

TEST_CASE("a very long text is left out of the timeline and said to be") {
  TestLog log;
  log.record(logged(1, std::string(kTimelineCiphertextBytesMax, 'x').c_str()), "2026-01-03");
  const auto page = timeline(*test::view_of(log, "timeline"), {.customer = kAnna});
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].shortened);
  CHECK_FALSE(page->items[0].text.has_value());
}

TEST_CASE("the timeline as of a position has what was recorded until then") {
  TestLog log;
  for (std::uint64_t number = 1; number <= 5; ++number)
    log.record(logged(number, "call"), "2026-01-03");
  const auto then = fold_as_of(test::view_named("timeline"), log.store(), log.codec(),
                               {kAnna.tag(), Position(3)});
  REQUIRE(then.has_value());
  CHECK(timeline(**then, {.customer = kAnna})->items.size() == 3);
}

// ---- deal board ---------------------------------------------------------------------------------

namespace {

void open_deal(TestLog& log, std::uint64_t deal, const char* stage, std::optional<Money> amount,
               const char* when, std::optional<crm::UserId> owner = {}) {
  log.record(test::made<crm::DealOpened>([&](auto& e) {
               e.deal = id_of<crm::DealId>(deal);
               e.pipeline = kPipeline;
               e.customer = kAnna;
               e.stage = stage;
               e.amount = std::move(amount);
               e.owner = owner;
               e.title = sealed("Big deal");
             }),
             when);
}

std::string numbers(const std::vector<DealCard>& cards, std::uint64_t count) {
  std::string text;
  for (const DealCard& card : cards) {
    for (std::uint64_t deal = 1; deal <= count; ++deal) {
      if (card.deal == id_of<crm::DealId>(deal)) text += std::to_string(deal) + " ";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the deal board lists open deals across stages in every order, page by page") {
  TestLog log;
  const auto olga = id_of<crm::UserId>(7);
  open_deal(log, 1, "lead", eur(300), "2026-01-03");
  open_deal(log, 2, "offer", eur(900), "2026-01-01", olga);
  open_deal(log, 3, "lead", std::nullopt, "2026-01-02");
  open_deal(log, 4, "offer", eur(500), "2026-01-04", olga);
  open_deal(log, 5, "lead", eur(1), "2026-01-05");
  log.record(crm::DealCloseDateChanged{id_of<crm::DealId>(4), kAnna, day("2026-02-01")},
             "2026-01-06");
  log.record(crm::DealLost{id_of<crm::DealId>(5), kAnna, kPipeline, "lead", "price", {}},
             "2026-01-06");
  const auto rows = test::view_of(log, "deal_board");
  const auto board = [&](DealBoardQuery query, std::size_t limit) {
    query.pipeline = kPipeline;
    return numbers(all_pages<DealCard>(limit,
                                       [&](const PageRequest& page) {
                                         query.page = page;
                                         return deal_board(*rows, query);
                                       }),
                   5);
  };
  for (const std::size_t limit : {1U, 2U, 50U}) {
    CHECK(board({.sort = DealSort::value}, limit) == "2 4 1 3 ");
    CHECK(board({.sort = DealSort::age}, limit) == "2 3 1 4 ");
    CHECK(board({.stages = {"lead"}, .sort = DealSort::age}, limit) == "3 1 ");
    CHECK(board({.owner = olga, .sort = DealSort::expected_close}, limit) == "4 2 ");
  }
  const auto totals = deal_board_totals(*rows, kPipeline, std::nullopt);
  REQUIRE(totals->size() == 2);
  CHECK((*totals)[0].stage == "lead");
  CHECK((*totals)[0].deals == 2);
  CHECK((*totals)[0].value == Tallies{{1, {300, "EUR"}}});
  CHECK((*deal_board_totals(*rows, kPipeline, olga))[0].value == Tallies{{2, {1400, "EUR"}}});
}

// ---- ticket queue -------------------------------------------------------------------------------

namespace {

void open_ticket(TestLog& log, std::uint64_t ticket, crm::Priority priority, const char* when) {
  log.record(test::made<crm::TicketOpened>([&](auto& e) {
               e.ticket = id_of<crm::TicketId>(ticket);
               e.customer = kAnna;
               e.priority = priority;
               e.subject = sealed("Help");
             }),
             when);
}

std::string numbers(const Result<Page<QueuedTicket>>& page) {
  REQUIRE(page.has_value());
  std::string text;
  for (const QueuedTicket& ticket : page->items) {
    for (std::uint64_t number = 1; number <= 9; ++number) {
      if (ticket.ticket == id_of<crm::TicketId>(number)) text += std::to_string(number) + " ";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the ticket queue sorts by urgency or age and filters by state and people") {
  TestLog log;
  const auto uma = id_of<crm::UserId>(3);
  const auto team = id_of<crm::TeamId>(4);
  open_ticket(log, 1, crm::Priority::normal, "2026-01-03");
  open_ticket(log, 2, crm::Priority::urgent, "2026-01-05");
  open_ticket(log, 3, crm::Priority::urgent, "2026-01-04");
  open_ticket(log, 4, crm::Priority::low, "2026-01-01");
  log.record(crm::TicketAssigned{id_of<crm::TicketId>(1), kAnna, {}, team, uma}, "2026-01-06");
  log.record(crm::TicketWorkStarted{id_of<crm::TicketId>(1), kAnna, {}}, "2026-01-06");
  log.record(crm::TicketResolved{id_of<crm::TicketId>(4), kAnna, {}, {}, {}}, "2026-01-07");
  const auto rows = test::view_of(log, "ticket_queue");
  CHECK(numbers(ticket_queue(*rows, {})) == "3 2 1 ");
  CHECK(numbers(ticket_queue(*rows, {.sort = TicketSort::oldest})) == "1 3 2 ");
  CHECK(numbers(ticket_queue(*rows, {.sort = TicketSort::newest})) == "2 3 1 ");
  CHECK(numbers(ticket_queue(*rows, {.states = {QueueState::resolved}})) == "4 ");
  CHECK(numbers(ticket_queue(*rows, {.assignee = uma})) == "1 ");
  CHECK(numbers(ticket_queue(*rows, {.team = team, .sort = TicketSort::oldest})) == "1 ");
  CHECK(numbers(ticket_queue(*rows, {.priorities = {crm::Priority::urgent}})) == "3 2 ");
  CHECK(numbers(ticket_queue(*rows, {.kind = crm::TicketKind::complaint})).empty());

  const auto counts = ticket_counts(*rows, std::nullopt, std::nullopt);
  CHECK(counts->total == 4);
  CHECK(ticket_counts(*rows, uma, std::nullopt)->total == 1);
  CHECK(ticket_counts(*rows, std::nullopt, team)->total == 1);
  CHECK(ticket_counts(*rows, id_of<crm::UserId>(99), std::nullopt)->total == 0);
}

TEST_CASE("a reopened ticket is open again and counted once as reopened") {
  TestLog log;
  open_ticket(log, 1, crm::Priority::normal, "2026-01-03");
  const auto ticket = id_of<crm::TicketId>(1);
  for (int i = 0; i < 2; ++i) {
    log.record(crm::TicketResolved{ticket, kAnna, {}, {}, {}}, "2026-01-04");
    log.record(crm::TicketReopened{ticket, kAnna, {}, {}}, "2026-01-05");
  }
  const auto rows = test::view_of(log, "ticket_queue");
  const auto page = ticket_queue(*rows, {});
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].reopened == 2);
  CHECK(page->items[0].state == QueueState::open);
  CHECK(ticket_counts(*rows, std::nullopt, std::nullopt)->reopened == 1);
}

// ---- purchases ----------------------------------------------------------------------------------

namespace {

crm::OrderPlaced placed(std::uint64_t order, std::int64_t minor, const char* country,
                        std::optional<crm::CustomerId> customer = kAnna) {
  return test::made<crm::OrderPlaced>([&](auto& e) {
    e.order = id_of<crm::OrderId>(order);
    e.customer = customer;
    e.number = "A" + std::to_string(order);
    e.currency = "EUR";
    e.total = eur(minor);
    e.country = country;
    e.lines.resize(30, {{}, "x", 1, "1.00", eur(minor)});
  });
}

}  // namespace

TEST_CASE("purchases show orders with their state and everything paid and given back") {
  TestLog log;
  log.record(placed(1, 1000, "DE"), "2026-01-03");
  log.record(crm::PaymentReceived{id_of<crm::OrderId>(1), kAnna, eur(1000), {}, {}}, "2026-01-04");
  log.record(crm::OrderFulfilled{id_of<crm::OrderId>(1), kAnna}, "2026-01-05");
  log.record(placed(2, 5, "DE", std::nullopt), "2026-01-05");
  const auto rows = test::view_of(log, "purchase_history");
  const auto page = purchase_history(*rows, {.customer = kAnna});
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0].kind == PurchaseKind::payment);
  CHECK(page->items[1].state == OrderState::fulfilled);
  CHECK(page->items[1].amount == eur(1000));
  CHECK(page->items[1].lines_total == 30);
  CHECK(page->items[1].lines.size() == kPurchaseLinesMax);
}

TEST_CASE("revenue is summed by month and country, corrections in the month of the order") {
  TestLog log;
  log.record(placed(1, 1000, "DE"), "2026-01-03");
  log.record(placed(2, 400, "FR", std::nullopt), "2026-01-31");
  log.record(placed(3, 70, "DE"), "2026-02-01");
  log.record(placed(4, 9, "DE"), std::nullopt);
  log.record(test::made<crm::OrderCorrected>([&](auto& e) {
               e.order = id_of<crm::OrderId>(1);
               e.customer = kAnna;
               e.total = eur(900);
               e.previous_total = eur(1000);
             }),
             "2026-02-02");
  log.record(crm::OrderCancelled{id_of<crm::OrderId>(2), {}, {}, eur(400)}, "2026-02-03");
  log.record(test::made<crm::ReturnReceived>([&](auto& e) {
               e.return_id = id_of<crm::ReturnId>(1);
               e.order = id_of<crm::OrderId>(1);
               e.total = eur(50);
             }),
             "2026-02-04");
  const auto rows = test::view_of(log, "purchase_history");
  const auto all = revenue(*rows, {});
  REQUIRE(all.has_value());
  REQUIRE(all->cells.size() == 4);
  CHECK(all->cells[0].month == day("2026-01-01"));
  CHECK(all->cells[0].country == "DE");
  CHECK(all->cells[0].net == eur(900));
  CHECK(all->cells[1].net == eur(400));
  CHECK(all->cells[2].net == eur(20));
  CHECK(all->cells[2].returned == eur(50));
  CHECK(all->cells[3].net == eur(-400));
  CHECK(all->net == MoneySums{{920, "EUR"}});
  REQUIRE(all->undated.size() == 1);
  CHECK(all->undated[0].net == eur(9));
  const auto february = revenue(*rows, {.from = day("2026-02-01"), .country = "DE"});
  CHECK(february->net == MoneySums{{20, "EUR"}});
  const auto january = revenue(*rows, {.to = day("2026-02-01")});
  CHECK(january->net == MoneySums{{1300, "EUR"}});
  const auto refused = revenue(*rows, {.from = day("2026-02-01"), .to = day("2026-01-01")});
  CHECK(refused.error().code == ErrorCode::invalid_argument);
}

}  // namespace factum::projections
