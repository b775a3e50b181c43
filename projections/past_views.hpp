// Every view as of a position: of one entity by a fold of its events, whole from the past that the
// view keeps.
#pragma once

#include "projections/as_of.hpp"
#include "projections/explain.hpp"
#include "projections/projector.hpp"
#include "projections/view_fold.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factum::projections {

/// Thread rule: every method is safe from any thread.
class PastViews {
 public:
  /// Gives an event as it would be under another definition; the same event if it is not concerned.
  using Redefine = std::function<EventBox(const EventBox& event)>;

  /// `store`, `codec` and `projector` outlive the object. With `redefine` every view is folded anew
  /// from the first event on, as if the events had been so.
  PastViews(std::vector<View> views, const EventStore& store, const EventCodec& codec,
            const Projector& projector, Redefine redefine = nullptr)
      : views_(std::move(views)),
        store_(store),
        codec_(codec),
        projector_(projector),
        redefine_(std::move(redefine)) {}

  /// Rows of a view as of a position. `tag`: the entity that is asked about, for views whose rows
  /// of one entity follow from its events; empty = all tables of which a past is kept. Cost: the
  /// events of the entity, or at most kPastStep events; pages of one answer fold once. Errors:
  /// those of fold_as_of, unavailable (the view is being built), view_behind.
  Result<std::shared_ptr<const ViewReader>> open(std::string_view name, const std::string& tag,
                                                 Position position) const;

  /// Whether `open` of the whole view at this position folds nothing.
  bool is_kept(std::string_view view, Position position) const;

  /// Forgets what was folded for earlier answers.
  void forget() const;

  /// The events behind a figure; see explain. `rows`: of the view as of the position. Errors: those
  /// of explain, unavailable.
  Result<Explanation> explain(std::string_view name, const ViewReader& rows,
                              const ExplainQuery& query, const Figure& figure) const;

 private:
  struct Kept {
    std::string view;
    Position position;
    std::shared_ptr<const ViewReader> rows;
  };

  const View& view_named(std::string_view name) const;
  Result<std::shared_ptr<const ViewReader>> open_whole(const View& view, Position position) const;
  Result<std::shared_ptr<const ViewReader>> open_redefined(const View& view,
                                                           Position position) const;
  std::shared_ptr<const ViewReader> find_kept(const std::string& view, Position position) const;

  const std::vector<View> views_;
  const EventStore& store_;
  const EventCodec& codec_;
  const Projector& projector_;
  const Redefine redefine_;
  mutable std::mutex redefined_mutex_;  // guards redefined_
  mutable std::map<std::string, std::unique_ptr<ViewFold>> redefined_;
  mutable std::mutex mutex_;       // guards kept_
  mutable std::deque<Kept> kept_;  // used last first
};

}  // namespace factum::projections
