// The buffer in which a batch of events is folded into rows, and which events a projection handles.
#include "core/es/projection.hpp"

#include "core/crm/customer_events.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace factum {
namespace {

using namespace test;
using namespace crm;

using Rows = std::map<std::string, std::string, std::less<>>;

// Rows in memory; reading and writing can be made to fail.
class TestKeyspace final : public ViewKeyspace {
 public:
  Rows rows;
  Position at;
  bool broken = false;

  std::unique_ptr<ViewReader> snapshot() const override;
  Position position() const override { return at; }
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    if (broken) return fail(ErrorCode::io_error, "as the test wishes");
    for (const RowChange& change : changes) {
      if (change.value)
        rows[change.key] = *change.value;
      else
        rows.erase(change.key);
    }
    at = position;
    return {};
  }
  std::unique_ptr<ViewReader> rows_at(Position /*position*/) const override { return snapshot(); }
  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& /*ranges*/) const override {
    return std::vector<PastStep>{};
  }
};

class TestReader final : public ViewReader {
 public:
  TestReader(const TestKeyspace& keyspace, Rows rows)
      : keyspace_(keyspace), rows_(std::move(rows)) {}
  Position position() const override { return keyspace_.at; }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    if (keyspace_.broken) return fail(ErrorCode::io_error, "as the test wishes");
    const auto found = rows_.find(key);
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    if (keyspace_.broken) return fail(ErrorCode::io_error, "as the test wishes");
    std::vector<std::pair<std::string, std::string>> found(
        rows_.lower_bound(range.from),
        range.to.empty() ? rows_.end() : rows_.lower_bound(range.to));
    if (range.backwards) std::reverse(found.begin(), found.end());
    for (const auto& [key, value] : found) {
      if (!on_row(key, value)) break;
    }
    return {};
  }

 private:
  const TestKeyspace& keyspace_;
  Rows rows_;
};

std::unique_ptr<ViewReader> TestKeyspace::snapshot() const {
  return std::make_unique<TestReader>(*this, rows);
}

struct Count {
  std::int64_t number = 0;
  static void describe(FieldVisitor& v, Count& c) { v.shown("number", c.number, "Number"); }
};

struct Fixture {
  TestKeyspace keyspace;
  PlainSealer sealer;
  ViewBatch batch{keyspace, sealer};

  std::int64_t stored(const std::string& key) {
    const auto found = keyspace.rows.find(key);
    if (found == keyspace.rows.end()) return -1;
    return decode_row<Count>(found->second).value().number;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the outermost keys are those of the batch and the rows before it") {
  CHECK_FALSE(batch.outermost_key("d", false).has_value());
  for (const char* key : {"c9", "d2", "d4", "d6", "e1"}) batch.put_bytes(key, {});
  CHECK(batch.outermost_key("d", false) == "d2");
  CHECK(batch.outermost_key("d", true) == "d6");
  REQUIRE(batch.commit(Position{1}));
  batch.erase("d2");
  batch.erase("d6");
  CHECK(batch.outermost_key("d", false) == "d4");
  CHECK(batch.outermost_key("d", true) == "d4");
  batch.put_bytes("d1", {});
  batch.put_bytes("d7", {});
  CHECK(batch.outermost_key("d", false) == "d1");
  CHECK(batch.outermost_key("d", true) == "d7");
  for (const char* key : {"d1", "d4", "d7"}) batch.erase(key);
  CHECK_FALSE(batch.outermost_key("d", false).has_value());
  keyspace.broken = true;
  batch.drop();
  CHECK_FALSE(batch.outermost_key("d", true).has_value());
  CHECK_FALSE(batch.status().has_value());
}

TEST_CASE_FIXTURE(Fixture, "rows are written together with the position") {
  batch.edit<Count>("a").number = 1;
  batch.put("b", Count{2});
  CHECK(keyspace.rows.empty());
  CHECK(batch.size() == 2);
  REQUIRE(batch.commit(Position(9)));
  CHECK(stored("a") == 1);
  CHECK(stored("b") == 2);
  CHECK(keyspace.at == Position(9));
}

TEST_CASE_FIXTURE(Fixture, "a row is found as the batch leaves it") {
  CHECK(batch.find<Count>("a") == nullptr);
  batch.edit<Count>("a").number = 1;
  REQUIRE(batch.find<Count>("a") != nullptr);
  CHECK(batch.find<Count>("a")->number == 1);
  REQUIRE(batch.commit(Position(1)));
  batch.edit<Count>("a").number += 1;
  REQUIRE(batch.commit(Position(2)));
  CHECK(stored("a") == 2);
}

TEST_CASE_FIXTURE(Fixture, "looking for a row makes none") {
  CHECK(batch.find<Count>("a") == nullptr);
  REQUIRE(batch.commit(Position(1)));
  CHECK(keyspace.rows.empty());
}

TEST_CASE_FIXTURE(Fixture, "a row that was erased starts afresh") {
  batch.edit<Count>("a").number = 5;
  REQUIRE(batch.commit(Position(1)));
  batch.erase("a");
  CHECK(batch.find<Count>("a") == nullptr);
  SUBCASE("and stays away") {
    REQUIRE(batch.commit(Position(2)));
    CHECK(stored("a") == -1);
  }
  SUBCASE("or comes back") {
    batch.edit<Count>("a").number += 1;
    REQUIRE(batch.commit(Position(2)));
    CHECK(stored("a") == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "a batch that is dropped has changed nothing") {
  batch.edit<Count>("a").number = 5;
  REQUIRE(batch.commit(Position(1)));
  batch.edit<Count>("a").number = 6;
  batch.put("b", Count{7});
  batch.drop();
  CHECK(batch.find<Count>("a")->number == 5);
  REQUIRE(batch.commit(Position(2)));
  CHECK(stored("a") == 5);
  CHECK(stored("b") == -1);
}

TEST_CASE_FIXTURE(Fixture, "a row that does not decode stops the batch") {
  keyspace.rows["a"] = "\xff";
  ViewBatch fresh(keyspace, sealer);
  fresh.edit<Count>("a").number = 1;
  CHECK_FALSE(fresh.status());
  const Status committed = fresh.commit(Position(1));
  REQUIRE_FALSE(committed);
  CHECK(committed.error().code == ErrorCode::corrupt);
  CHECK(keyspace.rows["a"] == "\xff");
  CHECK(keyspace.at == Position(0));
  fresh.drop();
  CHECK(fresh.status());
}

TEST_CASE_FIXTURE(Fixture, "errors of reading and writing stick until the batch is dropped") {
  keyspace.broken = true;
  SUBCASE("reading") {
    CHECK(batch.find<Count>("a") == nullptr);
    CHECK(batch.status().error().code == ErrorCode::io_error);
  }
  SUBCASE("writing") {
    batch.put("b", Count{7});
    CHECK(batch.commit(Position(1)).error().code == ErrorCode::io_error);
  }
  batch.drop();
  keyspace.broken = false;
  batch.edit<Count>("a").number = 1;
  REQUIRE(batch.commit(Position(1)));
  CHECK(stored("a") == 1);
}

TEST_CASE_FIXTURE(Fixture, "a projection folds the events it handles and passes others over") {
  Projection projection("tags", 3, "Counts tags");
  projection.on<TagApplied>([](ViewBatch& rows, const TagApplied& e, const DecodedEvent& /*at*/) {
    ++rows.edit<Count>(e.tag).number;
  });
  projection.on<CustomerArchived>(
      [](ViewBatch& /*rows*/, const CustomerArchived& /*e*/, const DecodedEvent& /*at*/) {});
  CHECK(projection.name() == "tags");
  CHECK(projection.version() == 3);
  CHECK_FALSE(projection.opens_slots());
  CHECK(projection.handled_types() == std::vector<std::string>{"CustomerArchived", "TagApplied"});
  CHECK(projection.handles(event_type<TagApplied>()));
  CHECK_FALSE(projection.handles(event_type<TagRemoved>()));

  const RecordedEvent recorded;
  const auto apply = [&](EventBox event) {
    return projection.apply(batch, DecodedEvent{&recorded, std::move(event)});
  };
  REQUIRE(apply(EventBox::of(TagApplied{{}, "vip"})));
  REQUIRE(apply(EventBox::of(TagRemoved{{}, "vip"})));
  REQUIRE(apply(EventBox::of(TagApplied{{}, "vip"})));
  REQUIRE(batch.commit(Position(3)));
  CHECK(stored("vip") == 2);
}

}  // namespace factum
