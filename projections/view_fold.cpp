#include "projections/view_fold.hpp"

#include <exception>

namespace factum::projections {

ViewFold::ViewFold(const Projection& projection, std::shared_ptr<ViewKeyspace> keyspace,
                   Sealer& sealer)
    : projection_(projection),
      keyspace_(std::move(keyspace)),
      rows_(*keyspace_, sealer),
      position_(keyspace_->position()) {}

std::optional<FoldFailure> ViewFold::fold(const BatchEvent& event) {
  if (!event.handled || event.position <= position_ || !projection_.handles(*event.type))
    return std::nullopt;
  if (event.failure) return FoldFailure{*event.failure, event.position, false};
  if (event.slot_failure && projection_.opens_slots())
    return FoldFailure{*event.slot_failure, event.position, false};
  // A fold is code of one view: whatever it does, the other views go on.
  try {
    const Status folded = projection_.apply(rows_, event.event);
    if (folded) return std::nullopt;
    return FoldFailure{folded.error(), event.position, folded.error().code == ErrorCode::corrupt};
  } catch (const std::exception&) {
    return FoldFailure{
        {ErrorCode::corrupt, "the fold of the view failed", {}, {}, 0}, event.position, false};
  }
}

std::optional<FoldFailure> ViewFold::stop_before(const DecodedBatch& batch, std::size_t failing,
                                                 FoldFailure failure) {
  rows_.drop();
  for (std::size_t i = 0; i < failing; ++i) {
    if (auto again = fold(batch.events[i])) {
      rows_.drop();
      return again;
    }
  }
  const Position last(batch.events[failing].position.value() - 1);
  if (last <= position_) return failure;
  if (auto uncommitted = commit(last)) return uncommitted;
  return failure;
}

std::optional<FoldFailure> ViewFold::commit(Position position) {
  if (const Status committed = rows_.commit(position); !committed) {
    rows_.drop();
    return FoldFailure{committed.error(), {}, committed.error().code == ErrorCode::corrupt};
  }
  position_ = position;
  return std::nullopt;
}

// The past of rows is exact at each step: a commit ends there.
std::optional<FoldFailure> ViewFold::commit_steps_before(Position position) {
  while (keyspace_->commit_limit() < position) {
    if (auto failure = commit(keyspace_->commit_limit())) return failure;
  }
  return std::nullopt;
}

std::optional<FoldFailure> ViewFold::apply(const DecodedBatch& batch) {
  if (batch.last <= position_) return std::nullopt;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    if (auto failure = commit_steps_before(batch.events[i].position)) return failure;
    if (auto failure = fold(batch.events[i])) return stop_before(batch, i, std::move(*failure));
  }
  if (auto failure = commit_steps_before(batch.last)) return failure;
  return commit(batch.last);
}

}  // namespace factum::projections
