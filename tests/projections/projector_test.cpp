#include "projections/projector.hpp"

#include "core/crm/customer_events.hpp"
#include "projections/customer_360.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/rocksdb_view_store.hpp"
#include "tests/projections/view_fixture.hpp"
#include "tests/support/eventually.hpp"
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

std::vector<View> only(View view) {
  std::vector<View> views;
  views.push_back(std::move(view));
  return views;
}

/// A log of labels and a projector of two views that count them.
struct CountedTags {
  /// In place of the one there was.
  void make(std::vector<View> views, ProjectorOptions options = {}) {
    projector.reset();
    projector = make_projector(std::move(views), log.store(), log.codec(), *generations,
                               std::move(options));
  }
  void start(std::vector<View> views = tag_views(), ProjectorOptions options = {}) {
    make(std::move(views), std::move(options));
    REQUIRE(projector->start().has_value());
  }
  void start_settled(std::vector<View> views = tag_views()) {
    start(std::move(views));
    settle();
  }

  void record(const char* tag, int count) {
    std::vector<EventBox> events;
    for (int i = 0; i < count; ++i) events.push_back(EventBox::of(crm::TagApplied{kAnna, tag}));
    log.record_all(events, test::at("2026-01-01"));
  }

  std::int64_t count_of(std::string_view view, const char* tag) const {
    const auto rows = projector->read(view);
    REQUIRE(rows.has_value());
    const auto bytes = (*rows)->get(ViewKey('t').text(tag).str());
    REQUIRE(bytes.has_value());
    return *bytes ? decode_row<TagCount>(**bytes)->applied : 0;
  }

  WaitOutcome wait(Position position, milliseconds timeout = kLong) {
    std::promise<WaitOutcome> promise;
    auto outcome = promise.get_future();
    projector->wait_for(position, timeout,
                        [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
    return outcome.get();
  }
  WaitOutcome wait_for_view(std::string_view view, Position position) {
    std::promise<WaitOutcome> promise;
    auto outcome = promise.get_future();
    projector->wait_for_view(view, position, kLong,
                             [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
    return outcome.get();
  }
  /// Until no view is being rebuilt.
  void settle() const {
    const auto is_busy = [](const ViewStatus& status) { return status.rebuilding; };
    test::eventually("the end of every rebuild", [&] {
      const auto statuses = projector->status();
      return std::none_of(statuses.begin(), statuses.end(), is_busy);
    });
  }

  ViewStatus status_of(std::string_view view) const {
    for (ViewStatus& status : projector->status()) {
      if (status.name == view) return status;
    }
    FAIL("no such view");
    return {};
  }

  TestLog log;
  std::unique_ptr<GenerationStore> generations = make_memory_generation_store();
  std::unique_ptr<Projector> projector;
};

}  // namespace

TEST_CASE_FIXTURE(CountedTags, "views follow the log and a waiter hears of it") {
  start();
  record("vip", 3);
  const WaitOutcome outcome = wait(Position(3));
  CHECK(outcome.reached);
  CHECK(outcome.behind.empty());
  CHECK(count_of("sturdy", "vip") == 3);
  CHECK(projector->position() == Position(3));
  CHECK((*projector->read("sturdy"))->position() == Position(3));
}

TEST_CASE_FIXTURE(CountedTags, "a wait that is over in time says which views are behind") {
  start();
  const WaitOutcome outcome = wait(Position(1), milliseconds(5));
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.behind == std::vector<std::string>{"fragile", "sturdy"});
}

TEST_CASE_FIXTURE(CountedTags, "stopping answers every waiter") {
  start();
  std::promise<WaitOutcome> promise;
  projector->wait_for(Position(5), kLong,
                      [&](WaitOutcome reached) { promise.set_value(std::move(reached)); });
  projector->stop();
  CHECK_FALSE(promise.get_future().get().reached);
  CHECK_FALSE(wait(Position(5)).reached);
}

TEST_CASE_FIXTURE(CountedTags, "waiting for one view leaves the others aside") {
  start();
  record("vip", 1);
  CHECK(wait_for_view("sturdy", Position(1)).reached);
}

TEST_CASE_FIXTURE(CountedTags,
                  "a view that fails stops alone before the event and the others go on") {
  is_poisonous = true;
  std::mutex mutex;
  std::vector<std::string> lines;
  ProjectorOptions options;
  options.log = [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  };
  start(tag_views(), options);
  record("vip", 4);
  record(kPoison, 1);
  record("vip", 2);
  CHECK(wait_for_view("sturdy", Position(7)).reached);
  settle();
  // Its rows were taken for damaged and built anew once, with the same end.
  const ViewStatus failed = status_of("fragile");
  CHECK(failed.serving);
  CHECK(failed.position == Position(4));
  CHECK(failed.failure.find("position 5") != std::string::npos);
  CHECK(count_of("fragile", "vip") == 4);
  CHECK(count_of("sturdy", "vip") == 6);
  const WaitOutcome outcome = wait(Position(7));
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.behind == std::vector<std::string>{"fragile"});
  {
    const std::lock_guard lock(mutex);
    const std::string said = "view fragile has rows that do not read; it is built anew once";
    CHECK(std::count(lines.begin(), lines.end(), said) == 1);
  }

  is_poisonous = false;
  REQUIRE(projector->rebuild({"fragile"}, WorkWatch{}).has_value());
  CHECK(status_of("fragile").failure.empty());
  CHECK(wait(Position(7)).reached);
  CHECK(count_of("fragile", "vip") == 6);
}

TEST_CASE_FIXTURE(CountedTags,
                  "several views are rebuilt in one pass; one that is not there stops all") {
  record("vip", 50);
  start_settled();
  const Status wrong = projector->rebuild({"sturdy", "nothing"}, WorkWatch{});
  CHECK(wrong.error().code == ErrorCode::not_found);
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 1});
  REQUIRE(projector->rebuild({"fragile", "sturdy", "fragile"}, WorkWatch{}).has_value());
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 2});
  CHECK(generations->live("fragile") == Generation{"fragile", 1, 2});
  CHECK(count_of("fragile", "vip") == 50);
}

TEST_CASE_FIXTURE(CountedTags,
                  "a rebuild beside the live rows ends with the same rows and the next number") {
  record("vip", 500);
  start_settled();
  const auto before = test::rows_of(**projector->read("sturdy"));
  std::vector<std::uint64_t> done;
  WorkWatch watch;
  watch.on_progress = [&](std::string_view what, std::uint64_t events, std::uint64_t total) {
    if (what != "folding events") return;
    CHECK(total == 500);
    done.push_back(events);
  };
  REQUIRE(projector->rebuild({"sturdy"}, watch).has_value());
  CHECK_FALSE(done.empty());
  CHECK(test::rows_of(**projector->read("sturdy")) == before);
  CHECK(generations->live("sturdy") == Generation{"sturdy", 1, 2});
  CHECK(generations->list().size() == 2);
  record("vip", 1);
  CHECK(wait(Position(501)).reached);
  CHECK(count_of("sturdy", "vip") == 501);
}

TEST_CASE_FIXTURE(CountedTags, "a rebuild while events come in loses and doubles none") {
  record("vip", 2000);
  ProjectorOptions options;
  options.batch_events_max = 64;
  start(tag_views(), options);
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) record("vip", 20);
  });
  for (int i = 0; i < 5; ++i) {
    const Status rebuilt = projector->rebuild({"sturdy"}, WorkWatch{});
    if (!rebuilt) CHECK(rebuilt.error().code == ErrorCode::unavailable);
  }
  writer.join();
  settle();
  CHECK(wait(Position(3000)).reached);
  CHECK(count_of("sturdy", "vip") == 3000);
  CHECK(count_of("fragile", "vip") == 3000);
}

TEST_CASE_FIXTURE(CountedTags, "a cancelled rebuild leaves the live rows as they are") {
  record("vip", 10);
  start_settled();
  WorkWatch watch;
  watch.cancelled = [] { return true; };
  const Status cancelled = projector->rebuild({"sturdy"}, watch);
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code == ErrorCode::unavailable);
  CHECK_FALSE(status_of("sturdy").rebuilding);
  CHECK(count_of("sturdy", "vip") == 10);
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
}

TEST_CASE_FIXTURE(CountedTags, "a rebuild cancelled while rows are sorted leaves the live ones") {
  record("vip", 10);
  start_settled();
  // Asked before the only batch, then during and after the sorting that follows it.
  int asked = 0;
  WorkWatch watch;
  watch.cancelled = [&] { return ++asked > 1; };
  const Status cancelled = projector->rebuild({"sturdy"}, watch);
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code == ErrorCode::unavailable);
  CHECK(count_of("sturdy", "vip") == 10);
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
  REQUIRE(projector->rebuild({"sturdy"}, WorkWatch{}).has_value());
  CHECK(count_of("sturdy", "vip") == 10);
}

TEST_CASE_FIXTURE(CountedTags,
                  "what a killed rebuild left is removed at the next start, the live rows serve") {
  record("vip", 10);
  start_settled();
  projector.reset();
  auto left = generations->open({"sturdy", 1, 2}, {});
  REQUIRE(left);
  const TagCount counted{1000};
  REQUIRE((*left)->commit({{ViewKey('t').text("vip").str(), encode_row(counted)}}, Position(4)));
  start();
  CHECK(generations->list() == std::vector<Generation>{{"fragile", 1, 1}, {"sturdy", 1, 1}});
  CHECK(count_of("sturdy", "vip") == 10);
}

TEST_CASE_FIXTURE(CountedTags, "views that do not exist are not found") {
  start();
  CHECK(projector->read("nothing").error().code == ErrorCode::not_found);
  CHECK(projector->rebuild({"nothing"}, WorkWatch{}).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(CountedTags,
                  "a new version of a fold is built by itself; readable old rows serve meanwhile") {
  record("vip", 100);
  start_settled();
  CHECK(wait(Position(100)).reached);
  start(only(tags_view("sturdy", 2, &count_double, 1)));
  CHECK(projector->read("sturdy").has_value());
  settle();
  CHECK(status_of("sturdy").version == 2);
  CHECK(count_of("sturdy", "vip") == 200);
  CHECK(generations->list() == std::vector<Generation>{{"sturdy", 2, 2}});
}

TEST_CASE_FIXTURE(CountedTags, "a build that was interrupted goes on where it was") {
  record("vip", 100);
  // What a stop left at position 40; the number shows that these rows were kept.
  auto left = generations->open({"sturdy", 2, 1}, {});
  REQUIRE(left);
  const TagCount counted{1000};
  const std::string key = ViewKey('t').text("vip").str();
  REQUIRE((*left)->commit({{key, encode_row(counted)}}, Position(40)));
  start_settled(only(tags_view("sturdy", 2, &count_double)));
  CHECK(wait(Position(100)).reached);
  CHECK(count_of("sturdy", "vip") == 1000 + 2 * 60);
  CHECK(generations->list() == std::vector<Generation>{{"sturdy", 2, 1}});
}

TEST_CASE_FIXTURE(CountedTags, "a build stopped again and again counts every event once") {
  record("vip", 300);
  ProjectorOptions options;
  options.batch_events_max = 7;
  for (int stops = 0; stops < 20; ++stops) {
    start(tag_views(), options);
    projector->stop();
  }
  start(tag_views(), options);
  settle();
  CHECK(wait(Position(300)).reached);
  CHECK(count_of("sturdy", "vip") == 300);
  CHECK(count_of("fragile", "vip") == 300);
}

TEST_CASE_FIXTURE(CountedTags, "old rows that today's queries cannot read are not served") {
  record("vip", 1);
  REQUIRE(generations->open({"sturdy", 1, 1}, {}).has_value());
  REQUIRE(generations->set_live({"sturdy", 1, 1}).has_value());
  make(only(tags_view("sturdy", 2, &count_double)));
  CHECK(projector->read("sturdy").error().code == ErrorCode::unavailable);
  REQUIRE(projector->start().has_value());
  settle();
  CHECK(count_of("sturdy", "vip") == 2);
}

TEST_CASE_FIXTURE(CountedTags,
                  "live in small batches with restarts is, byte for byte, what one rebuild gives") {
  const test::TempDir folder;
  std::mt19937_64 random(3);
  const auto open = [&] {
    projector.reset();
    generations.reset();
    auto opened = open_rocksdb_generation_store(
        {.path = folder / "views", .block_cache_bytes = 4 << 20, .write_buffer_bytes = 4 << 20});
    REQUIRE(opened.has_value());
    generations = std::move(*opened);
  };
  for (int run = 0; run < 4; ++run) {
    open();
    ProjectorOptions options;
    options.batch_events_max = 1 + random() % 40;
    options.flush_after_events = 50;
    start(all_views(), options);
    test::record_random(log, random, 150);
    settle();
    CHECK(wait(log.store().head()).reached);
  }
  open();
  start(all_views());
  CHECK(wait(log.store().head()).reached);
  for (const View& view : all_views()) {
    CAPTURE(view.projection.name());
    const auto live = test::rows_of(**projector->read(view.projection.name()));
    CHECK(live == test::rows_of(*test::fold_log(log, view.projection)->snapshot()));
    REQUIRE(projector->rebuild({view.projection.name()}, WorkWatch{}).has_value());
    CHECK(test::rows_of(**projector->read(view.projection.name())) == live);
  }
}

TEST_CASE_FIXTURE(CountedTags, "views beyond the log, as after a restore, are built anew") {
  record("vip", 2);
  REQUIRE((*generations->open({"sturdy", 1, 1}, {}))->commit({}, Position(50)).has_value());
  REQUIRE(generations->set_live({"sturdy", 1, 1}).has_value());
  start_settled(only(tags_view("sturdy", 1, &count_tag)));
  CHECK(count_of("sturdy", "vip") == 2);
  CHECK(status_of("sturdy").position == Position(2));
}

}  // namespace factum::projections
