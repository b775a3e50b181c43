#include "projections/past_views.hpp"

#include "core/base/contract.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::size_t kKeptMax = 16;
// A view that is so far behind the asked position is waited for, not folded.
constexpr std::size_t kEventsBehindMax = 50'000;

}  // namespace

Result<std::shared_ptr<const ViewReader>> PastViews::open(std::string_view name,
                                                          const std::string& tag,
                                                          Position position) const {
  const View& view = view_named(name);
  if (tag.empty()) return open_whole(view, position);
  FACTUM_TRY(auto rows, fold_as_of(view, store_, codec_,
                                   {.tag = tag, .position = position, .redefine = redefine_}));
  return std::shared_ptr<const ViewReader>(std::move(rows));
}

const View& PastViews::view_named(std::string_view name) const {
  const auto view = std::find_if(views_.begin(), views_.end(), [&](const View& known) {
    return known.projection.name() == name;
  });
  FACTUM_ASSERT(view != views_.end());
  return *view;
}

Result<Explanation> PastViews::explain(std::string_view name, const ViewReader& rows,
                                       const ExplainQuery& query, const Figure& figure) const {
  const View& view = view_named(name);
  std::shared_ptr<const ViewKeyspace> keyspace;
  if (query.tag.empty()) {
    FACTUM_TRY(keyspace, projector_.keyspace(name));
  }
  return projections::explain(view, store_, codec_, rows, keyspace, query, figure);
}

Result<std::shared_ptr<const ViewReader>> PastViews::open_whole(const View& view,
                                                                Position position) const {
  const std::string& name = view.projection.name();
  if (auto kept = find_kept(name, position)) return kept;
  if (redefine_) return open_redefined(view, position);
  FACTUM_TRY(const auto keyspace, projector_.keyspace(name));
  auto folded = fold_as_of(view, store_, codec_,
                           {.tag = {},
                            .position = position,
                            .events_max = kEventsBehindMax,
                            .past = keyspace->rows_at(position)});
  if (!folded && folded.error().code == ErrorCode::limit_exceeded)
    return fail(ErrorCode::view_behind, "the view has not come near the asked position yet");
  FACTUM_TRY(std::shared_ptr<const ViewReader> rows, std::move(folded));
  keep({name, position, rows});
  return rows;
}

Result<std::shared_ptr<const ViewReader>> PastViews::open_redefined(const View& view,
                                                                    Position position) const {
  FACTUM_TRY(std::shared_ptr<const ViewReader> rows,
             fold_as_of(view, store_, codec_, {.position = position, .redefine = redefine_}));
  keep({view.projection.name(), position, rows});
  return rows;
}

void PastViews::keep(Kept kept) const {
  const std::lock_guard lock(mutex_);
  kept_.push_front(std::move(kept));
  if (kept_.size() > kKeptMax) kept_.pop_back();
}

std::shared_ptr<const ViewReader> PastViews::find_kept(const std::string& view,
                                                       Position position) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.view == view && kept.position == position;
  });
  if (found == kept_.end()) return nullptr;
  std::rotate(kept_.begin(), found, found + 1);
  return kept_.front().rows;
}

}  // namespace factum::projections
