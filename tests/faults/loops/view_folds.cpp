#include "tests/faults/loops/view_folds.hpp"

#include "tests/faults/loops/expected_log.hpp"

#include <map>
#include <utility>

namespace factum::test {
namespace {

using Rows = std::map<std::string, std::string>;
using Fold = void (*)(Rows& rows, const RecordedEvent& event);

void count_tags(Rows& rows, const RecordedEvent& event) {
  for (const std::string& tag : event.record.tags) rows[tag].push_back('|');
}

void newest_of_type(Rows& rows, const RecordedEvent& event) {
  rows[event.record.type] = std::to_string(event.position.value());
}

struct Named {
  const char* name;
  Fold fold;
};
constexpr Named kViews[] = {{"tag_counts", count_tags}, {"newest_of_type", newest_of_type}};

Result<Rows> rows_of(const ViewKeyspace& view) {
  Rows rows;
  FACTUM_CHECK(view.snapshot()->scan({}, [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  }));
  return rows;
}

// Commits what is new.
Status follow_one(ViewKeyspace& view, Fold fold, const EventStore& store) {
  ReadOptions unread;
  unread.from = Position(view.position().value() + 1);
  unread.limit = SIZE_MAX;
  FACTUM_TRY(const auto events, store.read({}, unread));
  if (events.empty()) return {};
  FACTUM_TRY(const Rows before, rows_of(view));
  Rows rows = before;
  for (const RecordedEvent& event : events) fold(rows, event);
  std::vector<RowChange> changes;
  for (const auto& [key, value] : rows) {
    const auto known = before.find(key);
    if (known == before.end() || known->second != value) changes.push_back({key, value});
  }
  return view.commit(changes, events.back().position);
}

}  // namespace

std::unique_ptr<ViewFolds> ViewFolds::open(const projections::RocksdbViewOptions& options) {
  auto folds = std::make_unique<ViewFolds>();
  auto store = projections::open_rocksdb_generation_store(options);
  if (!store) return nullptr;
  folds->store_ = std::move(*store);
  for (const Named& view : kViews) {
    auto keyspace = folds->store_->open({view.name, 1, 1}, {});
    if (!keyspace) return nullptr;
    folds->views_.push_back(std::move(*keyspace));
  }
  return folds;
}

void ViewFolds::follow(const EventStore& store, bool flush) {
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (!follow_one(*views_[i], kViews[i].fold, store)) return;
  if (flush) ignore_error(store_->flush(true), "views are rebuilt when they are lost");
}

void ViewFolds::check(const std::vector<RecordedEvent>& events) const {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const std::uint64_t position = views_[i]->position().value();
    require(position <= events.size(), "a view shows only what is in the log");
    Rows expected;
    for (std::size_t e = 0; e < position; ++e) kViews[i].fold(expected, events[e]);
    const auto rows = rows_of(*views_[i]);
    require(rows.has_value() && *rows == expected,
            std::string("the view ") + kViews[i].name + " is the fold of the log");
  }
}

}  // namespace factum::test
