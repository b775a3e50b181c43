#include "projections/projector.hpp"

#include "core/crm/customer_events.hpp"
#include "projections/customer_360.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "tests/projections/view_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

namespace factum::projections {

using std::chrono::milliseconds;
using test::id_of;
using test::TestLog;

namespace {

constexpr milliseconds kLong{20'000};
const auto kAnna = id_of<crm::CustomerId>(1);

struct TagCount {
  std::int64_t applied = 0;
  static void describe(FieldVisitor& v, TagCount& c) { v.shown("applied", c.applied, "Labels"); }
};

constexpr const char* kPoison = "poison";
std::atomic<bool> is_poisonous{false};

void count_tag(ViewBatch& rows, const crm::TagApplied& e, const DecodedEvent& /*at*/) {
  ++rows.edit<TagCount>(ViewKey('t').text(e.tag)).applied;
}
void count_double(ViewBatch& rows, const crm::TagApplied& e, const DecodedEvent& /*at*/) {
  rows.edit<TagCount>(ViewKey('t').text(e.tag)).applied += 2;
}
// Reads a row that is not its own kind's bytes once it meets the poison.
void count_fragile(ViewBatch& rows, const crm::TagApplied& e, const DecodedEvent& at) {
  count_tag(rows, e, at);
  if (is_poisonous && e.tag == kPoison) {
    rows.put_bytes("broken", "\xFF\xFF");
    rows.edit<TagCount>("broken");
  }
}

View tags_view(std::string name, std::uint32_t version, Projection::Handler<crm::TagApplied> fold,
               std::uint32_t readable_since = 0) {
  Projection projection(std::move(name), version, "Labels by name");
  projection.on<crm::TagApplied>(fold);
  return {std::move(projection), std::nullopt, readable_since};
}

std::vector<View> tag_views() {
  std::vector<View> views;
  views.push_back(tags_view("fragile", 1, &count_fragile));
  views.push_back(tags_view("sturdy", 1, &count_tag));
  return views;
}

void record_tags(TestLog& log, const char* tag, int count) {
  std::vector<EventBox> events;
  for (int i = 0; i < count; ++i) events.push_back(EventBox::of(crm::TagApplied{kAnna, tag}));
  log.record_all(events, test::at("2026-01-01"));
}

std::int64_t tags_in(const ViewReader& rows, const char* tag) {
  const auto bytes = rows.get(ViewKey('t').text(tag).str());
  REQUIRE(bytes.has_value());
  return *bytes ? decode_row<TagCount>(**bytes)->applied : 0;
}
std::int64_t tags_in(const Projector& projector, std::string_view view, const char* tag) {
  const auto rows = projector.read(view);
  REQUIRE(rows.has_value());
  return tags_in(**rows, tag);
}

WaitOutcome wait(Projector& projector, Position position, milliseconds timeout = kLong) {
  std::promise<WaitOutcome> promise;
  auto outcome = promise.get_future();
  projector.wait_for(position, timeout,
                     [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
  return outcome.get();
}

// Until no view is being rebuilt: each rebuild ends with a switch, which wakes waiters.
void settle(Projector& projector, const TestLog& /*log*/) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < deadline) {
    bool busy = false;
    for (const ViewStatus& status : projector.status()) busy = busy || status.rebuilding;
    if (!busy) return;
    std::this_thread::yield();
  }
  FAIL("a rebuild does not end");
}

ViewStatus status_of(const Projector& projector, std::string_view view) {
  for (ViewStatus& status : projector.status()) {
    if (status.name == view) return status;
  }
  FAIL("no such view");
  return {};
}

}  // namespace

TEST_CASE("views follow the log and a waiter hears of it") {
  TestLog log;
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  record_tags(log, "vip", 3);
  const WaitOutcome outcome = wait(*projector, Position(3));
  CHECK(outcome.reached);
  CHECK(outcome.behind.empty());
  CHECK(tags_in(*projector, "sturdy", "vip") == 3);
  CHECK(projector->position() == Position(3));
  CHECK((*projector->read("sturdy"))->position() == Position(3));
}

TEST_CASE("a wait that is over in time says which views are behind") {
  TestLog log;
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  const WaitOutcome outcome = wait(*projector, Position(1), milliseconds(5));
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.behind == std::vector<std::string>{"fragile", "sturdy"});
}

TEST_CASE("stopping answers every waiter") {
  TestLog log;
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  std::promise<WaitOutcome> promise;
  projector->wait_for(Position(5), kLong,
                      [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
  projector->stop();
  CHECK_FALSE(promise.get_future().get().reached);
  CHECK_FALSE(wait(*projector, Position(5)).reached);
}

TEST_CASE("waiting for one view leaves the others aside") {
  TestLog log;
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  record_tags(log, "vip", 1);
  std::promise<WaitOutcome> promise;
  projector->wait_for_view("sturdy", Position(1), kLong,
                           [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
  CHECK(promise.get_future().get().reached);
}

TEST_CASE("a view that fails stops alone before the event and the others go on") {
  TestLog log;
  is_poisonous = true;
  auto generations = make_memory_generation_store();
  std::mutex mutex;
  std::vector<std::string> lines;
  ProjectorOptions options;
  options.log = [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  };
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations, options);
  REQUIRE(projector->start().has_value());
  record_tags(log, "vip", 4);
  record_tags(log, kPoison, 1);
  record_tags(log, "vip", 2);
  const auto reached = [&] {
    std::promise<WaitOutcome> promise;
    projector->wait_for_view("sturdy", Position(7), kLong,
                             [&](WaitOutcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get().reached;
  };
  CHECK(reached());
  settle(*projector, log);
  // Its rows were taken for damaged and built anew once, with the same end.
  const ViewStatus failed = status_of(*projector, "fragile");
  CHECK(failed.serving);
  CHECK(failed.position == Position(4));
  CHECK(failed.failure.find("position 5") != std::string::npos);
  CHECK(tags_in(*projector, "fragile", "vip") == 4);
  CHECK(tags_in(*projector, "sturdy", "vip") == 6);
  const WaitOutcome outcome = wait(*projector, Position(7));
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.behind == std::vector<std::string>{"fragile"});
  {
    const std::lock_guard lock(mutex);
    const std::string said = "view fragile has rows that do not read; it is built anew once";
    CHECK(std::count(lines.begin(), lines.end(), said) == 1);
  }

  is_poisonous = false;
  REQUIRE(projector->rebuild({"fragile"}, nullptr, nullptr).has_value());
  CHECK(status_of(*projector, "fragile").failure.empty());
  CHECK(wait(*projector, Position(7)).reached);
  CHECK(tags_in(*projector, "fragile", "vip") == 6);
}

TEST_CASE("several views are rebuilt in one pass; one that is not there stops all") {
  TestLog log;
  record_tags(log, "vip", 50);
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  const Status wrong = projector->rebuild({"sturdy", "nothing"}, nullptr, nullptr);
  CHECK(wrong.error().code == ErrorCode::not_found);
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 1});
  REQUIRE(projector->rebuild({"fragile", "sturdy", "fragile"}, nullptr, nullptr).has_value());
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 2});
  CHECK(generations->live("fragile") == Generation{"fragile", 1, 2});
  CHECK(tags_in(*projector, "fragile", "vip") == 50);
}

TEST_CASE("a rebuild beside the live rows ends with the same rows and the next number") {
  TestLog log;
  record_tags(log, "vip", 500);
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  const auto before = test::rows_of(**projector->read("sturdy"));
  std::vector<std::uint64_t> done;
  REQUIRE(projector
              ->rebuild(
                  {"sturdy"},
                  [&](std::string_view what, std::uint64_t events, std::uint64_t total) {
                    if (what != "folding events") return;
                    CHECK(total == 500);
                    done.push_back(events);
                  },
                  nullptr)
              .has_value());
  CHECK_FALSE(done.empty());
  CHECK(test::rows_of(**projector->read("sturdy")) == before);
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 2});
  CHECK(generations->list().size() == 2);
  record_tags(log, "vip", 1);
  CHECK(wait(*projector, Position(501)).reached);
  CHECK(tags_in(*projector, "sturdy", "vip") == 501);
}

TEST_CASE("a rebuild while events come in loses and doubles none") {
  TestLog log;
  record_tags(log, "vip", 2000);
  auto generations = make_memory_generation_store();
  ProjectorOptions options;
  options.batch_events_max = 64;
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations, options);
  REQUIRE(projector->start().has_value());
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) record_tags(log, "vip", 20);
  });
  for (int i = 0; i < 5; ++i) {
    const Status rebuilt = projector->rebuild({"sturdy"}, nullptr, nullptr);
    if (!rebuilt) CHECK(rebuilt.error().code == ErrorCode::unavailable);
  }
  writer.join();
  settle(*projector, log);
  CHECK(wait(*projector, Position(3000)).reached);
  CHECK(tags_in(*projector, "sturdy", "vip") == 3000);
  CHECK(tags_in(*projector, "fragile", "vip") == 3000);
}

TEST_CASE("a cancelled rebuild leaves the live rows as they are") {
  TestLog log;
  record_tags(log, "vip", 10);
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  const Status cancelled = projector->rebuild({"sturdy"}, nullptr, [] { return true; });
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code == ErrorCode::unavailable);
  CHECK_FALSE(status_of(*projector, "sturdy").rebuilding);
  CHECK(tags_in(*projector, "sturdy", "vip") == 10);
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
}

TEST_CASE("a rebuild that is cancelled while rows are compacted leaves the live ones as they are") {
  TestLog log;
  record_tags(log, "vip", 10);
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  // Asked before the only batch, then during and after the compaction that follows it.
  int asked = 0;
  const Status cancelled = projector->rebuild({"sturdy"}, nullptr, [&] { return ++asked > 1; });
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code == ErrorCode::unavailable);
  CHECK(tags_in(*projector, "sturdy", "vip") == 10);
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
  REQUIRE(projector->rebuild({"sturdy"}, nullptr, nullptr).has_value());
  CHECK(tags_in(*projector, "sturdy", "vip") == 10);
}

TEST_CASE("what a killed rebuild left is removed at the next start, the live rows serve") {
  TestLog log;
  record_tags(log, "vip", 10);
  auto generations = make_memory_generation_store();
  {
    auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
    REQUIRE(projector->start().has_value());
    settle(*projector, log);
  }
  auto left = generations->open({"sturdy", 1, 2}, {});
  REQUIRE(left);
  const TagCount counted{1000};
  REQUIRE((*left)->commit({{ViewKey('t').text("vip").str(), encode_row(counted)}}, Position(4)));
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
  CHECK(tags_in(*projector, "sturdy", "vip") == 10);
}

TEST_CASE("views that do not exist are not found") {
  TestLog log;
  auto generations = make_memory_generation_store();
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  CHECK(projector->read("nothing").error().code == ErrorCode::not_found);
  CHECK(projector->rebuild({"nothing"}, nullptr, nullptr).error().code == ErrorCode::not_found);
}

TEST_CASE("a new version of a fold is built by itself; readable old rows serve meanwhile") {
  TestLog log;
  record_tags(log, "vip", 100);
  auto generations = make_memory_generation_store();
  {
    auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations);
    REQUIRE(projector->start().has_value());
    settle(*projector, log);
    CHECK(wait(*projector, Position(100)).reached);
  }
  std::vector<View> views;
  views.push_back(tags_view("sturdy", 2, &count_double, 1));
  auto projector = make_projector(std::move(views), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  CHECK(projector->read("sturdy").has_value());
  settle(*projector, log);
  CHECK(status_of(*projector, "sturdy").version == 2);
  CHECK(tags_in(*projector, "sturdy", "vip") == 200);
  CHECK(generations->list() == std::vector<Generation>{{"sturdy", 2, 2}});
}

TEST_CASE("a build that was interrupted goes on where it was") {
  TestLog log;
  record_tags(log, "vip", 100);
  auto generations = make_memory_generation_store();
  // What a stop left at position 40; the number shows that these rows were kept.
  auto left = generations->open({"sturdy", 2, 1}, {});
  REQUIRE(left);
  const TagCount counted{1000};
  const std::string key = ViewKey('t').text("vip").str();
  REQUIRE((*left)->commit({{key, encode_row(counted)}}, Position(40)));
  std::vector<View> views;
  views.push_back(tags_view("sturdy", 2, &count_double));
  auto projector = make_projector(std::move(views), log.store(), log.codec(), *generations);
  REQUIRE(projector->start());
  settle(*projector, log);
  CHECK(wait(*projector, Position(100)).reached);
  CHECK(tags_in(*projector, "sturdy", "vip") == 1000 + 2 * 60);
  CHECK(generations->list() == std::vector<Generation>{{"sturdy", 2, 1}});
}

TEST_CASE("a build stopped again and again counts every event once") {
  TestLog log;
  record_tags(log, "vip", 300);
  auto generations = make_memory_generation_store();
  ProjectorOptions options;
  options.batch_events_max = 7;
  for (int start = 0; start < 20; ++start) {
    auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations, options);
    REQUIRE(projector->start());
    projector->stop();
  }
  auto projector = make_projector(tag_views(), log.store(), log.codec(), *generations, options);
  REQUIRE(projector->start());
  settle(*projector, log);
  CHECK(wait(*projector, Position(300)).reached);
  CHECK(tags_in(*projector, "sturdy", "vip") == 300);
  CHECK(tags_in(*projector, "fragile", "vip") == 300);
}

TEST_CASE("old rows that today's queries cannot read are not served") {
  TestLog log;
  record_tags(log, "vip", 1);
  auto generations = make_memory_generation_store();
  REQUIRE(generations->open({"sturdy", 1, 1}, {}).has_value());
  REQUIRE(generations->set_live({"sturdy", 1, 1}).has_value());
  std::vector<View> views;
  views.push_back(tags_view("sturdy", 2, &count_double));
  auto projector = make_projector(std::move(views), log.store(), log.codec(), *generations);
  CHECK(projector->read("sturdy").error().code == ErrorCode::unavailable);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  CHECK(tags_in(*projector, "sturdy", "vip") == 2);
}

TEST_CASE("live in small batches with restarts is, byte for byte, what one rebuild gives") {
  TestLog log;
  test::TempDir folder;
  std::mt19937_64 random(3);
  const auto open = [&] {
    auto opened = open_rocksdb_generation_store(
        {.path = folder / "views", .block_cache_bytes = 4 << 20, .write_buffer_bytes = 4 << 20});
    REQUIRE(opened.has_value());
    return std::move(*opened);
  };
  for (int run = 0; run < 4; ++run) {
    auto generations = open();
    ProjectorOptions options;
    options.batch_events_max = 1 + random() % 40;
    options.flush_after_events = 50;
    auto projector = make_projector(all_views(), log.store(), log.codec(), *generations, options);
    REQUIRE(projector->start().has_value());
    test::record_random(log, random, 150);
    settle(*projector, log);
    CHECK(wait(*projector, log.store().head()).reached);
  }
  auto generations = open();
  auto projector = make_projector(all_views(), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  CHECK(wait(*projector, log.store().head()).reached);
  for (const View& view : all_views()) {
    CAPTURE(view.projection.name());
    const auto live = test::rows_of(**projector->read(view.projection.name()));
    CHECK(live == test::rows_of(*test::fold_log(log, view.projection)->snapshot()));
    REQUIRE(projector->rebuild({view.projection.name()}, nullptr, nullptr).has_value());
    CHECK(test::rows_of(**projector->read(view.projection.name())) == live);
  }
}

TEST_CASE("views beyond the log, as after a restore, are built anew") {
  TestLog log;
  record_tags(log, "vip", 2);
  auto generations = make_memory_generation_store();
  REQUIRE((*generations->open({"sturdy", 1, 1}, {}))->commit({}, Position(50)).has_value());
  REQUIRE(generations->set_live({"sturdy", 1, 1}).has_value());
  std::vector<View> views;
  views.push_back(tags_view("sturdy", 1, &count_tag));
  auto projector = make_projector(std::move(views), log.store(), log.codec(), *generations);
  REQUIRE(projector->start().has_value());
  settle(*projector, log);
  CHECK(tags_in(*projector, "sturdy", "vip") == 2);
  CHECK(status_of(*projector, "sturdy").position == Position(2));
}

}  // namespace factum::projections
