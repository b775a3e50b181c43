// The keyspace of a build.
#include "core/base/contract.hpp"
#include "projections/rocksdb_bulk_load.hpp"
#include "projections/rocksdb_view_keys.hpp"

#include <rocksdb/db.h>

#include <array>
#include <utility>

namespace factum::projections {
namespace {

constexpr std::size_t kRowsPerWrite = 1000;
constexpr char kFirstTable = '\2';
constexpr char kLastTable = '\x7f';

std::unique_ptr<rocksdb::Iterator> rows_of_table(const ViewFamily& family, char table) {
  std::unique_ptr<rocksdb::Iterator> rows(
      family.database->db->NewIterator(rocksdb::ReadOptions(), family.handle));
  rows->Seek(std::string(1, table));
  return rows;
}

bool is_at(const rocksdb::Iterator& rows, char table) {
  return rows.Valid() && rows.key()[0] == table;
}

// Where the rows of each table are, by the first letter of their keys. The target has them as soon
// as it has any.
class TablePlaces {
 public:
  TablePlaces(std::shared_ptr<ViewFamily> target, std::shared_ptr<ViewFamily> loaded)
      : target_(std::move(target)), loaded_(std::move(loaded)) {
    of(kPastTable) = Place::loaded;
  }

  // After a restart. What a crash left in both places is in the target.
  Status look() {
    const auto rows = rows_of_table(*loaded_, kFirstTable);
    while (rows->Valid()) {
      const char table = rows->key()[0];
      if (is_at(*rows_of_table(*target_, table), table)) {
        FACTUM_CHECK(forget(table));
      } else {
        of(table) = Place::loaded;
      }
      rows->Seek(std::string(1, static_cast<char>(table + 1)));
    }
    if (!rows->status().ok()) return view_failure(rows->status(), "reading the rows of a build");
    return {};
  }

  // Whether rows of this table are written to where they can be read.
  bool is_in_target(char table) {
    Place& place = of(table);
    if (place == Place::unknown)
      place = is_at(*rows_of_table(*target_, table), table) ? Place::target : Place::loaded;
    return place == Place::target;
  }

  // From now on the table is in the target. Gives whether rows were moved.
  Result<bool> bring_back(char table) {
    const Place before = std::exchange(of(table), Place::target);
    if (before != Place::loaded) return false;
    rocksdb::WriteBatch batch;
    const auto rows = rows_of_table(*loaded_, table);
    for (; is_at(*rows, table); rows->Next()) {
      const auto added = batch.Put(target_->handle, rows->key(), rows->value());
      if (!added.ok()) return view_failure(added, "moving rows");
      if (static_cast<std::size_t>(batch.Count()) == kRowsPerWrite) FACTUM_CHECK(write(batch));
    }
    if (!rows->status().ok()) return view_failure(rows->status(), "moving rows");
    FACTUM_CHECK(write(batch));
    const auto flushed = target_->database->db->Flush(rocksdb::FlushOptions(), target_->handle);
    if (!flushed.ok()) return view_failure(flushed, "moving rows");
    FACTUM_CHECK(forget(table));
    return true;
  }

 private:
  enum class Place : std::uint8_t { unknown, target, loaded };

  Place& of(char table) { return places_[static_cast<std::uint8_t>(table)]; }

  Status write(rocksdb::WriteBatch& batch) {
    const auto written = target_->database->db->Write(without_log(), &batch);
    if (!written.ok()) return view_failure(written, "moving rows");
    batch.Clear();
    return {};
  }

  Status forget(char table) {
    const std::string from(1, table);
    const std::string to(1, static_cast<char>(table + 1));
    rocksdb::DB& db = *loaded_->database->db;
    auto done = db.DeleteRange(without_log(), loaded_->handle, from, to);
    if (done.ok()) done = db.Flush(rocksdb::FlushOptions(), loaded_->handle);
    if (!done.ok()) return view_failure(done, "moving rows");
    return {};
  }

  const std::shared_ptr<ViewFamily> target_;
  const std::shared_ptr<ViewFamily> loaded_;
  std::array<Place, UINT8_MAX + 1> places_{};
};

// Reads the target, where the table that is asked for is brought first.
class BulkReader final : public ViewReader {
 public:
  BulkReader(std::shared_ptr<TablePlaces> places, std::shared_ptr<ViewKeyspace> target)
      : places_(std::move(places)), target_(std::move(target)), rows_(target_->snapshot()) {}

  Position position() const override { return rows_->position(); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    FACTUM_CHECK(bring(key.front(), key.front()));
    return rows_->get(key);
  }

  Status scan(const RowRange& range, const OnRow& on_row) const override {
    const char first = range.from.empty() ? kFirstTable : range.from.front();
    char last = range.to.empty() ? kLastTable : range.to.front();
    if (range.to.size() == 1) --last;  // the end itself is not meant
    FACTUM_CHECK(bring(first, last));
    return rows_->scan(range, on_row);
  }

 private:
  Status bring(int first, int last) const {
    bool moved = false;
    for (int table = first; table <= last; ++table) {
      FACTUM_TRY(const bool some, places_->bring_back(static_cast<char>(table)));
      moved = moved || some;
    }
    if (!moved) return {};
    // A keyspace shows what was written since its last commit with the next one.
    FACTUM_CHECK(target_->commit({}, target_->position()));
    rows_ = target_->snapshot();
    return {};
  }

  const std::shared_ptr<TablePlaces> places_;
  const std::shared_ptr<ViewKeyspace> target_;
  mutable std::unique_ptr<ViewReader> rows_;
};

class BulkKeyspace final : public ViewKeyspace {
 public:
  BulkKeyspace(std::shared_ptr<ViewFamily> loaded, std::shared_ptr<ViewKeyspace> target,
               std::shared_ptr<TablePlaces> places, PastTables past)
      : loaded_(std::move(loaded)),
        target_(std::move(target)),
        places_(std::move(places)),
        past_(std::move(past)) {}

  std::unique_ptr<ViewReader> snapshot() const override {
    return std::make_unique<BulkReader>(places_, target_);
  }
  Position position() const override { return target_->position(); }
  Position commit_limit() const override { return past_.commit_limit(position()); }

  // First what is collected: a build goes on where both places are at least as far as its position.
  Status commit(const std::vector<RowChange>& changes, Position position) override {
    FACTUM_ASSERT(changes.empty() || position <= commit_limit());
    rocksdb::WriteBatch batch;
    std::vector<RowChange> readable;
    for (const RowChange& change : changes) {
      FACTUM_CHECK(past_.add(batch, *loaded_, change, position));
      if (places_->is_in_target(change.key.front()))
        readable.push_back(change);
      else
        FACTUM_CHECK(add_row(batch, *loaded_, change));
    }
    FACTUM_CHECK(write_rows(batch, *loaded_, position));
    return target_->commit(readable, position);
  }

  std::unique_ptr<ViewReader> rows_at(Position at) const override { return target_->rows_at(at); }
  Result<std::vector<PastStep>> steps_with_changes(
      const std::vector<RowRange>& ranges) const override {
    return target_->steps_with_changes(ranges);
  }

 private:
  const std::shared_ptr<ViewFamily> loaded_;
  const std::shared_ptr<ViewKeyspace> target_;
  const std::shared_ptr<TablePlaces> places_;
  const PastTables past_;
};

}  // namespace

Result<std::shared_ptr<ViewKeyspace>> open_bulk_keyspace(const std::shared_ptr<ViewFamily>& target,
                                                         const std::shared_ptr<ViewFamily>& loaded,
                                                         const std::string& past_tables) {
  FACTUM_TRY(auto rows, open_rocksdb_keyspace(target, {}));
  auto places = std::make_shared<TablePlaces>(target, loaded);
  FACTUM_CHECK(places->look());
  return std::shared_ptr<ViewKeyspace>(
      std::make_shared<BulkKeyspace>(loaded, std::move(rows), std::move(places),
                                     PastTables(past_tables, target->database->past_step)));
}

}  // namespace factum::projections
