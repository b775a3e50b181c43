// Views as of a position: of one entity, and of all.
#include "projections/as_of.hpp"

#include "core/crm/ids.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/past_views.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "tests/projections/view_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <future>

namespace factum::projections {
namespace {

using test::TestLog;

constexpr std::uint64_t kSeed = 11;
constexpr std::size_t kEvents = 600;

void record_some(TestLog& log, std::size_t count) {
  std::mt19937_64 random(kSeed);
  test::record_random(log, random, count);
}

// The customers that random events are about.
std::vector<crm::CustomerId> customers() {
  std::vector<crm::CustomerId> ids;
  for (std::uint64_t number = 1; number <= 4; ++number)
    ids.push_back({test::test_id(std::string_view("customer").size() * 100 + 'c' * 1000 + number)});
  return ids;
}

test::RowList rows_below(const ViewReader& rows, const std::string& prefix) {
  test::RowList found;
  const Status scanned =
      rows.scan(rows_with_prefix(prefix), [&](std::string_view key, std::string_view value) {
        found.emplace_back(key, value);
        return true;
      });
  REQUIRE(scanned);
  return found;
}

}  // namespace

TEST_CASE("the purchases of a customer as of a position are what they were then") {
  TestLog log;
  record_some(log, kEvents);
  const View view = test::view_named("purchase_history");
  std::size_t compared = 0;
  for (const std::uint64_t head : {150U, 400U, 600U}) {
    TestLog past;
    record_some(past, head);
    const auto then = test::view_of(past, "purchase_history");
    for (const crm::CustomerId& customer : customers()) {
      CAPTURE(head);
      CAPTURE(customer.uuid.to_string());
      const auto folded =
          fold_as_of(view, log.store(), log.codec(), {customer.tag(), Position(head)});
      REQUIRE(folded);
      const std::string prefix = ViewKey('h').id(customer).str();
      const auto expected = rows_below(*then, prefix);
      CHECK(rows_below(**folded, prefix) == expected);
      compared += expected.size();
    }
  }
  CHECK(compared > 20);
}

TEST_CASE("without a tag every view as of a position is, byte for byte, what it was then") {
  TestLog log;
  record_some(log, kEvents);
  for (const std::uint64_t head : {0U, 1U, 300U, 600U, 900U}) {
    TestLog past;
    record_some(past, std::min<std::size_t>(head, kEvents));
    for (const View& view : all_views()) {
      CAPTURE(head);
      CAPTURE(view.projection.name());
      const auto folded = fold_as_of(view, log.store(), log.codec(), {.position = Position(head)});
      REQUIRE(folded);
      CHECK((*folded)->position() == Position(std::min<std::uint64_t>(head, kEvents)));
      CHECK(test::rows_of(**folded) ==
            test::rows_of(*test::fold_log(past, view.projection)->snapshot()));
    }
  }
}

namespace {

constexpr std::uint64_t kTestStep = 32;

// What a live view showed at some moment: the rows of the tables whose past it keeps.
struct Moment {
  std::string view;
  Position position;
  test::RowList rows;
};

test::RowList kept_rows(const ViewReader& rows, const std::string& tables) {
  test::RowList kept;
  for (auto& [key, value] : test::rows_of(rows)) {
    if (tables == "*" || tables.find(key.front()) != std::string::npos)
      kept.emplace_back(key, value);
  }
  return kept;
}

void wait_for(Projector& projector, Position position) {
  std::promise<bool> reached;
  projector.wait_for(position, std::chrono::seconds(20),
                     [&](const WaitOutcome& outcome) { reached.set_value(outcome.reached); });
  REQUIRE(reached.get_future().get());
}

// Follows a random history, and notes at random moments what each view shows.
std::vector<Moment> live_moments(TestLog& log, Projector& projector, std::mt19937_64& random,
                                 std::size_t events) {
  std::vector<Moment> moments;
  for (std::size_t recorded = 0; recorded < events;) {
    const std::size_t some = 1 + random() % 45;
    test::record_random(log, random, some);
    recorded += some;
    wait_for(projector, log.store().head());
    for (const View& view : all_views()) {
      const auto rows = projector.read(view.projection.name());
      REQUIRE(rows);
      moments.push_back({view.projection.name(), (*rows)->position(),
                         kept_rows(**rows, view.projection.past_tables())});
    }
  }
  return moments;
}

// As of each moment a view shows what it showed then, which is what a fold of the events up to
// there gives; after everything has been recorded.
void check_as_of(GenerationStore& generations, std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  TestLog log;
  const auto projector = make_projector(all_views(), log.store(), log.codec(), generations);
  REQUIRE(projector->start());
  const auto moments = live_moments(log, *projector, random, 400);
  const PastViews past(all_views(), log.store(), log.codec(), *projector);
  std::size_t rows_compared = 0;
  for (const Moment& moment : moments) {
    CAPTURE(moment.view);
    CAPTURE(moment.position.value());
    const View view = test::view_named(moment.view);
    const std::string& tables = view.projection.past_tables();
    REQUIRE((!tables.empty() || view.related.has_value()));
    const auto naive =
        fold_as_of(view, log.store(), log.codec(), {.tag = {}, .position = moment.position});
    REQUIRE(naive);
    CHECK(kept_rows(**naive, tables) == moment.rows);
    if (tables.empty()) continue;
    const auto rows = past.open(moment.view, {}, moment.position);
    REQUIRE(rows);
    CHECK((*rows)->position() == moment.position);
    CHECK(kept_rows(**rows, tables) == moment.rows);
    rows_compared += moment.rows.size();
  }
  CHECK(rows_compared > 1000);
  projector->stop();
}

}  // namespace

TEST_CASE("every view as of any moment is what it showed then, in memory") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    check_as_of(*make_memory_generation_store(kTestStep), seed);
}

TEST_CASE("every view as of any moment is what it showed then, on disk") {
  for (std::uint64_t seed = 4; seed <= 6; ++seed) {
    test::TempDir folder;
    auto generations = open_rocksdb_generation_store(
        {.path = folder / "views", .past_step = kTestStep, .log = nullptr});
    REQUIRE(generations);
    check_as_of(**generations, seed);
  }
}

TEST_CASE("a view that is built anew has the same past") {
  TestLog log;
  const auto generations = make_memory_generation_store(kTestStep);
  const auto projector = make_projector(all_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start());
  record_some(log, kEvents);
  wait_for(*projector, log.store().head());
  for (const View& view : all_views()) {
    const std::string& name = view.projection.name();
    CAPTURE(name);
    const auto rows_at = [&](std::uint64_t position) {
      const auto keyspace = projector->keyspace(name);
      REQUIRE(keyspace);
      return test::rows_of(*(*keyspace)->rows_at(Position(position)));
    };
    const auto before = rows_at(300);
    const auto latest = rows_at(kEvents);
    CHECK(before.empty() == view.projection.past_tables().empty());
    REQUIRE(projector->rebuild({name}, WorkWatch{}));
    CHECK(rows_at(300) == before);
    CHECK(rows_at(kEvents) == latest);
  }
}

}  // namespace factum::projections
