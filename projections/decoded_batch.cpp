#include "projections/decoded_batch.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::size_t kFirstBatch = 256;
constexpr std::size_t kBatchBytes = std::size_t{16} << 20;

std::size_t bytes_of(const RecordedEvent& event) {
  std::size_t bytes = event.record.data.size() + 256;
  for (const auto& ciphertext : event.ciphertexts) bytes += ciphertext ? ciphertext->size() : 0;
  return bytes;
}

}  // namespace

void DecodePlan::add(const Projection& projection, const EventCodec& codec) {
  for (const EventType* type : codec.types()) {
    if (!projection.handles(*type)) continue;
    bool& opens = wanted_[type];
    opens = opens || projection.opens_slots();
  }
}

bool DecodePlan::opens(const EventType& type) const {
  const auto found = wanted_.find(&type);
  return found != wanted_.end() && found->second;
}

BatchReader::BatchReader(Subscription& subscription, const EventCodec& codec, DecodePlan plan,
                         std::size_t events_max)
    : subscription_(subscription),
      codec_(codec),
      plan_(std::move(plan)),
      events_max_(std::max<std::size_t>(events_max, 1)),
      limit_(std::min(kFirstBatch, events_max_)) {}

BatchReader::~BatchReader() {
  if (ahead_.valid()) ahead_.wait();
}

BatchReader::Outcome BatchReader::next(std::chrono::milliseconds wait) {
  Outcome batch = ahead_.valid() ? ahead_.get() : read(limit_, wait);
  if (!batch) return batch;
  const bool behind = (*batch)->recorded.size() >= limit_;
  adapt(**batch);
  if (behind && limit_ >= kFirstBatch) {
    ahead_ = std::async(std::launch::async, [this, limit = limit_] {
      return read(limit, std::chrono::milliseconds(0));
    });
  }
  return batch;
}

// Large events make small batches, so that memory stays bounded.
void BatchReader::adapt(const DecodedBatch& batch) {
  if (batch.bytes > kBatchBytes)
    limit_ = std::max<std::size_t>(limit_ / 2, 1);
  else if (batch.recorded.size() >= limit_ && batch.bytes < kBatchBytes / 2)
    limit_ = std::min(limit_ * 2, events_max_);
}

BatchReader::Outcome BatchReader::read(std::size_t limit, std::chrono::milliseconds wait) {
  auto batch = std::make_shared<DecodedBatch>();
  FACTUM_TRY(batch->recorded, subscription_.next(limit, wait));
  batch->last = subscription_.position();
  batch->events.reserve(batch->recorded.size());
  for (const RecordedEvent& recorded : batch->recorded) {
    batch->bytes += bytes_of(recorded);
    batch->events.push_back(decode(recorded));
  }
  return std::shared_ptr<const DecodedBatch>(std::move(batch));
}

BatchEvent BatchReader::decode(const RecordedEvent& recorded) const {
  BatchEvent made;
  made.position = recorded.position;
  made.type = codec_.find(recorded.record.type);
  made.handled = made.type != nullptr && plan_.handles(*made.type);
  if (!made.handled) return made;
  const bool open = plan_.opens(*made.type);
  auto decoded = codec_.decode(recorded, open);
  if (!decoded && open) {
    made.slot_failure = decoded.error();
    decoded = codec_.decode(recorded, false);
  }
  if (decoded)
    made.event = std::move(*decoded);
  else
    made.failure = std::move(decoded).error();
  return made;
}

}  // namespace factum::projections
