// The funnel is answered from cells: its figures are those of going through the deals one by one.
#include "projections/funnel.hpp"
#include "projections/funnel_rows.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace factum::projections {

using test::id_of;
using test::TestLog;

namespace {

const auto kPipeline = id_of<crm::PipelineId>(1);
const std::array<std::string, 3> kStages{"lead", "offer", "closing"};

// Deals that are opened, moved, changed, closed, corrected and reopened in any order.
class RandomDeals {
 public:
  explicit RandomDeals(std::uint64_t seed) : random_(seed) {
    log.record(test::sales_pipeline(kPipeline), "2025-01-01");
  }

  void record() {
    const auto deal = id_of<crm::DealId>(below(60) + 1);
    switch (below(9)) {
      case 0:
      case 1: return opened(deal);
      case 2:
        return put(
            crm::DealStageChanged{deal, {}, kPipeline, kStages[below(3)], kStages[below(3)]});
      case 3:
      case 4: return put(crm::DealWon{deal, {}, kPipeline, kStages[below(3)], amount()});
      case 5: return put(crm::DealLost{deal, {}, kPipeline, kStages[below(3)], "price", {}});
      case 6:
        return put(test::made<crm::DealOwnerAssigned>([&](auto& e) {
          e.deal = deal;
          e.owner = id_of<crm::UserId>(below(2) + 1);
        }));
      case 7:
        return put(test::made<crm::DealCloseDateChanged>([&](auto& e) {
          e.deal = deal;
          e.expected_close = some_day();
        }));
      default:
        return put(test::made<crm::DealAmountChanged>([&](auto& e) {
          e.deal = deal;
          e.amount = amount();
        }));
    }
  }

  FunnelQuery query() {
    FunnelQuery query{kPipeline, some_day(), some_day(), {}, {}};
    if (query.from && query.to && *query.from > *query.to) std::swap(query.from, query.to);
    if (below(2) == 0) query.owner = id_of<crm::UserId>(below(2) + 1);
    return query;
  }

  TestLog log;

 private:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  std::optional<Money> amount() {
    if (below(4) == 0) return std::nullopt;
    return Money{static_cast<std::int64_t>(below(100'000)), below(3) == 0 ? "USD" : "EUR"};
  }
  std::optional<Date> some_day() {
    if (below(6) == 0) return std::nullopt;
    return Date(test::day("2025-01-01").value() + static_cast<std::int32_t>(below(400)));
  }
  void opened(const crm::DealId& deal) {
    put(test::made<crm::DealOpened>([&](auto& e) {
      e.deal = deal;
      e.pipeline = kPipeline;
      e.stage = kStages[below(3)];
      e.amount = amount();
      e.expected_close = some_day();
    }));
  }
  template <class E>
  void put(const E& event) {
    std::optional<Timestamp> occurred;
    if (below(8) != 0)
      occurred = Timestamp(test::at("2025-01-01").value() +
                           static_cast<std::int64_t>(below(400 * kMicrosPerDay)));
    log.record(event, occurred);
  }

  std::mt19937_64 random_;
};

// The figures by going through every deal.
struct Naive {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  Tallies won_value;
  std::vector<std::int64_t> cycles;
  std::int64_t expected = 0;
  std::int64_t expected_without_amount = 0;
  std::int64_t undated_closed = 0;

  Naive(const ViewReader& rows, const FunnelQuery& query) {
    REQUIRE(rows.scan(rows_with_prefix("D"), [&](std::string_view, std::string_view value) {
      add(decode_row<funnel_rows::FunnelDeal>(value)->state, query);
      return true;
    }));
    std::sort(cycles.begin(), cycles.end());
  }

  std::optional<double> median_days() const {
    if (cycles.empty()) return std::nullopt;
    const std::size_t count = cycles.size();
    const double sum =
        static_cast<double>(cycles[(count - 1) / 2]) + static_cast<double>(cycles[count / 2]);
    return sum / 2 / static_cast<double>(kMicrosPerDay);
  }

 private:
  static bool contains(const FunnelQuery& query, Date day) {
    return (!query.from || day >= *query.from) && (!query.to || day < *query.to);
  }
  void add(const DealState& deal, const FunnelQuery& query) {
    if (query.owner && deal.owner != query.owner) return;
    if (deal.is_open() && deal.expected_close && contains(query, *deal.expected_close)) {
      ++expected;
      if (!deal.amount) ++expected_without_amount;
    }
    if (!deal.is_closed()) return;
    if (!deal.closed_at) {
      ++undated_closed;
      return;
    }
    if (!contains(query, date_of(*deal.closed_at))) return;
    ++(deal.status == DealStatus::won ? won : lost);
    if (deal.status != DealStatus::won) return;
    tally(won_value, deal.value());
    if (deal.opened_at && *deal.opened_at <= *deal.closed_at)
      cycles.push_back(deal.closed_at->value() - deal.opened_at->value());
  }
};

}  // namespace

TEST_CASE("the funnel of a period is that of going through the deals, for any history") {
  std::size_t medians = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    RandomDeals deals(seed);
    for (int i = 0; i < 600; ++i) deals.record();
    const auto rows = test::view_of(deals.log, "funnel");
    for (int round = 0; round < 60; ++round) {
      CAPTURE(round);
      const FunnelQuery query = deals.query();
      const auto answer = funnel(*rows, query);
      REQUIRE(answer);
      const Naive naive(*rows, query);
      CHECK(answer->closed.won == naive.won);
      CHECK(answer->closed.lost == naive.lost);
      CHECK(answer->closed.won_value == naive.won_value);
      CHECK(answer->won_without_cycle ==
            naive.won - static_cast<std::int64_t>(naive.cycles.size()));
      CHECK(answer->median_cycle.value.has_value() == naive.median_days().has_value());
      if (naive.median_days()) {
        ++medians;
        CHECK(*answer->median_cycle.value == doctest::Approx(*naive.median_days()).epsilon(1e-12));
      }
      CHECK(answer->forecast.open_deals == naive.expected);
      CHECK(answer->forecast.open_without_amount == naive.expected_without_amount);
      CHECK(answer->undated.closed.won + answer->undated.closed.lost == naive.undated_closed);
    }
  }
  CHECK(medians > 100);
}

TEST_CASE("a deal of a time that no calendar has counts on the nearest day it has") {
  constexpr std::int64_t kMicrosPerYear = 365 * kMicrosPerDay;
  for (const std::int64_t year : {-9000, 9000}) {
    CAPTURE(year);
    TestLog log;
    const auto deal = id_of<crm::DealId>(1);
    log.record(test::sales_pipeline(kPipeline), "2025-01-01");
    log.record(test::made<crm::DealOpened>([&](auto& e) {
                 e.deal = deal;
                 e.pipeline = kPipeline;
                 e.stage = "lead";
               }),
               Timestamp(year * kMicrosPerYear));
    log.record(crm::DealWon{deal, {}, kPipeline, "lead", {}},
               Timestamp(year * kMicrosPerYear + 4 * kMicrosPerDay));
    const auto rows = test::view_of(log, "funnel");
    const Date edge = year < 0 ? test::day("0000-01-01") : test::day("9999-12-31");
    const auto answer = funnel(*rows, {kPipeline, edge, {}, {}, {}});
    REQUIRE(answer);
    CHECK(answer->closed.won == 1);
    CHECK(*answer->median_cycle.value == doctest::Approx(4));
    const auto without = funnel(*rows, {kPipeline, {}, edge, {}, {}});
    REQUIRE(without);
    CHECK(without->closed.won == 0);
    CHECK_FALSE(without->median_cycle.value);
  }
}

TEST_CASE("buckets of cycles grow with the length and are narrow") {
  std::int64_t before = -1;
  for (std::int64_t micros = 0; micros < std::int64_t{1} << 60; micros += micros / 200 + 1) {
    const std::int64_t bucket = funnel_rows::cycle_bucket(micros);
    CHECK(bucket >= before);
    CHECK(funnel_rows::cycle_bucket(micros + micros / 64 + 1) > bucket);
    before = bucket;
  }
}

}  // namespace factum::projections
