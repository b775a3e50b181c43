#include "tests/projections/view_fixture.hpp"

#include "projections/memory_view_store.hpp"
#include "projections/view_fold.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace factum::test {
namespace {

constexpr std::uint64_t kEventIds = 1'000'000'000;
constexpr std::int64_t kMidday = kMicrosPerDay / 2;

// Fills any event from small pools, so that events meet each other's entities.
class RandomFiller : public FieldVisitor {
 public:
  explicit RandomFiller(std::mt19937_64& random) : random_(random) {}

  Visit begin_field(const Field& /*field*/, bool optional, bool /*present*/) override {
    return optional && pick(4) == 0 ? Visit::absent : Visit::present;
  }
  Visit begin_sealed(const Field& /*field*/, SealState& state, const Uuid& subject) override {
    if (subject.is_nil() || pick(3) == 0) {
      state = SealState::absent;
      return Visit::absent;
    }
    sealed_ = true;
    return Visit::present;
  }
  void end_field() override { sealed_ = false; }
  void text(std::string& value, const Limits& limits) override {
    static const std::vector<std::string> kFacts{"s1", "s2", "s3", "EUR"};
    static const std::vector<std::string> kPersonal{"Anna Berg", "李小明", "Ångström",
                                                    "anna@example.org", "+49 89 1234"};
    const auto& pool = sealed_ && limits.max > 20 ? kPersonal : kFacts;
    do {
      value = pool[pick(pool.size())];
    } while (value.size() > limits.max);
  }
  void integer(std::int64_t& value, const Limits& limits) override {
    const std::int64_t low = std::max<std::int64_t>(limits.least, -3);
    const std::int64_t high = std::min<std::int64_t>(limits.most, low + 12);
    value = low + static_cast<std::int64_t>(pick(static_cast<std::size_t>(high - low + 1)));
  }
  void number(double& /*value*/) override {}
  void boolean(bool& value) override { value = pick(2) == 0; }
  void uuid(Uuid& value, std::string_view kind) override {
    value = test_id(kind.size() * 100 + static_cast<unsigned char>(kind[0]) * 1000 + pick(4) + 1);
  }
  void timestamp(Timestamp& value) override { value = Timestamp(number_of(kMicrosPerDay)); }
  void date(Date& value) override { value = Date(20'454 + static_cast<std::int32_t>(pick(90))); }
  void wide_integer(Int128& /*value*/) override {}
  void money(Money& value) override { value = {number_of(10'000), pick(3) == 0 ? "USD" : "EUR"}; }
  void symbol(std::size_t& index, std::span<const std::string_view> names) override {
    index = pick(names.size());
  }
  void sealed_ref(SealedRef& /*value*/) override {}
  void begin_object() override {}
  void end_object() override {}
  std::size_t begin_list(std::size_t /*size*/, const Limits& limits) override {
    return std::min<std::size_t>(limits.max, 1 + pick(3));
  }
  void next_element(std::size_t /*index*/) override {}
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> /*keys*/,
                                     const Limits& /*limits*/) override {
    return {"speed", "tone"};
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override {}

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  std::int64_t number_of(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }

  std::mt19937_64& random_;
  bool sealed_ = false;  // inside a personal value
};

}  // namespace

Date day(std::string_view date) {
  const auto parsed = parse_date(date);
  REQUIRE(parsed.has_value());
  return *parsed;
}

Timestamp at(std::string_view when) {
  if (when.size() == 10) return Timestamp(start_of(day(when)).value() + kMidday);
  const auto parsed = parse_timestamp(when);
  REQUIRE(parsed.has_value());
  return *parsed;
}

crm::PipelineDefined sales_pipeline(const crm::PipelineId& id) {
  return {id,
          "Sales",
          {{"lead", "Lead", crm::StageCategory::open, 10},
           {"offer", "Offer", crm::StageCategory::open, 50},
           {"closing", "Closing", crm::StageCategory::open, 90},
           {"won", "Won", crm::StageCategory::won, 100},
           {"lost", "Lost", crm::StageCategory::lost, 0}},
          {}};
}

TestLog::TestLog()
    : codec_(crm::event_catalog(), sealer_), store_(make_memory_event_store(clock_)) {}

NewEvent TestLog::encode(const EventBox& event, std::optional<Timestamp> occurred) {
  EventOrigin origin;
  origin.event_id = test_id(kEventIds + ++events_);
  origin.actor = "user:test";
  origin.source = occurred ? Source::api : Source::import;
  origin.correlation_id = origin.event_id;
  origin.occurred_at = occurred;
  auto encoded = codec_.encode(event, std::move(origin));
  REQUIRE_MESSAGE(encoded.has_value(), (encoded ? "" : encoded.error().message));
  return std::move(*encoded);
}

Position TestLog::record(const EventBox& event, std::optional<Timestamp> occurred) {
  clock_.advance(kMicrosPerSecond);
  std::vector<NewEvent> events;
  events.push_back(encode(event, occurred));
  const auto appended = append_and_wait(*store_, request_of(std::move(events)));
  REQUIRE(appended.has_value());
  return appended->last;
}

void TestLog::record_all(const std::vector<EventBox>& events, std::optional<Timestamp> occurred) {
  for (std::size_t first = 0; first < events.size(); first += 1000) {
    std::vector<NewEvent> part;
    for (std::size_t i = first; i < std::min(first + 1000, events.size()); ++i)
      part.push_back(encode(events[i], occurred));
    REQUIRE(append_and_wait(*store_, request_of(std::move(part))).has_value());
  }
}

projections::View view_named(std::string_view name) {
  for (projections::View& view : projections::all_views()) {
    if (view.projection.name() == name) return std::move(view);
  }
  FAIL("there is no view of this name");
  return projections::all_views().front();
}

std::unique_ptr<ViewKeyspace> fold_log(TestLog& log, const Projection& projection,
                                       std::size_t batch) {
  std::shared_ptr<ViewKeyspace> keyspace = projections::make_memory_keyspace();
  struct Shared final : ViewKeyspace {
    std::shared_ptr<ViewKeyspace> inner;
    std::unique_ptr<ViewReader> snapshot() const override { return inner->snapshot(); }
    Position position() const override { return inner->position(); }
    Status commit(const std::vector<RowChange>& changes, Position position) override {
      return inner->commit(changes, position);
    }
    std::unique_ptr<ViewReader> rows_at(Position position) const override {
      return inner->rows_at(position);
    }
    Result<std::vector<PastStep>> steps_with_changes(
        const std::vector<RowRange>& ranges) const override {
      return inner->steps_with_changes(ranges);
    }
  };
  auto subscription = log.store().subscribe({}, Position(0));
  REQUIRE(subscription.has_value());
  projections::DecodePlan plan;
  plan.add(projection, log.codec());
  projections::BatchReader reader(**subscription, log.codec(), plan, batch);
  projections::ViewFold fold(projection, keyspace, log.sealer());
  while (fold.position() < log.store().head()) {
    const auto events = reader.next(std::chrono::milliseconds(0));
    REQUIRE(events.has_value());
    const auto failure = fold.apply(**events);
    REQUIRE_MESSAGE(!failure, (failure ? failure->error.message : ""));
  }
  auto shared = std::make_unique<Shared>();
  shared->inner = std::move(keyspace);
  return shared;
}

std::unique_ptr<ViewReader> view_of(TestLog& log, std::string_view name) {
  return fold_log(log, view_named(name).projection)->snapshot();
}

RowList rows_of(const ViewReader& rows) {
  RowList all;
  const auto scanned = rows.scan({}, [&](std::string_view key, std::string_view value) {
    all.emplace_back(key, value);
    return true;
  });
  REQUIRE(scanned.has_value());
  return all;
}

void record_random(TestLog& log, std::mt19937_64& random, std::size_t count) {
  const auto types = crm::event_catalog();
  for (std::size_t i = 0; i < count; ++i) {
    const EventType& type = *types[random() % types.size()];
    RandomFiller filler(random);
    const EventBox event =
        type.read(type.schema, [&](const EventType::Describe& describe) { describe(filler); });
    REQUIRE(event);
    std::optional<Timestamp> occurred;
    if (random() % 8 != 0)
      occurred = Timestamp(at("2026-01-01").value() +
                           static_cast<std::int64_t>(random() % 90) * kMicrosPerDay);
    log.record(event, occurred);
  }
}

}  // namespace factum::test
