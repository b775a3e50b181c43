// From an answer of a view to the events behind it.
#pragma once

#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/view_store.hpp"
#include "projections/registry.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace factum::projections {

/// Makes a figure, as text, from the rows of a view.
using Figure = std::function<Result<std::string>(const ViewReader&)>;

struct ExplainQuery {
  std::string tag = {};    ///< as AsOf::tag
  Position position = {};  ///< the figure as of this position
  Position after = {};     ///< contributions behind this position
  std::size_t limit = 50;
  /// Events are told by whether the figure changes with them. Else by whether a row changes that it
  /// is made from, which costs less and also tells those that leave the figure as it is.
  bool by_value = true;
};

/// An event that a figure comes from. Without `by_value` there is no text.
struct Contribution {
  Position position;
  std::string before;  ///< the figure before the event
  std::string after;   ///< and after it
};

struct Explanation {
  std::vector<Contribution> items;  ///< oldest first
  Position next;  ///< where the next page goes on; 0 = nothing is left. A page may be short
};

/// The events that changed a figure. `rows`: the view as of the position; `keyspace`: its past, not
/// needed with a tag. Cost: folds the steps of the log in which rows of the figure changed, or the
/// events of the entity, at most 20,000 events per page; makes the figure once per event that
/// changes its rows, at most 500 times per page. Errors: limit_exceeded (the figure is made from
/// too many rows), view_behind, those of folding and of `figure`.
Result<Explanation> explain(const View& view, const EventStore& store, const EventCodec& codec,
                            const ViewReader& rows,
                            const std::shared_ptr<const ViewKeyspace>& keyspace,
                            const ExplainQuery& query, const Figure& figure);

}  // namespace factum::projections
