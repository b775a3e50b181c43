// Projections: pure folds of events into rows, and the buffer in which the rows of a batch are
// folded.
//
//   Projection deal_board() {
//     Projection p("deal_board", 1, "Open deals by pipeline and stage");
//     p.on<DealOpened>([](ViewBatch& rows, const DealOpened& e, const DecodedEvent& at) {
//       rows.edit<DealRow>(ViewKey('d').id(e.deal)).stage = e.stage;
//     });
//     return p;
//   }
//
// A fold reads nothing but its own rows, and no clock: the same events give the same rows, byte for
// byte.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/row_codec.hpp"
#include "core/es/view_key.hpp"
#include "core/es/view_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace factum {

/// Rows as a batch of events leaves them: typed, decoded once, encoded once per commit. Reading
/// errors stick in `status` and the batch is dropped, so that folds need no error handling of their
/// own.
class ViewBatch {
 public:
  /// `keyspace` and `sealer` outlive the batch.
  ViewBatch(ViewKeyspace& keyspace, Sealer& sealer);

  /// The row under `key` for changing; a new default row if there is none. One key always holds the
  /// same type.
  template <class Row>
  Row& edit(const std::string& key);
  /// The row under `key` for reading, or null.
  template <class Row>
  const Row* find(const std::string& key);
  /// Writes a row that is never read by the fold itself (an index entry, a timeline line).
  template <class Row>
  void put(const std::string& key, const Row& row) {
    put_bytes(key, encode_row(row));
  }
  void put_bytes(const std::string& key, std::string value);
  void erase(const std::string& key);
  /// The first or the last key of the rows that were put under `prefix`, if there is one. Cost: one
  /// scan, and the rows put or erased there since the last commit.
  std::optional<std::string> outermost_key(const std::string& prefix, bool last);

  /// Keyed digest for look-up rows; see Sealer::digest.
  Digest digest(std::string_view purpose, std::string_view value) {
    return sealer_.digest(purpose, value);
  }

  const Status& status() const { return status_; }
  /// Number of rows held; commit before it grows beyond memory.
  std::size_t size() const { return rows_.size() + raw_.size(); }
  /// Writes every change with `position`; keeps decoded rows for the next batch. Errors: io_error,
  /// and `status`.
  Status commit(Position position);
  /// Forgets all changes since the last commit.
  void drop();

 private:
  struct Slot {
    virtual ~Slot() = default;
    virtual std::string encode() const = 0;
    bool exists = false;
    bool dirty = false;
  };
  template <class Row>
  struct RowSlot : Slot {
    std::string encode() const override { return encode_row(row); }
    Row row{};
  };

  template <class Row>
  RowSlot<Row>& load(const std::string& key);
  std::optional<std::string> stored(const std::string& key);

  ViewKeyspace& keyspace_;
  Sealer& sealer_;
  std::unique_ptr<ViewReader> reader_;
  std::unordered_map<std::string, std::unique_ptr<Slot>> rows_;
  // Keys of rows that became dirty, so that a commit costs what changed and not what is cached. A
  // row that was erased and made again stands here twice.
  std::vector<std::string> edited_;
  std::map<std::string, std::optional<std::string>> raw_;
  Status status_;
};

/// One projection: name, version, and a handler per event type. Immutable once registered.
class Projection {
 public:
  template <class E>
  using Handler = void (*)(ViewBatch& rows, const E& event, const DecodedEvent& at);

  /// `version` goes up with every change of rows, fold or past: the view then rebuilds by itself.
  Projection(std::string name, std::uint32_t version, std::string doc);

  template <class E>
  void on(Handler<E> handler) {
    handlers_[&event_type<E>()] = [handler](ViewBatch& rows, const DecodedEvent& at) {
      handler(rows, *at.get<E>(), at);
    };
  }
  /// The fold needs personal values, to derive keyed digests from them.
  void open_slots() { opens_slots_ = true; }
  /// Keeps the past of these tables alone (first letters of keys): all that queries across entities
  /// read, and all that the fold of those rows reads. None, if the rows of one entity follow from
  /// its events.
  void keep_past_of(std::string tables) { past_tables_ = std::move(tables); }

  const std::string& name() const { return name_; }
  std::uint32_t version() const { return version_; }
  const std::string& doc() const { return doc_; }
  bool opens_slots() const { return opens_slots_; }
  /// Tables that can be read as of a position; "*" = all.
  const std::string& past_tables() const { return past_tables_; }
  bool handles(const EventType& type) const { return handlers_.contains(&type); }
  /// Sorted names of the handled types.
  std::vector<std::string> handled_types() const;
  /// Folds one event; events of other types change nothing. Errors: those of reading rows.
  Status apply(ViewBatch& rows, const DecodedEvent& event) const;

 private:
  std::string name_;
  std::uint32_t version_;
  std::string doc_;
  bool opens_slots_ = false;
  std::string past_tables_ = "*";
  std::unordered_map<const EventType*, std::function<void(ViewBatch&, const DecodedEvent&)>>
      handlers_;
};

// ---- implementation
// -----------------------------------------------------------------------------------------

template <class Row>
ViewBatch::RowSlot<Row>& ViewBatch::load(const std::string& key) {
  auto& slot = rows_[key];
  if (!slot) {
    auto fresh = std::make_unique<RowSlot<Row>>();
    if (auto bytes = stored(key)) {
      auto row = decode_row<Row>(*bytes);
      if (row)
        fresh->row = std::move(*row);
      else
        status_ = fail(std::move(row).error());
      fresh->exists = true;
    }
    slot = std::move(fresh);
  }
  FACTUM_ASSERT(dynamic_cast<RowSlot<Row>*>(slot.get()) != nullptr);
  return static_cast<RowSlot<Row>&>(*slot);
}

template <class Row>
Row& ViewBatch::edit(const std::string& key) {
  auto& slot = load<Row>(key);
  slot.exists = true;
  if (!slot.dirty) edited_.push_back(key);
  slot.dirty = true;
  return slot.row;
}

template <class Row>
const Row* ViewBatch::find(const std::string& key) {
  const auto& slot = load<Row>(key);
  return slot.exists ? &slot.row : nullptr;
}

}  // namespace factum
