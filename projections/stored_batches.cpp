#include "projections/stored_batches.hpp"

namespace factum::projections {
namespace {

constexpr std::size_t kEventsPerRead = 1000;

Status decode(const EventCodec& codec, bool open_slots, DecodedBatch& batch) {
  for (const RecordedEvent& recorded : batch.recorded) {
    FACTUM_TRY(DecodedEvent event, codec.decode(recorded, open_slots));
    batch.events.push_back({.event = std::move(event),
                            .position = recorded.position,
                            .failure = std::nullopt,
                            .slot_failure = std::nullopt,
                            .handled = true,
                            .type = codec.find(recorded.record.type)});
  }
  batch.last = batch.recorded.back().position;
  return {};
}

}  // namespace

Status each_batch(const EventStore& store, const EventCodec& codec, const Stretch& stretch,
                  const std::function<Result<bool>(DecodedBatch&)>& use) {
  ReadOptions options{.from = Position(stretch.after.value() + 1),
                      .to = stretch.last,
                      .limit = kEventsPerRead,
                      .with_slots = true};
  std::size_t seen = 0;
  while (options.from <= options.to) {
    DecodedBatch batch;
    FACTUM_TRY(batch.recorded, store.read(stretch.query, options));
    if (batch.recorded.empty()) return {};
    seen += batch.recorded.size();
    if (seen > stretch.events_max)
      return fail(ErrorCode::limit_exceeded, "too many events for a view as of a position");
    FACTUM_CHECK(decode(codec, stretch.open_slots, batch));
    FACTUM_TRY(const bool more, use(batch));
    if (!more) return {};
    options.from = Position(batch.last.value() + 1);
  }
  return {};
}

}  // namespace factum::projections
