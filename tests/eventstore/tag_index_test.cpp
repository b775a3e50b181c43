// Reads by tag at the sizes where the index changes its way: a tag with few positions (up to 256,
// in up to 64 seeks) is gathered by one iterator, others are read through one cursor per type. The
// answers must be those of a filter over all events.
#include "eventstore/memory_event_store.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace factum;
using namespace factum::test;

namespace {

constexpr std::uint64_t kTypes = 140;
constexpr std::uint64_t kOftenTypes = 3;
constexpr std::uint64_t kOften = 300;  // events of each type that is there often
constexpr std::uint64_t kSeldom = 6;   // of each other type
constexpr const char* kEveryEvent = "every:event";

// So many events of so many types carry the tag.
struct TagShape {
  std::uint64_t events;
  std::uint64_t types;

  std::string tag() const { return "tag:" + std::to_string(events) + ':' + std::to_string(types); }
};

constexpr TagShape kShapes[] = {
    {1, 1},    {2, 2},    {255, 1},  {256, 1},  {257, 1},  {255, 3},  {256, 3},    {257, 3},
    {63, 63},  {64, 64},  {65, 65},  {66, 66},  {128, 64}, {130, 65}, {140, 140},  {255, 64},
    {256, 64}, {257, 64}, {256, 65}, {257, 65}, {256, 66}, {256, 85}, {257, 140},  {25, 1},
    {2, 1},    {600, 3},  {700, 70}, {512, 64}, {513, 65}, {900, 3},  {1000, 140},
};

std::string type_name(std::uint64_t number) { return "Type" + std::to_string(number); }

// The events of one seed, in a random order.
class Events {
 public:
  explicit Events(std::mt19937_64& random) {
    for (std::uint64_t type = 0; type < kTypes; ++type)
      types_.insert(types_.end(), type < kOftenTypes ? kOften : kSeldom, type);
    std::shuffle(types_.begin(), types_.end(), random);
    tags_.resize(types_.size(), {kEveryEvent});
    for (const TagShape& shape : kShapes) spread(shape, random);
  }

  std::vector<NewEvent> all() const {
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < types_.size(); ++i)
      events.push_back(test_event(type_name(types_[i]), tags_[i]));
    return events;
  }

 private:
  // One event of each type first, then any of these types.
  void spread(const TagShape& shape, std::mt19937_64& random) {
    std::vector<std::size_t> order(types_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    std::set<std::uint64_t> seen;
    std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
      return types_[i] < shape.types && seen.insert(types_[i]).second;
    });
    std::uint64_t left = shape.events;
    for (const std::size_t i : order) {
      if (types_[i] >= shape.types || left == 0) continue;
      tags_[i].push_back(shape.tag());
      --left;
    }
    REQUIRE(left == 0);
  }

  std::vector<std::uint64_t> types_;
  std::vector<std::vector<std::string>> tags_;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool wanted(const Query& query, const EventRecord& record) {
  return std::any_of(query.items.begin(), query.items.end(), [&](const QueryItem& item) {
    return (item.types.empty() || has(item.types, record.type)) &&
           std::all_of(item.tags.begin(), item.tags.end(),
                       [&](const std::string& tag) { return has(record.tags, tag); });
  });
}

// A store on disk and one in memory with the same events.
class Stores {
 public:
  explicit Stores(std::mt19937_64& random) {
    open();
    const auto events = Events(random).all();
    for (EventStore* store : {disk_.get(), memory_.get()})
      REQUIRE(append_and_wait(*store, request_of(events)));
    ReadOptions everything;
    everything.limit = SIZE_MAX;
    all_ = memory_->read({}, everything).value();
  }

  std::uint64_t head() const { return all_.size(); }

  // From now on the index is read from table files.
  void reopen() {
    disk_.reset();
    open();
  }

  void check(const Query& query, const ReadOptions& options) const {
    CAPTURE(options.from.value());
    CAPTURE(options.to.value());
    CAPTURE(options.backwards);
    CAPTURE(options.limit);
    CAPTURE(query.items.front().tags.front());
    CAPTURE(query.items.front().types.size());
    const std::string expected = filter(query, options);
    REQUIRE(read_positions(*disk_, query, options) == expected);
    REQUIRE(read_positions(*memory_, query, options) == expected);
  }

  /// Where the events with this tag are.
  std::vector<std::uint64_t> positions_of(const std::string& tag) const {
    std::vector<std::uint64_t> positions;
    for (const RecordedEvent& event : all_) {
      if (has(event.record.tags, tag)) positions.push_back(event.position.value());
    }
    return positions;
  }

 private:
  void open() {
    EventStoreOptions options;
    options.directory = directory_ / "log";
    options.clock = &clock_;
    disk_ = open_rocksdb_event_store(options).value();
  }

  std::string filter(const Query& query, const ReadOptions& options) const {
    std::vector<RecordedEvent> found;
    for (const RecordedEvent& event : all_) {
      const bool inside = event.position >= options.from && event.position <= options.to;
      if (inside && wanted(query, event.record)) found.push_back(event);
    }
    if (options.backwards) std::reverse(found.begin(), found.end());
    if (found.size() > options.limit) found.resize(options.limit);
    return show_positions(found);
  }

  TempDir directory_;
  ManualClock clock_;
  std::unique_ptr<EventStore> disk_;
  std::unique_ptr<EventStore> memory_ = make_memory_event_store(clock_);
  std::vector<RecordedEvent> all_;
};

ReadOptions range_of(std::uint64_t from, std::uint64_t to) {
  ReadOptions options;
  options.from = Position(from);
  options.to = Position(to);
  options.limit = SIZE_MAX;
  options.with_slots = false;
  return options;
}

void check_both_ways(const Stores& stores, const Query& query, ReadOptions options) {
  stores.check(query, options);
  options.backwards = true;
  stores.check(query, options);
}

std::vector<std::string> types_between(std::uint64_t first, std::uint64_t last) {
  std::vector<std::string> types;
  for (std::uint64_t type = first; type < last; ++type) types.push_back(type_name(type));
  return types;
}

// Every choice of types that takes another way: all, one, one the tag does not have, up to 8 (asked
// without looking), more, 64 and 65 (as many as there may be seeks), and one no event has.
std::vector<std::vector<std::string>> choices_of_types(const TagShape& shape) {
  return {{},
          {type_name(0)},
          {type_name(shape.types)},
          {type_name(shape.types - 1), type_name(shape.types)},
          types_between(0, 8),
          types_between(1, 10),
          types_between(0, 64),
          types_between(1, 66),
          types_between(shape.types / 2, kTypes),
          {"NoSuchType"},
          {"NoSuchType", type_name(shape.types - 1)}};
}

void check_ends(const Stores& stores, const TagShape& shape) {
  const std::string tag = shape.tag();
  const auto positions = stores.positions_of(tag);
  REQUIRE(positions.size() == shape.events);
  const std::uint64_t first = positions.front();
  const std::uint64_t last = positions.back();
  const std::uint64_t middle = positions[positions.size() / 2];
  for (const auto& types : choices_of_types(shape)) {
    const Query query = query_of(types, {tag});
    check_both_ways(stores, query, range_of(1, UINT64_MAX));
    check_both_ways(stores, query, range_of(first, last));
    check_both_ways(stores, query, range_of(first + 1, last));
    check_both_ways(stores, query, range_of(first, last - 1));
    check_both_ways(stores, query, range_of(middle, middle));
    check_both_ways(stores, query, range_of(middle + 1, last + 1));
    check_both_ways(stores, query, range_of(last, first));
  }
}

class RandomReads {
 public:
  explicit RandomReads(std::mt19937_64& random, std::uint64_t head)
      : random_(random), head_(head) {}

  Query query() {
    Query query;
    for (std::uint64_t items = below(3) + 1; items > 0; --items) {
      QueryItem& item = query.items.emplace_back();
      item.tags.push_back(tag());
      if (below(4) == 0) item.tags.push_back(tag());
      if (below(2) == 0) item.types = types();
    }
    return query;
  }

  ReadOptions options() {
    ReadOptions options = range_of(below(head_ + 2), UINT64_MAX);
    if (below(2) == 0) options.to = Position(below(head_ + 2));
    if (below(2) == 0) options.from = Position(1);
    options.backwards = below(2) == 0;
    if (below(2) == 0) options.limit = below(300);
    return options;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string tag() {
    return below(12) == 0 ? kEveryEvent : kShapes[below(std::size(kShapes))].tag();
  }
  std::vector<std::string> types() {
    std::vector<std::string> types;
    for (std::uint64_t more = below(2) == 0 ? below(5) + 1 : below(120) + 1; more > 0; --more)
      types.push_back(type_name(below(kTypes + 2)));
    return types;
  }

  std::mt19937_64& random_;
  const std::uint64_t head_;
};

void run(std::uint64_t seed, int reads) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Stores stores(random);
  RandomReads commands(random, stores.head());
  for (int read = 0; read < reads; ++read) {
    CAPTURE(read);
    if (read == reads / 2) stores.reopen();
    stores.check(commands.query(), commands.options());
  }
}

}  // namespace

TEST_CASE("a tag of any size gives the events a filter gives, at both ends of every range") {
  std::mt19937_64 random(1);
  const Stores stores(random);
  for (const TagShape& shape : kShapes) check_ends(stores, shape);
}

TEST_CASE("of a tag of any size a limit gives the first ones") {
  std::mt19937_64 random(2);
  const Stores stores(random);
  for (const TagShape& shape : kShapes) {
    for (const std::uint64_t limit :
         {std::uint64_t{0}, std::uint64_t{1}, shape.events - 1, shape.events, shape.events + 1}) {
      ReadOptions options = range_of(1, UINT64_MAX);
      options.limit = limit;
      check_both_ways(stores, query_of({}, {shape.tag()}), options);
    }
  }
}

TEST_CASE("random reads of tags give what a filter gives, from memory and from tables") {
  run(1, 400);
}

TEST_SUITE("slow") {
  TEST_CASE("many more random reads of tags give what a filter gives") {
    for (std::uint64_t seed = 100; seed < 110; ++seed) run(seed, 3000);
  }
}
