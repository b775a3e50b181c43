// An empty text in an event takes a value away: views then show what they would without it.
#include "core/crm/customer_events.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/organisation_events.hpp"
#include "core/crm/product_events.hpp"
#include "core/es/json_writer.hpp"
#include "projections/catalog.hpp"
#include "projections/customer_360.hpp"
#include "projections/directory.hpp"
#include "projections/people.hpp"
#include "projections/purchase_history.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {

using test::id_of;
using test::made;
using test::sealed;
using test::TestLog;

namespace {

const auto kAnna = id_of<crm::CustomerId>(1);
const auto kUma = id_of<crm::UserId>(2);
const auto kTeam = id_of<crm::TeamId>(3);
const auto kProduct = id_of<crm::ProductId>(4);
const auto kOrder = id_of<crm::OrderId>(5);
const auto kReturn = id_of<crm::ReturnId>(6);

// Every text that can be emptied, said in the first place or not.
void record_all_texts(TestLog& log, const std::optional<std::string>& text) {
  log.record(
      made<crm::CustomerRegistered>([&](auto& e) {
        e.customer = kAnna;
        e.name = sealed("Anna");
        for (auto* said : {&e.sector, &e.segment, &e.country, &e.region, &e.language, &e.origin})
          *said = text;
      }),
      "2026-01-01");
  log.record(made<crm::UserAdded>([&](auto& e) {
               e.user = kUma;
               e.name = sealed("Uma");
               if (text) e.email = sealed(*text);
               e.region = text;
               e.role = text;
             }),
             "2026-01-01");
  log.record(crm::TeamDefined{kTeam, "Service", {}, text}, "2026-01-01");
  log.record(crm::ProductCreated{kProduct, "A", "Axle", text, text, {}}, "2026-01-01");
  log.record(made<crm::OrderPlaced>([&](auto& e) {
               e.order = kOrder;
               e.customer = kAnna;
               e.number = "1";
               e.currency = "EUR";
               e.total = {100, "EUR"};
               e.country = text;
             }),
             "2026-01-01");
  log.record(made<crm::ReturnReceived>([&](auto& e) {
               e.return_id = kReturn;
               e.order = kOrder;
               e.customer = kAnna;
               e.total = {10, "EUR"};
               e.country = text;
               e.reason = text;
             }),
             "2026-01-01");
}

void empty_all_texts(TestLog& log) {
  const std::optional<std::string> none("");
  log.record(
      made<crm::CustomerDetailsChanged>([&](auto& e) {
        e.customer = kAnna;
        for (auto* said : {&e.sector, &e.segment, &e.country, &e.region, &e.language, &e.origin})
          *said = none;
      }),
      "2026-01-02");
  log.record(made<crm::UserChanged>([&](auto& e) {
               e.user = kUma;
               e.email = sealed("");
               e.region = none;
               e.role = none;
             }),
             "2026-01-02");
  log.record(crm::TeamChanged{kTeam, {}, {}, none}, "2026-01-02");
  log.record(crm::ProductChanged{kProduct, {}, none, none, {}}, "2026-01-02");
  log.record(crm::OrderCorrected{kOrder, kAnna, {}, {100, "EUR"}, {100, "EUR"}, none},
             "2026-01-02");
  log.record(crm::ReturnDetailsCorrected{kReturn, kOrder, kAnna, {}, none, none}, "2026-01-02");
}

template <class Answer>
std::string shown(TestLog& log, Result<Answer> answer) {
  REQUIRE(answer.has_value());
  REQUIRE(open_all(log.codec(), *answer).has_value());
  return to_json(*answer);
}
template <class Row>
std::string shown(TestLog& log, Result<Page<Row>> page) {
  REQUIRE(page.has_value());
  std::string text;
  for (Row& row : page->items) text += shown(log, Result<Row>(std::move(row)));
  return text;
}

// What every view shows that keeps such texts.
std::vector<std::string> shown_by_all(TestLog& log) {
  const auto purchases = test::view_of(log, "purchase_history");
  const auto names = test::view_of(log, "people");
  const auto parties = test::view_of(log, "directory");
  return {shown(log, customer_360(*test::view_of(log, "customer_360"), kAnna)),
          shown(log, directory(*parties, {})),
          shown(log, directory(*parties, {.country = ""})),
          shown(log, users(*names, {})),
          shown(log, teams(*names, {})),
          shown(log, products(*test::view_of(log, "catalog"), {})),
          shown(log, purchase_history(*purchases, {.customer = kAnna})),
          shown(log, revenue(*purchases, {}))};
}

}  // namespace

TEST_CASE("a text that was taken away is shown as one that was never said") {
  TestLog emptied;
  record_all_texts(emptied, "XX");
  const auto before = shown_by_all(emptied);
  empty_all_texts(emptied);
  TestLog never;
  record_all_texts(never, std::nullopt);
  const auto after = shown_by_all(emptied);
  const auto expected = shown_by_all(never);
  REQUIRE(after.size() == expected.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CAPTURE(i);
    CHECK(after[i] == expected[i]);
    // Every list but that of customers without country has shown the texts before.
    CHECK((before[i] != expected[i]) == !expected[i].empty());
  }
}

}  // namespace factum::projections
