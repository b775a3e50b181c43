// Rendered answers kept in memory, each beside the row it was made from. An answer is given again
// only while that row still has the same bytes, so nothing has to be dropped when views move on.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace factum::projections {

/// An answer that depends on one row of its view and on nothing else.
struct RenderedAnswer {
  std::string row_key;
  std::string row;
  std::string json;  ///< with personal values open: never written anywhere
};

/// Thread rule: every method is safe from any thread.
class AnswerCache {
 public:
  virtual ~AnswerCache() = default;
  /// The answer last kept under `request`, or null. The caller compares the row. O(1).
  virtual std::shared_ptr<const RenderedAnswer> find(std::string_view request) const = 0;
  /// Keeps an answer; those not asked for longest make room.
  virtual void keep(std::string_view request, RenderedAnswer answer) = 0;
  /// Forgets all of them.
  virtual void clear() = 0;
};

/// A cache of at most `bytes`, rows and answers together.
std::unique_ptr<AnswerCache> make_answer_cache(std::size_t bytes);

}  // namespace factum::projections
