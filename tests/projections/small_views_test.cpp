// Satisfaction, people, catalog, and the calendar of periods.
#include "core/crm/deal_events.hpp"
#include "core/crm/organisation_events.hpp"
#include "core/crm/product_events.hpp"
#include "core/crm/survey_events.hpp"
#include "projections/calendar.hpp"
#include "projections/catalog.hpp"
#include "projections/people.hpp"
#include "projections/satisfaction.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {

using test::at;
using test::day;
using test::id_of;
using test::made;
using test::sealed;
using test::TestLog;

// ---- satisfaction -------------------------------------------------------------------------------

namespace {

void answer(TestLog& log, std::uint64_t number, crm::SurveyKind kind,
            std::optional<std::int64_t> score, std::optional<Timestamp> when,
            const char* survey = "airport") {
  log.record(made<crm::SurveyAnswered>([&](auto& e) {
               e.response = id_of<crm::ResponseId>(number);
               e.kind = kind;
               e.survey = survey;
               e.score = score;
             }),
             when);
}

}  // namespace

TEST_CASE("NPS counts promoters less detractors of all that gave a score") {
  TestLog log;
  const std::vector<std::int64_t> scores{10, 9, 9, 8, 7, 6, 0};
  for (std::size_t i = 0; i < scores.size(); ++i)
    answer(log, i + 1, crm::SurveyKind::nps, scores[i], at("2026-01-10"));
  answer(log, 20, crm::SurveyKind::nps, std::nullopt, at("2026-01-11"));
  answer(log, 21, crm::SurveyKind::nps, 0, at("2026-02-01"), "other");
  answer(log, 22, crm::SurveyKind::nps, 10, std::nullopt);
  const auto rows = test::view_of(log, "satisfaction");
  const auto all = satisfaction(*rows, {.kind = crm::SurveyKind::nps});
  REQUIRE(all.has_value());
  CHECK(all->total.answers == 9);
  CHECK(all->total.without_score == 1);
  CHECK(all->total.result.value == doctest::Approx(100.0 * (4 - 3) / 9));
  CHECK(all->undated.answers == 1);
  REQUIRE(all->months.size() == 2);
  CHECK(all->months[0].month == day("2026-01-01"));
  CHECK(all->months[0].result.value == doctest::Approx(100.0 * (3 - 2) / 7));
  const auto january = satisfaction(*rows, {.kind = crm::SurveyKind::nps,
                                            .survey = "airport",
                                            .from = day("2026-01-10"),
                                            .to = day("2026-01-11")});
  CHECK(january->total.answers == 7);
  CHECK(january->total.result.denominator == 7);
  CHECK(*surveys(*rows, crm::SurveyKind::nps) == std::vector<std::string>{"airport", "other"});
  CHECK(surveys(*rows, crm::SurveyKind::ces)->empty());
  CHECK(
      satisfaction(
          *rows, {.kind = crm::SurveyKind::nps, .from = day("2026-02-01"), .to = day("2026-01-01")})
          .error()
          .code == ErrorCode::invalid_argument);
}

TEST_CASE("CSAT is the share of 4 and 5, CES the mean; scores off the scale do not count") {
  TestLog log;
  const std::vector<std::int64_t> scores{5, 4, 3, 1, 0, 9};
  for (std::size_t i = 0; i < scores.size(); ++i)
    answer(log, i + 1, crm::SurveyKind::csat, scores[i], at("2026-01-10"));
  answer(log, 11, crm::SurveyKind::ces, 7, at("2026-01-10"));
  answer(log, 12, crm::SurveyKind::ces, 4, at("2026-01-10"));
  const auto rows = test::view_of(log, "satisfaction");
  const auto csat = satisfaction(*rows, {.kind = crm::SurveyKind::csat});
  CHECK(csat->total.answers == 4);
  CHECK(csat->total.out_of_scale == 2);
  CHECK(csat->total.result.value == doctest::Approx(50.0));
  CHECK(csat->total.mean.value == doctest::Approx(13.0 / 4));
  const auto ces = satisfaction(*rows, {.kind = crm::SurveyKind::ces});
  CHECK(ces->total.result.value == doctest::Approx(5.5));
  CHECK(ces->total.favourable.value == doctest::Approx(50.0));
}

TEST_CASE("a corrected answer replaces the former score") {
  TestLog log;
  answer(log, 1, crm::SurveyKind::nps, 2, at("2026-01-10"));
  log.record(made<crm::SurveyAnswerCorrected>([&](auto& e) {
               e.response = id_of<crm::ResponseId>(1);
               e.score = 10;
             }),
             "2026-01-12");
  const auto all =
      satisfaction(*test::view_of(log, "satisfaction"), {.kind = crm::SurveyKind::nps});
  CHECK(all->total.answers == 1);
  CHECK(all->total.result.value == doctest::Approx(100.0));
}

// ---- people and catalog -------------------------------------------------------------------------

TEST_CASE("people have names, teams and whether they are active") {
  TestLog log;
  const auto uma = id_of<crm::UserId>(1);
  log.record(made<crm::UserAdded>([&](auto& e) {
               e.user = uma;
               e.name = sealed("Uma");
               e.role = "agent";
             }),
             "2026-01-01");
  log.record(made<crm::UserChanged>([&](auto& e) {
               e.user = uma;
               e.region = "north";
             }),
             "2026-01-02");
  log.record(crm::UserDeactivated{uma}, "2026-01-03");
  log.record(crm::TeamDefined{id_of<crm::TeamId>(2), "Service", uma, {}}, "2026-01-03");
  log.record(made<crm::TeamChanged>([&](auto& e) {
               e.team = id_of<crm::TeamId>(2);
               e.name = "Care";
             }),
             "2026-01-03");
  const auto rows = test::view_of(log, "people");
  auto all = users(*rows, {})->items;
  REQUIRE(all.size() == 1);
  UserEntry& user = all.front();
  REQUIRE(open_all(log.codec(), user).has_value());
  CHECK(user.user == uma);
  CHECK(user.name.opened == "\"Uma\"");
  CHECK(user.role == "agent");
  CHECK(user.region == "north");
  CHECK_FALSE(user.active);
  const auto groups = teams(*rows, {})->items;
  REQUIRE(groups.size() == 1);
  CHECK(groups.front().name == "Care");
}

TEST_CASE("the catalog lists products by article code, and pipelines") {
  TestLog log;
  log.record(made<crm::ProductCreated>([&](auto& e) {
               e.product = id_of<crm::ProductId>(1);
               e.sku = "B";
               e.name = "Bolt";
             }),
             "2026-01-01");
  log.record(made<crm::ProductCreated>([&](auto& e) {
               e.product = id_of<crm::ProductId>(2);
               e.sku = "A";
               e.name = "Axle";
             }),
             "2026-01-01");
  log.record(made<crm::ProductChanged>([&](auto& e) {
               e.product = id_of<crm::ProductId>(2);
               e.price = Money{5, "EUR"};
             }),
             "2026-01-01");
  log.record(crm::ProductDiscontinued{id_of<crm::ProductId>(1)}, "2026-01-01");
  log.record(crm::PipelineDefined{id_of<crm::PipelineId>(3), "Sales", {{"s", "S", {}, 10}}, {}},
             "2026-01-01");
  log.record(crm::PipelineRetired{id_of<crm::PipelineId>(3)}, "2026-01-01");
  const auto rows = test::view_of(log, "catalog");
  const auto all = products(*rows, {});
  REQUIRE(all->items.size() == 2);
  CHECK(all->items[0].name == "Axle");
  CHECK(all->items[0].price == Money{5, "EUR"});
  CHECK(products(*rows, {.with_discontinued = false})->items.size() == 1);
  CHECK(products(*rows, {.sku = "B"})->items[0].discontinued);
  CHECK(products(*rows, {.sku = "C"})->items.empty());
  CHECK(product_entry(*rows, id_of<crm::ProductId>(9)).error().code == ErrorCode::not_found);
  REQUIRE(pipelines(*rows)->size() == 1);
  CHECK((*pipelines(*rows))[0].retired);
}

// ---- calendar -----------------------------------------------------------------------------------

TEST_CASE("months begin and end where they should, also at the ends of time") {
  CHECK(month_of(day("2024-02-29")) == day("2024-02-01"));
  CHECK(next_month(day("2026-12-31")) == day("2027-01-01"));
  CHECK(month_of(Date(INT32_MAX)) == day("9999-12-01"));
  CHECK(month_of(Date(INT32_MIN)) == day("0000-01-01"));
}

TEST_CASE("a period is made of whole months and the days at its ends") {
  const auto ranges = [](const char* from, const char* to) {
    std::size_t days = 0;
    std::size_t months = 0;
    for (Date date = day("2026-01-01"); date < day("2027-01-01"); date = Date(date.value() + 1)) {
      const Timestamp instant = start_of(date);
      const auto cells = period_cells("x", instant);
      REQUIRE(cells.size() == 2);
      bool day_counts = false;
      bool month_counts = false;
      for (const RowRange& range : period_ranges("x", day(from), day(to))) {
        day_counts = day_counts || (cells[0] >= range.from && cells[0] < range.to);
        month_counts = month_counts || (cells[1] >= range.from && cells[1] < range.to);
      }
      const bool inside = date >= day(from) && date < day(to);
      CHECK((day_counts || month_counts) == inside);
      CHECK_FALSE((day_counts && month_counts));
      if (day_counts) ++days;
      if (month_counts && date == month_of(date)) ++months;
    }
    return std::pair(days, months);
  };
  CHECK(ranges("2026-01-01", "2027-01-01") == std::pair<std::size_t, std::size_t>(0, 12));
  CHECK(ranges("2026-01-31", "2026-03-02") == std::pair<std::size_t, std::size_t>(2, 1));
  CHECK(ranges("2026-01-05", "2026-01-20") == std::pair<std::size_t, std::size_t>(15, 0));
  CHECK(ranges("2026-01-05", "2026-02-05") == std::pair<std::size_t, std::size_t>(31, 0));
  CHECK(ranges("2026-01-05", "2026-01-05") == std::pair<std::size_t, std::size_t>(0, 0));
}

}  // namespace factum::projections
