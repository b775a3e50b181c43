// One projection on its keyspace: folds batches, commits rows and position together, stops where
// it fails.
#pragma once

#include "core/es/projection.hpp"
#include "projections/decoded_batch.hpp"

#include <memory>
#include <optional>

namespace factum::projections {

/// Why a fold stopped.
struct FoldFailure {
  Error error;
  Position position;          ///< the event that could not be folded; 0 = the commit failed
  bool rows_damaged = false;  ///< the rows do not read; building them anew may help
};

/// Thread rule: one thread at a time.
class ViewFold {
 public:
  /// `projection` and `sealer` outlive the fold.
  ViewFold(const Projection& projection, std::shared_ptr<ViewKeyspace> keyspace, Sealer& sealer);

  /// Folds the events behind `position()` and commits. On failure everything before the failing
  /// event is committed.
  std::optional<FoldFailure> apply(const DecodedBatch& batch);
  Position position() const { return position_; }
  const std::shared_ptr<ViewKeyspace>& keyspace() const { return keyspace_; }

 private:
  std::optional<FoldFailure> fold(const BatchEvent& event);
  std::optional<FoldFailure> commit(Position position);
  std::optional<FoldFailure> commit_steps_before(Position position);
  std::optional<FoldFailure> stop_before(const DecodedBatch& batch, std::size_t failing,
                                         FoldFailure failure);

  const Projection& projection_;
  const std::shared_ptr<ViewKeyspace> keyspace_;
  ViewBatch rows_;
  Position position_;
};

}  // namespace factum::projections
