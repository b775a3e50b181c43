#include "projections/past_views.hpp"

#include "core/base/contract.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/stored_batches.hpp"

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
  if (redefine_) return open_redefined(view, position);
  if (auto kept = find_kept(name, position)) return kept;
  FACTUM_TRY(const auto keyspace, projector_.keyspace(name));
  auto folded = fold_as_of(view, store_, codec_,
                           {.tag = {},
                            .position = position,
                            .events_max = kEventsBehindMax,
                            .past = keyspace->rows_at(position)});
  if (!folded && folded.error().code == ErrorCode::limit_exceeded)
    return fail(ErrorCode::view_behind, "the view has not come near the asked position yet");
  FACTUM_TRY(std::shared_ptr<const ViewReader> rows, std::move(folded));
  const std::lock_guard lock(mutex_);
  kept_.push_front({name, position, rows});
  if (kept_.size() > kKeptMax) kept_.pop_back();
  return rows;
}

// Goes on from the moment that was asked for before, if that was earlier.
Result<std::shared_ptr<const ViewReader>> PastViews::open_redefined(const View& view,
                                                                    Position position) const {
  FACTUM_TRY(const Query query, as_of_query(view, store_, codec_, {.position = position}));
  const std::lock_guard lock(redefined_mutex_);
  std::unique_ptr<ViewFold>& fold = redefined_[view.projection.name()];
  if (!fold || fold->position() > position)
    fold = std::make_unique<ViewFold>(view.projection, make_memory_keyspace(), codec_.sealer());
  const Stretch stretch{.query = query,
                        .after = fold->position(),
                        .last = std::min(position, store_.head()),
                        .open_slots = view.projection.opens_slots()};
  FACTUM_CHECK(each_batch(store_, codec_, stretch, [&](DecodedBatch& batch) -> Result<bool> {
    for (BatchEvent& event : batch.events) event.event.event = redefine_(event.event.event);
    if (auto failure = fold->apply(batch)) return fail(failure->error);
    return true;
  }));
  return std::shared_ptr<const ViewReader>(fold->keyspace()->snapshot());
}

void PastViews::forget() const {
  const std::lock_guard lock(mutex_);
  kept_.clear();
}

bool PastViews::is_kept(std::string_view view, Position position) const {
  return find_kept(std::string(view), position) != nullptr;
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
