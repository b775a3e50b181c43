// Reads one ordered list that is kept in several partitions: equal suffixes sort alike in each.
#pragma once

#include "core/base/time.hpp"
#include "core/es/view_store.hpp"
#include "projections/page.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

struct MergedScan {
  std::vector<std::string> prefixes = {};  ///< one per partition, none the beginning of another
  std::string from = {};                   ///< first suffix
  std::string to = {};                     ///< suffix behind the last; empty = the end
  PageRequest page = {};                   ///< `after` is a suffix
  bool backwards = false;                  ///< descending suffixes
};

/// The suffix of lists that run from the newest to the oldest.
std::string newest_first(Timestamp happened_at, Position position);
/// Restricts a list of `newest_first` suffixes to [from, to).
void set_period(MergedScan& scan, std::optional<Timestamp> from, std::optional<Timestamp> to);

/// What to do with a row: take it into the page, pass over it.
using TakeRow = std::function<Result<bool>(std::string_view key, std::string_view value)>;

/// Rows in the order of their suffixes until the page is full; gives the last suffix, empty when
/// there are no more rows. Cost: the page and one seek per partition and step. Errors: those of the
/// rows and of `take`.
Result<std::string> merged_scan(const ViewReader& rows, const MergedScan& scan,
                                const TakeRow& take);

}  // namespace factum::projections
