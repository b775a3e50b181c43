#include "projections/funnel.hpp"

#include "core/crm/deal_events.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace factum::projections {

using test::day;
using test::id_of;
using test::TestLog;

namespace {

const auto kPipeline = id_of<crm::PipelineId>(1);

crm::DealOpened opened(std::uint64_t deal, std::optional<Money> amount,
                       const std::string& stage = "lead") {
  return test::made<crm::DealOpened>([&](auto& e) {
    e.deal = id_of<crm::DealId>(deal);
    e.pipeline = kPipeline;
    e.stage = stage;
    e.amount = std::move(amount);
  });
}
crm::DealStageChanged moved(std::uint64_t deal, std::string from, std::string to) {
  return {id_of<crm::DealId>(deal), {}, kPipeline, std::move(from), std::move(to)};
}
crm::DealWon won(std::uint64_t deal, std::string from, std::optional<Money> amount = {}) {
  return {id_of<crm::DealId>(deal), {}, kPipeline, std::move(from), std::move(amount)};
}
crm::DealLost lost(std::uint64_t deal, std::string from) {
  return {id_of<crm::DealId>(deal), {}, kPipeline, std::move(from), "price", {}};
}

FunnelAnswer ask(TestLog& log, FunnelQuery query = {}) {
  query.pipeline = kPipeline;
  auto answer = funnel(*test::view_of(log, "funnel"), query);
  REQUIRE(answer.has_value());
  return std::move(*answer);
}

const StageFlow& stage(const FunnelAnswer& answer, std::string_view key) {
  const auto found = std::find_if(answer.stages.begin(), answer.stages.end(),
                                  [&](const StageFlow& flow) { return flow.stage == key; });
  REQUIRE(found != answer.stages.end());
  return *found;
}

Money eur(std::int64_t minor) { return {minor, "EUR"}; }

}  // namespace

TEST_CASE(
    "a pipeline nobody defined is not found, a period that ends before it begins is refused") {
  TestLog log;
  CHECK(funnel(*test::view_of(log, "funnel"), {.pipeline = kPipeline}).error().code ==
        ErrorCode::not_found);
  const auto refused = funnel(*test::view_of(log, "funnel"),
                              {kPipeline, day("2026-02-01"), day("2026-01-01"), {}, {}});
  CHECK(refused.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a small history gives the numbers one computes by hand") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), "2026-01-01");
  log.record(opened(2, eur(200)), "2026-01-02");
  log.record(opened(3, eur(400)), "2026-01-03");
  log.record(opened(4, eur(800)), "2026-01-03");
  log.record(moved(1, "lead", "offer"), "2026-01-03");
  log.record(moved(2, "lead", "closing"), "2026-01-06");
  log.record(moved(2, "closing", "offer"), "2026-01-07");
  log.record(won(1, "offer", eur(150)), "2026-01-11");
  log.record(won(2, "offer"), "2026-01-22");
  log.record(lost(3, "lead"), "2026-02-03");
  log.record(crm::DealCloseDateChanged{id_of<crm::DealId>(4), {}, day("2026-02-10")}, "2026-01-04");

  const FunnelAnswer january = ask(log, {{}, day("2026-01-01"), day("2026-02-01"), {}, {}});
  const StageFlow& lead = stage(january, "lead");
  CHECK(lead.name == "Lead");
  CHECK(lead.entered == 4);
  CHECK(lead.entered_value == Tallies{{4, {1500, "EUR"}}});
  CHECK(lead.left_forward == 2);
  CHECK(lead.lost == 0);
  CHECK(lead.mean_dwell.denominator == 2);
  CHECK(lead.mean_dwell.value == doctest::Approx((2.0 + 4.0) / 2));
  CHECK(lead.conversion.value == doctest::Approx(50.0));
  CHECK(lead.conversion.denominator == 4);
  CHECK(lead.open_now == 1);
  CHECK(stage(january, "offer").entered == 2);
  CHECK(stage(january, "offer").won == 2);
  CHECK(stage(january, "closing").left_back == 1);
  CHECK(stage(january, "closing").conversion.value == doctest::Approx(0.0));
  CHECK(january.closed.won == 2);
  CHECK(january.closed.won_value == Tallies{{2, {350, "EUR"}}});
  CHECK(january.win_rate.value == doctest::Approx(100.0));
  CHECK(january.mean_cycle.value == doctest::Approx(15.0));
  CHECK(january.forecast.open_deals == 0);

  const FunnelAnswer all = ask(log);
  CHECK(all.closed.lost == 1);
  CHECK(all.win_rate.value == doctest::Approx(100.0 * 2 / 3));
  CHECK(all.win_rate.denominator == 3);
  REQUIRE(all.win_rate_by_value.size() == 1);
  CHECK(all.win_rate_by_value[0].percent == doctest::Approx(100.0 * 350 / 750));
  CHECK(all.median_cycle.value == doctest::Approx(15.0));
  REQUIRE(all.velocity.per_day.size() == 1);
  CHECK(all.velocity.per_day[0].value == eur(8));  // 1 x 175 x 2/3 / 15
  REQUIRE(all.forecast.by_currency.size() == 1);
  CHECK(all.forecast.by_currency[0].weighted_open == eur(80));
  CHECK(all.forecast.by_currency[0].total == eur(430));
  for (const std::string& formula :
       {all.win_rate.formula, all.mean_cycle.formula, all.velocity.formula, all.forecast.formula})
    CHECK_FALSE(formula.empty());
}

TEST_CASE("sums of more than 64 bits are exact in the funnel") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  const Money most{kMoneyMinorMax, "EUR"};
  std::vector<EventBox> events;
  constexpr std::uint64_t kDeals = 9'300;
  for (std::uint64_t deal = 1; deal <= kDeals; ++deal) {
    events.push_back(EventBox::of(opened(deal, most)));
    events.push_back(EventBox::of(won(deal, "lead", most)));
  }
  log.record_all(events, test::at("2026-01-02"));
  const FunnelAnswer answer = ask(log);
  const MoneySum expected{Int128{kMoneyMinorMax} * kDeals, "EUR"};
  CHECK(stage(answer, "lead").entered_value == Tallies{{kDeals, expected}});
  CHECK(answer.closed.won_value == Tallies{{kDeals, expected}});
  REQUIRE(answer.forecast.by_currency.size() == 1);
  CHECK(answer.forecast.by_currency[0].total == expected);
  REQUIRE(answer.win_rate_by_value.size() == 1);
  CHECK(answer.win_rate_by_value[0].percent == doctest::Approx(100.0));
}

TEST_CASE("a deal that is won again replaces its value and its date, and leaves its stage once") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), "2026-01-01");
  log.record(won(1, "lead", eur(100)), "2026-01-05");
  log.record(won(1, "lead", eur(70)), "2026-02-05");
  CHECK(ask(log, {{}, {}, day("2026-02-01"), {}, {}}).closed.won == 0);
  const FunnelAnswer all = ask(log);
  CHECK(all.closed.won == 1);
  CHECK(all.closed.won_value == Tallies{{1, {70, "EUR"}}});
  CHECK(stage(all, "lead").won == 1);
}

TEST_CASE("a closing that corrects another one leaves nothing of it in the stages") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  const auto olga = id_of<crm::UserId>(1);
  crm::DealOpened event = opened(1, eur(100));
  event.owner = olga;
  log.record(event, "2026-01-01");
  log.record(moved(1, "lead", "offer"), "2026-01-02");
  const auto offer = [&](const FunnelQuery& query = {}) { return stage(ask(log, query), "offer"); };
  const FunnelQuery january{.pipeline = kPipeline, .to = day("2026-02-01")};
  const FunnelQuery olgas{.pipeline = kPipeline, .owner = olga};

  log.record(won(1, "offer", eur(150)), "2026-01-05");
  CHECK(offer().conversion.value == doctest::Approx(100.0));
  log.record(crm::DealOwnerAssigned{id_of<crm::DealId>(1), {}, {}, olga}, "2026-01-06");
  log.record(lost(1, "offer"), "2026-02-02");
  CHECK(offer().won == 0);
  CHECK(offer().lost == 1);
  CHECK(offer(january).lost == 0);
  CHECK(offer(january).mean_dwell.denominator == 0);
  CHECK(offer().mean_dwell.denominator == 1);
  CHECK(offer().mean_dwell.value == doctest::Approx(31.0));
  CHECK(offer().conversion.value == doctest::Approx(0.0));
  CHECK(offer(olgas).won == 0);
  CHECK(offer(olgas).lost == 0);
  CHECK(offer(olgas).conversion.value == doctest::Approx(0.0));
  CHECK(stage(ask(log), "lead").conversion.value == doctest::Approx(100.0));

  log.record(won(1, "offer"), "2026-01-12");
  CHECK(offer().won == 1);
  CHECK(offer().lost == 0);
  CHECK(offer(january).mean_dwell.value == doctest::Approx(10.0));
  CHECK(offer().conversion.value == doctest::Approx(100.0));
  log.record(won(1, "offer"), std::nullopt);
  CHECK(offer().won == 0);
  CHECK(offer().mean_dwell.denominator == 0);
}

TEST_CASE("a loss that corrects a win takes back the conversion of an opening told in between") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(won(1, "elsewhere"), "2026-01-05");
  log.record(opened(1, eur(50)), "2026-01-01");
  CHECK(stage(ask(log), "lead").conversion.value == doctest::Approx(100.0));
  log.record(lost(1, "lead"), "2026-01-05");
  CHECK(stage(ask(log), "lead").conversion.value == doctest::Approx(0.0));
  CHECK(stage(ask(log), "lead").lost == 1);
  for (const StageFlow& flow : ask(log).stages) CHECK(flow.stage != "elsewhere");
  log.record(won(1, "offer"), "2026-01-05");
  CHECK(stage(ask(log), "lead").conversion.value == doctest::Approx(100.0));
}

TEST_CASE("the final value of a deal is forgotten when it is lost or opened again") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), "2026-01-01");
  log.record(won(1, "lead", eur(150)), "2026-01-05");
  CHECK(ask(log).closed.won_value == Tallies{{1, {150, "EUR"}}});
  log.record(won(1, "lead"), "2026-01-05");
  CHECK(ask(log).closed.won_value == Tallies{{1, {100, "EUR"}}});
  log.record(won(1, "lead", eur(150)), "2026-01-05");
  log.record(lost(1, "lead"), "2026-01-06");
  CHECK(ask(log).closed.lost_value == Tallies{{1, {100, "EUR"}}});
  CHECK(ask(log).closed.won_value.empty());
  log.record(won(1, "lead", eur(150)), "2026-01-07");
  log.record(crm::DealReopened{id_of<crm::DealId>(1), {}, kPipeline, "offer", {}}, "2026-01-09");
  CHECK(stage(ask(log), "offer").open_value == Tallies{{1, {100, "EUR"}}});
}

TEST_CASE("a deal that was won before it was opened counts without a cycle") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(won(1, "offer", eur(10)), "2026-01-05");
  log.record(opened(1, eur(50)), "2026-01-09");
  const FunnelAnswer all = ask(log);
  CHECK(all.closed.won == 1);
  CHECK(all.closed.won_value == Tallies{{1, {10, "EUR"}}});
  CHECK(all.won_without_cycle == 1);
  CHECK(all.mean_cycle.denominator == 0);
  CHECK_FALSE(all.mean_cycle.value.has_value());
  CHECK(stage(all, "lead").conversion.value == doctest::Approx(100.0));
  CHECK(stage(all, "lead").open_now == 0);
}

TEST_CASE("undated deals are in no period and shown apart") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), std::nullopt);
  log.record(won(1, "lead"), std::nullopt);
  log.record(opened(2, eur(30)), std::nullopt);
  const FunnelAnswer all = ask(log);
  CHECK(all.closed.won == 0);
  CHECK(all.undated.closed.won == 1);
  CHECK(all.undated.closed.won_value == Tallies{{1, {100, "EUR"}}});
  CHECK(all.undated.stage_entries == 2);
  CHECK(all.forecast.open_undated == 1);
  CHECK(all.forecast.open_undated_value == Tallies{{1, {30, "EUR"}}});
}

TEST_CASE("a reopened deal is no longer closed and can be won later") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), "2026-01-01");
  log.record(lost(1, "lead"), "2026-01-05");
  log.record(crm::DealReopened{id_of<crm::DealId>(1), {}, kPipeline, "offer", {}}, "2026-01-09");
  CHECK(ask(log).closed.lost == 0);
  CHECK(stage(ask(log), "offer").open_now == 1);
  log.record(won(1, "offer"), "2026-01-19");
  CHECK(ask(log).closed.won == 1);
  CHECK(stage(ask(log), "offer").mean_dwell.value == doctest::Approx(10.0));
}

TEST_CASE("an archived deal is in no forecast") {
  TestLog log;
  log.record(test::sales_pipeline(kPipeline), "2026-01-01");
  log.record(opened(1, eur(100)), "2026-01-01");
  log.record(crm::DealArchived{id_of<crm::DealId>(1), {}}, "2026-01-02");
  CHECK(ask(log).forecast.open_undated == 0);
  CHECK(stage(ask(log), "lead").entered == 1);
}

// ---- against a naive computation ----------------------------------------------------------------

namespace {

const std::vector<std::string> kStages{"lead", "offer", "closing"};

struct Step {
  std::size_t from;
  std::size_t to;
  std::int32_t day;
};

// One valid deal as the test knows it.
struct Known {
  std::int32_t opened = 0;
  std::vector<Step> steps;
  int outcome = 0;  // 0 open, 1 won, 2 lost
  std::int32_t closed = 0;
  int corrections = 0;  // how often its closing was told wrongly before
  std::int64_t minor = 0;
  std::optional<std::int32_t> expected;
  std::optional<crm::UserId> owner;
  std::optional<crm::ProductId> product;

  std::size_t last_stage() const { return steps.empty() ? 0 : steps.back().to; }
};

constexpr std::int32_t kFirst = 20'454;  // 2026-01-01

Timestamp noon(std::int32_t date) { return Timestamp(start_of(Date(date)).value()); }

Known random_deal(std::mt19937_64& random) {
  const auto pick = [&](std::uint64_t count) {
    return static_cast<std::int32_t>(random() % count);
  };
  Known deal;
  deal.opened = kFirst + pick(100);
  std::int32_t now = deal.opened;
  for (std::int32_t steps = pick(5); steps > 0; --steps) {
    const auto to = static_cast<std::size_t>(pick(3));
    if (to == deal.last_stage()) continue;
    now += pick(20);
    deal.steps.push_back({deal.last_stage(), to, now});
  }
  deal.outcome = pick(3);
  deal.closed = now + pick(30);
  deal.corrections = pick(3);
  deal.minor = pick(100'000);
  if (pick(3) > 0) deal.expected = deal.opened + pick(120);
  if (pick(4) > 0)
    deal.owner = id_of<crm::UserId>(std::uint64_t{1} + static_cast<std::uint64_t>(pick(2)));
  if (pick(2) > 0)
    deal.product = id_of<crm::ProductId>(std::uint64_t{1} + static_cast<std::uint64_t>(pick(2)));
  return deal;
}

void record(TestLog& log, std::uint64_t id, const Known& deal) {
  crm::DealOpened event = opened(id, eur(deal.minor));
  event.owner = deal.owner;
  if (deal.product) event.lines = {{*deal.product, 1, {}}};
  if (deal.expected) event.expected_close = Date(*deal.expected);
  log.record(event, noon(deal.opened));
  for (const Step& step : deal.steps)
    log.record(moved(id, kStages[step.from], kStages[step.to]), noon(step.day));
  const std::string& last = kStages[deal.last_stage()];
  for (std::int32_t wrong = deal.outcome == 0 ? 0 : deal.corrections; wrong > 0; --wrong) {
    if ((deal.closed + wrong) % 2 == 0)
      log.record(won(id, last, eur(7)), noon(deal.closed + 20 * wrong));
    else
      log.record(lost(id, last), noon(deal.closed + 9 * wrong));
  }
  if (deal.outcome == 1) log.record(won(id, last), noon(deal.closed));
  if (deal.outcome == 2) log.record(lost(id, last), noon(deal.closed));
}

struct Naive {
  std::int64_t entered[3] = {};
  std::int64_t forward[3] = {};
  std::int64_t back[3] = {};
  std::int64_t won_from[3] = {};
  std::int64_t lost_from[3] = {};
  std::int64_t cohort[3] = {};
  std::int64_t converted[3] = {};
  std::int64_t won = 0;
  std::int64_t lost = 0;
  std::int64_t won_minor = 0;
  std::int64_t open_in_period = 0;
  std::int64_t weighted_percent = 0;
  std::vector<double> cycles;
};

template <class Inside>
void add(Naive& sum, const Known& deal, Inside inside) {
  if (inside(deal.opened)) ++sum.entered[0];
  std::optional<std::int32_t> first[3];
  bool has_gone_on[3] = {};
  first[0] = deal.opened;
  for (const Step& step : deal.steps) {
    if (!first[step.to]) first[step.to] = step.day;
    if (step.to > step.from) has_gone_on[step.from] = true;
    if (!inside(step.day)) continue;
    ++(step.to > step.from ? sum.forward : sum.back)[step.from];
    ++sum.entered[step.to];
  }
  if (deal.outcome == 1) has_gone_on[deal.last_stage()] = true;
  for (int i = 0; i < 3; ++i) {
    if (!first[i] || !inside(*first[i])) continue;
    ++sum.cohort[i];
    if (has_gone_on[i]) ++sum.converted[i];
  }
  if (deal.outcome != 0 && inside(deal.closed)) {
    ++(deal.outcome == 1 ? sum.won_from : sum.lost_from)[deal.last_stage()];
    ++(deal.outcome == 1 ? sum.won : sum.lost);
    if (deal.outcome == 1) {
      sum.won_minor += deal.minor;
      sum.cycles.push_back(deal.closed - deal.opened);
    }
  }
  if (deal.outcome == 0 && deal.expected && inside(*deal.expected)) {
    constexpr std::int64_t kProbabilities[]{10, 50, 90};
    ++sum.open_in_period;
    sum.weighted_percent += deal.minor * kProbabilities[deal.last_stage()];
  }
}

void compare(const FunnelAnswer& answer, Naive naive) {
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    CAPTURE(kStages[i]);
    const StageFlow& flow = stage(answer, kStages[i]);
    CHECK(flow.entered == naive.entered[i]);
    CHECK(flow.left_forward == naive.forward[i]);
    CHECK(flow.left_back == naive.back[i]);
    CHECK(flow.won == naive.won_from[i]);
    CHECK(flow.lost == naive.lost_from[i]);
    CHECK(flow.conversion.denominator == naive.cohort[i]);
    CHECK(flow.conversion.value == percent_of(naive.converted[i], naive.cohort[i]));
  }
  CHECK(answer.closed.won == naive.won);
  CHECK(answer.closed.lost == naive.lost);
  CHECK(sum_in(answer.closed.won_value, "EUR").minor == naive.won_minor);
  CHECK(answer.forecast.open_deals == naive.open_in_period);
  Int128 total = 0;
  for (const CurrencyForecast& forecast : answer.forecast.by_currency)
    total += forecast.total.minor;
  CHECK(total == naive.won_minor + (naive.weighted_percent + 50) / 100);
  std::sort(naive.cycles.begin(), naive.cycles.end());
  const std::size_t count = naive.cycles.size();
  CHECK(answer.median_cycle.denominator == static_cast<std::int64_t>(count));
  if (count > 0) {
    const double median = (naive.cycles[count / 2] + naive.cycles[(count - 1) / 2]) / 2;
    CHECK(answer.median_cycle.value == doctest::Approx(median));
  }
}

}  // namespace

TEST_CASE("for random deals, periods and filters the funnel is what a naive count gives") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    TestLog log;
    log.record(test::sales_pipeline(kPipeline), "2026-01-01");
    std::vector<Known> deals;
    for (std::uint64_t id = 1; id <= 120; ++id) {
      deals.push_back(random_deal(random));
      record(log, id, deals.back());
    }
    const auto rows = test::view_of(log, "funnel");
    for (int round = 0; round < 12; ++round) {
      FunnelQuery query{.pipeline = kPipeline};
      const auto from = kFirst + static_cast<std::int32_t>(random() % 120);
      const auto to = from + static_cast<std::int32_t>(random() % 120);
      if (random() % 4 != 0) query.from = Date(from);
      if (random() % 4 != 0) query.to = Date(to);
      if (random() % 2 != 0) query.owner = id_of<crm::UserId>(1);
      if (random() % 2 != 0) query.product = id_of<crm::ProductId>(2);
      Naive naive;
      for (const Known& deal : deals) {
        if ((query.owner && deal.owner != query.owner) ||
            (query.product && deal.product != query.product))
          continue;
        add(naive, deal, [&](std::int32_t date) {
          return (!query.from || date >= from) && (!query.to || date < to);
        });
      }
      const auto answer = funnel(*rows, query);
      REQUIRE(answer.has_value());
      compare(*answer, naive);
    }
  }
}

}  // namespace factum::projections
