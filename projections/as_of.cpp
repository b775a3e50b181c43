#include "projections/as_of.hpp"

#include "projections/memory_view_store.hpp"
#include "projections/overlay_keyspace.hpp"
#include "projections/stored_batches.hpp"
#include "projections/view_fold.hpp"

#include <algorithm>
#include <set>

namespace factum::projections {
namespace {

// The handled types, of one entity and those related to it, or of all.
Query query_of(const View& view, const std::set<std::string>& tags) {
  const std::vector<std::string> types = view.projection.handled_types();
  Query query;
  for (const std::string& tag : tags) query.items.push_back({types, {tag}});
  if (tags.empty()) query.items.push_back({types, {}});
  return query;
}

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

Result<Query> as_of_query(const View& view, const EventStore& store, const EventCodec& codec,
                          const AsOf& as_of) {
  if (as_of.tag.empty()) return query_of(view, {});
  if (!view.related)
    return fail(ErrorCode::invalid_argument,
                "view " + view.projection.name() + " has no rows of single entities");
  std::set<std::string> tags{as_of.tag};
  const RelatedTags& related = *view.related;
  if (related.types.empty()) return query_of(view, tags);
  const Stretch naming{.query = {{{{related.types.begin(), related.types.end()}, {as_of.tag}}}},
                       .after = {},
                       .last = std::min(as_of.position, store.head()),
                       .events_max = as_of.events_max};
  FACTUM_CHECK(each_batch(store, codec, naming, [&](DecodedBatch& batch) -> Result<bool> {
    for (const BatchEvent& event : batch.events) {
      for (std::string& tag : related.tags_of(event.event, as_of.tag)) tags.insert(std::move(tag));
    }
    return true;
  }));
  return query_of(view, tags);
}

Result<std::unique_ptr<ViewReader>> fold_as_of(const View& view, const EventStore& store,
                                               const EventCodec& codec, const AsOf& as_of) {
  Stretch stretch{.query = {},
                  .after = as_of.past ? as_of.past->position() : Position{},
                  .last = std::min(as_of.position, store.head()),
                  .open_slots = view.projection.opens_slots(),
                  .events_max = as_of.events_max};
  FACTUM_TRY(stretch.query, as_of_query(view, store, codec, as_of));
  ViewFold fold(view.projection,
                as_of.past ? make_overlay_keyspace(as_of.past) : make_memory_keyspace(),
                codec.sealer());
  FACTUM_CHECK(each_batch(store, codec, stretch, [&](DecodedBatch& batch) -> Result<bool> {
    if (as_of.redefine) {
      for (BatchEvent& event : batch.events) event.event.event = as_of.redefine(event.event.event);
    }
    if (auto failure = fold.apply(batch)) return fail(failure->error);
    return true;
  }));
  return std::unique_ptr<ViewReader>(
      std::make_unique<AsOfReader>(fold.keyspace()->snapshot(), stretch.last));
}

}  // namespace factum::projections
