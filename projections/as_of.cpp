#include "projections/as_of.hpp"

#include "projections/memory_view_store.hpp"
#include "projections/overlay_keyspace.hpp"
#include "projections/view_fold.hpp"

#include <algorithm>
#include <set>

namespace factum::projections {
namespace {

constexpr std::size_t kEventsPerRead = 1000;

// What the fold reads: the handled types, of one entity and those related to it, or of all.
Query query_of(const std::vector<std::string>& types, const std::set<std::string>& tags) {
  Query query;
  for (const std::string& tag : tags) query.items.push_back({types, {tag}});
  if (tags.empty()) query.items.push_back({types, {}});
  return query;
}

class AsOfFold {
 public:
  AsOfFold(const View& view, const EventStore& store, const EventCodec& codec, const AsOf& as_of)
      : view_(view), store_(store), codec_(codec), as_of_(as_of) {}

  // Decodes the events of a query in order; `use` may not keep them.
  template <class Use>
  Status each_batch(const Query& query, bool open_slots, Use use) {
    ReadOptions options{.from = Position(as_of_.past ? as_of_.past->position().value() + 1 : 1),
                        .to = std::min(as_of_.position, store_.head()),
                        .limit = kEventsPerRead,
                        .with_slots = true};
    while (options.from <= options.to) {
      DecodedBatch batch;
      FACTUM_TRY(batch.recorded, store_.read(query, options));
      if (batch.recorded.empty()) return {};
      seen_ += batch.recorded.size();
      if (seen_ > as_of_.events_max)
        return fail(ErrorCode::limit_exceeded, "too many events for a view as of a position");
      FACTUM_CHECK(decode(batch, open_slots));
      FACTUM_CHECK(use(batch));
      options.from = Position(batch.last.value() + 1);
    }
    return {};
  }

  // The entity's own tag and those of what it has taken over.
  Result<std::set<std::string>> tags() {
    std::set<std::string> all;
    if (as_of_.tag.empty()) return all;
    all.insert(as_of_.tag);
    const std::vector<std::string> types = view_.projection.handled_types();
    FACTUM_CHECK(each_batch(query_of(types, all), false, [&](const DecodedBatch& batch) {
      for (const BatchEvent& event : batch.events) {
        for (std::string& tag : view_.related(event.event, as_of_.tag)) all.insert(std::move(tag));
      }
      return Status{};
    }));
    seen_ = 0;
    return all;
  }

  Status fold(const std::set<std::string>& tags, ViewFold& fold) {
    const Query query = query_of(view_.projection.handled_types(), tags);
    return each_batch(query, view_.projection.opens_slots(),
                      [&](const DecodedBatch& batch) -> Status {
                        if (auto failure = fold.apply(batch)) return fail(failure->error);
                        return {};
                      });
  }

 private:
  Status decode(DecodedBatch& batch, bool open_slots) const {
    for (const RecordedEvent& recorded : batch.recorded) {
      FACTUM_TRY(DecodedEvent event, codec_.decode(recorded, open_slots));
      batch.events.push_back({.event = std::move(event),
                              .position = recorded.position,
                              .failure = std::nullopt,
                              .slot_failure = std::nullopt,
                              .handled = true,
                              .type = codec_.find(recorded.record.type)});
    }
    batch.last = batch.recorded.back().position;
    return {};
  }

  const View& view_;
  const EventStore& store_;
  const EventCodec& codec_;
  const AsOf& as_of_;
  std::size_t seen_ = 0;
};

// The rows of the fold, said to be of the asked position: later events do not concern them.
class AsOfReader final : public ViewReader {
 public:
  AsOfReader(std::unique_ptr<ViewReader> rows, Position position)
      : rows_(std::move(rows)), position_(position) {}

  Position position() const override { return position_; }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    return rows_->get(key);
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    return rows_->scan(range, on_row);
  }

 private:
  const std::unique_ptr<ViewReader> rows_;
  const Position position_;
};

}  // namespace

Result<std::unique_ptr<ViewReader>> fold_as_of(const View& view, const EventStore& store,
                                               const EventCodec& codec, const AsOf& as_of) {
  if (!as_of.tag.empty() && view.related == nullptr)
    return fail(ErrorCode::invalid_argument,
                "view " + view.projection.name() + " has no rows of single entities");
  AsOfFold as_of_fold(view, store, codec, as_of);
  FACTUM_TRY(const auto tags, as_of_fold.tags());
  ViewFold fold(view.projection,
                as_of.past ? make_overlay_keyspace(as_of.past) : make_memory_keyspace(),
                codec.sealer());
  FACTUM_CHECK(as_of_fold.fold(tags, fold));
  return std::unique_ptr<ViewReader>(std::make_unique<AsOfReader>(
      fold.keyspace()->snapshot(), std::min(as_of.position, store.head())));
}

}  // namespace factum::projections
