// The port under read models: keyspaces of rows, committed together with the position they reflect.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Rows with keys in [from, to), ascending or descending, at most `limit`.
struct RowRange {
  std::string from;
  std::string to;  ///< empty = to the end
  bool backwards = false;
  std::size_t limit = SIZE_MAX;
};

/// All keys that start with `prefix`.
RowRange rows_with_prefix(std::string_view prefix);

/// A consistent picture of one keyspace. Thread rule: one thread at a time.
class ViewReader {
 public:
  /// Return false to stop the scan.
  using OnRow = std::function<bool(std::string_view key, std::string_view value)>;

  virtual ~ViewReader() = default;
  /// The last position whose events are in the rows.
  virtual Position position() const = 0;
  /// Errors: corrupt, io_error.
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  virtual Status scan(const RowRange& range, const OnRow& on_row) const = 0;
};

/// A row to be written, or erased when `value` is absent.
struct RowChange {
  std::string key;
  std::optional<std::string> value;
};

/// A stretch of the log: positions behind `after`, up to `last`.
struct PastStep {
  Position after;
  Position last;
  friend bool operator==(const PastStep&, const PastStep&) = default;
};

/// The rows of one generation of one projection. One writer; reading is safe from any thread.
class ViewKeyspace {
 public:
  virtual ~ViewKeyspace() = default;
  virtual std::unique_ptr<ViewReader> snapshot() const = 0;
  virtual Position position() const = 0;
  /// The last position that a commit of changes may have: where the past is kept, rows are written
  /// once more at each step.
  virtual Position commit_limit() const { return Position(UINT64_MAX); }
  /// Writes rows and position together. Errors: io_error.
  virtual Status commit(const std::vector<RowChange>& changes, Position position) = 0;
  /// Rows of the tables with a past as they were at the last step up to `position`, which the
  /// reader's position says; none before the first step, and where no past is kept. The reader is
  /// safe from any thread.
  virtual std::unique_ptr<ViewReader> rows_at(Position position) const = 0;
  /// The steps in which rows of these ranges changed, in order; none where no past is kept. Cost:
  /// the changes of those rows. Errors: corrupt, io_error.
  virtual Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& ranges) const = 0;
};

}  // namespace factum
