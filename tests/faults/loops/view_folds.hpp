// Two cheap views in the views database, to see whether their rows stay the fold of the log.
#pragma once

#include "core/es/view_store.hpp"
#include "projections/rocksdb_view_store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace factum::test {

/// Counts events by tag, and keeps the newest position by type.
class ViewFolds {
 public:
  /// Opens both in a views database on this disk. Null: it does not open, as after a power cut.
  static std::unique_ptr<ViewFolds> open(const projections::RocksdbViewOptions& options);

  /// Folds what is new, commits; sometimes flushes. Stops when the disk fails.
  void follow(const EventStore& store, bool flush);
  /// Throws Violation unless the rows are the fold of the first events, as far as they say.
  void check(const std::vector<RecordedEvent>& events) const;

 private:
  std::unique_ptr<projections::GenerationStore> store_;
  std::vector<std::shared_ptr<ViewKeyspace>> views_;
};

}  // namespace factum::test
