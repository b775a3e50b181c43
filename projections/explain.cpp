#include "projections/explain.hpp"

#include "projections/as_of.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/overlay_keyspace.hpp"
#include "projections/row_ranges.hpp"
#include "projections/stored_batches.hpp"
#include "projections/view_fold.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::size_t kFiguresMax = 500;
constexpr std::size_t kEventsMax = 20'000;
constexpr std::size_t kRangesMax = 100'000;

// Passes commits on and sees whether they change any of the watched rows.
class WatchedKeyspace final : public ViewKeyspace {
 public:
  WatchedKeyspace(std::unique_ptr<ViewKeyspace> rows, const RowRanges& watched)
      : rows_(std::move(rows)), watched_(watched) {}

  std::unique_ptr<ViewReader> snapshot() const override { return rows_->snapshot(); }
  Position position() const override { return rows_->position(); }
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    const auto before = rows_->snapshot();
    for (const RowChange& change : changes) {
      if (changed_ || !watched_.contains(change.key)) continue;
      FACTUM_TRY(const auto row, before->get(change.key));
      changed_ = row != change.value;
    }
    return rows_->commit(changes, position);
  }
  std::unique_ptr<ViewReader> rows_at(Position position) const override {
    return rows_->rows_at(position);
  }
  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& ranges) const override {
    return rows_->steps_with_changes(ranges);
  }

  /// Whether that happened since it was asked last.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  const std::unique_ptr<ViewKeyspace> rows_;
  const RowRanges& watched_;
  bool changed_ = false;
};

class Explainer {
 public:
  Explainer(const View& view, const EventStore& store, const EventCodec& codec,
            const ExplainQuery& query, const Figure& figure)
      : view_(view), store_(store), codec_(codec), query_(query), figure_(figure) {}

  Result<Explanation> run(const ViewReader& rows,
                          const std::shared_ptr<const ViewKeyspace>& keyspace) {
    FACTUM_CHECK(watch(rows));
    FACTUM_TRY(events_, as_of_query(view_, store_, codec_,
                                    {.tag = query_.tag, .position = query_.position}));
    FACTUM_TRY(const auto steps, steps_of(keyspace));
    for (const PastStep& step : steps) {
      if (step.last <= query_.after || step.after >= query_.position) continue;
      FACTUM_CHECK(walk(step, keyspace));
      if (full_) break;
    }
    if (!full_) explanation_.next = {};
    return std::move(explanation_);
  }

 private:
  // Which rows the figure is made from.
  Status watch(const ViewReader& rows) {
    FACTUM_TRY(const std::string figure, figure_(NotingReader(rows, watched_)));
    if (watched_.size() <= kRangesMax) return {};
    return fail(ErrorCode::limit_exceeded,
                "this is made from too many rows to explain; ask for a shorter period");
  }

  Result<std::vector<PastStep>> steps_of(const std::shared_ptr<const ViewKeyspace>& keyspace) {
    if (!query_.tag.empty()) return std::vector<PastStep>{{Position{}, query_.position}};
    if (keyspace->position() < query_.position)
      return fail(ErrorCode::view_behind, "the view has not reached the asked position yet");
    return keyspace->steps_with_changes(watched_.list());
  }

  // Folds the events of a step one by one.
  Status walk(const PastStep& step, const std::shared_ptr<const ViewKeyspace>& keyspace) {
    auto rows = query_.tag.empty() ? make_overlay_keyspace(keyspace->rows_at(step.after))
                                   : make_memory_keyspace();
    const auto watched = std::make_shared<WatchedKeyspace>(std::move(rows), watched_);
    ViewFold fold(view_.projection, watched, codec_.sealer());
    figure_now_.reset();
    const Stretch stretch{.query = events_,
                          .after = step.after,
                          .last = std::min(step.last, query_.position),
                          .open_slots = view_.projection.opens_slots()};
    return each_batch(store_, codec_, stretch, [&](DecodedBatch& batch) -> Result<bool> {
      for (BatchEvent& event : batch.events) {
        FACTUM_CHECK(fold_one(event, fold, *watched));
        if (full_) return false;
      }
      return true;
    });
  }

  Status fold_one(BatchEvent& event, ViewFold& fold, WatchedKeyspace& watched) {
    const Position position = event.position;
    const bool counts = position > query_.after;
    if (counts && query_.by_value && !figure_now_) {
      FACTUM_TRY(figure_now_, figure_(*fold.keyspace()->snapshot()));
    }
    DecodedBatch one;
    one.events.push_back(std::move(event));
    one.last = position;
    if (auto failure = fold.apply(one)) return fail(failure->error);
    const bool changed = watched.take_changed();
    if (!counts) return {};
    if (changed) {
      FACTUM_TRY(auto contribution, contribution_of(position, fold));
      if (contribution) explanation_.items.push_back(std::move(*contribution));
    }
    explanation_.next = position;
    full_ = explanation_.items.size() >= query_.limit || figures_ >= kFiguresMax ||
            ++events_folded_ >= kEventsMax;
    return {};
  }

  Result<std::optional<Contribution>> contribution_of(Position position, const ViewFold& fold) {
    if (!query_.by_value) return std::optional<Contribution>({position, {}, {}});
    FACTUM_TRY(std::string figure, figure_(*fold.keyspace()->snapshot()));
    ++figures_;
    if (figure == *figure_now_) return std::optional<Contribution>{};
    Contribution contribution{position, std::move(*figure_now_), figure};
    figure_now_ = std::move(figure);
    return std::optional<Contribution>(std::move(contribution));
  }

  const View& view_;
  const EventStore& store_;
  const EventCodec& codec_;
  const ExplainQuery& query_;
  const Figure& figure_;
  RowRanges watched_;
  Query events_;
  std::optional<std::string> figure_now_;
  std::size_t figures_ = 0;
  std::size_t events_folded_ = 0;
  bool full_ = false;
  Explanation explanation_;
};

}  // namespace

Result<Explanation> explain(const View& view, const EventStore& store, const EventCodec& codec,
                            const ViewReader& rows,
                            const std::shared_ptr<const ViewKeyspace>& keyspace,
                            const ExplainQuery& query, const Figure& figure) {
  return Explainer(view, store, codec, query, figure).run(rows, keyspace);
}

}  // namespace factum::projections
