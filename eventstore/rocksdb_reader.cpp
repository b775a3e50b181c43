#include "eventstore/rocksdb_reader.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_tag_index.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <array>

namespace factum {
namespace {

constexpr std::size_t kEventsPerMultiGet = 64;
// Scans of at least this many events leave the cache to others. How far to read ahead is left to
// RocksDB: a fixed MiB would be copied at every start, also where a stretch is shorter.
constexpr std::uint64_t kLongScan = 2'000;

tl::unexpected<Error> missing(std::uint64_t position) {
  return fail(Error{ErrorCode::corrupt,
                    "the event at position " + std::to_string(position) + " is missing",
                    {},
                    {},
                    position});
}

// True when the record's type alone rules it out, so that it need not be decoded. A record without
// a type is damaged, which decoding reports.
bool ruled_out_by_type(const ResolvedQuery& query, std::string_view stored) {
  if (query.everything) return false;
  const std::string_view type =
      peek_type(stored.substr(std::min(stored.size(), kStoredHeaderBytes)));
  return !type.empty() &&
         std::none_of(query.items.begin(), query.items.end(),
                      [&](const ResolvedItem& item) { return item.has_type(type); });
}

bool matches(const ResolvedQuery& query, const EventRecord& record) {
  if (query.everything) return true;
  return std::any_of(query.items.begin(), query.items.end(), [&](const ResolvedItem& item) {
    return item.has_type(record.type) && std::includes(record.tags.begin(), record.tags.end(),
                                                       item.tags.begin(), item.tags.end());
  });
}

// Fills in ciphertexts. One iterator for a whole read: neighbours of a scan are one step away.
class SlotReader {
 public:
  explicit SlotReader(const Database& database) : database_(database) {}

  Status fill(RecordedEvent& event) {
    if (event.record.slots.empty()) return {};
    const std::string first = slot_key(event.position, 0);
    if (!iterator_) {
      iterator_.reset(
          database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::slots)));
    }
    if (!iterator_->Valid() || iterator_->key() != rocksdb::Slice(first)) iterator_->Seek(first);
    const std::string prefix = position_key(event.position);
    for (; iterator_->Valid() && iterator_->key().starts_with(prefix); iterator_->Next()) {
      const std::string_view key = iterator_->key().ToStringView();
      const std::size_t index = ByteReader(key.substr(prefix.size())).u8();
      if (index >= event.ciphertexts.size()) break;
      event.ciphertexts[index] = iterator_->value().ToString();
    }
    if (!iterator_->status().ok()) return fail(error_of(iterator_->status()));
    return {};
  }

 private:
  const Database& database_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Walks records in [from, to], both ends there, and calls `take(position, stored)` until it gives
// false. A position that is not there is corruption.
template <class Take>
Status scan(const Database& database, const IndexRange& range, std::size_t limit, Take take) {
  const std::string lower = position_key(Position(range.from));
  const std::string upper = position_key(Position(range.to)) + '\0';
  const rocksdb::Slice lower_slice(lower);
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower_slice;
  options.iterate_upper_bound = &upper_slice;
  options.fill_cache = std::min<std::uint64_t>(limit, range.to - range.from + 1) < kLongScan;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      database.db().NewIterator(options, database.family(Family::records)));
  std::uint64_t expected = range.backwards ? range.to : range.from;
  range.backwards ? iterator->SeekToLast() : iterator->SeekToFirst();
  for (std::uint64_t left = range.to - range.from + 1; left > 0; --left) {
    if (!iterator->status().ok()) return fail(error_of(iterator->status()));
    if (!iterator->Valid()) return missing(expected);
    if (iterator->key() != rocksdb::Slice(position_key(Position(expected))))
      return missing(expected);
    FACTUM_TRY(const bool more, take(Position(expected), iterator->value().ToStringView()));
    if (!more) return {};
    range.backwards ? iterator->Prev() : iterator->Next();
    expected = range.backwards ? expected - 1 : expected + 1;
  }
  return {};
}

// Decodes what was stored, one event after the other in the same memory, and hands it over.
class EventOffer {
 public:
  EventOffer(const Database& database, const ReadOptions& options, const TakeEvent& take)
      : slots_(database), take_(take), left_(options.limit), with_slots_(options.with_slots) {}

  std::size_t left() const { return left_; }

  // True while more are wanted.
  Result<bool> offer(Position position, std::string_view stored, const ResolvedQuery* filter) {
    FACTUM_CHECK(decode_stored(position, stored, event_));
    if (filter != nullptr && !matches(*filter, event_.record)) return true;
    if (with_slots_) FACTUM_CHECK(slots_.fill(event_));
    return take_(event_) && --left_ > 0;
  }

 private:
  SlotReader slots_;
  const TakeEvent& take_;
  std::size_t left_;
  const bool with_slots_;
  RecordedEvent event_;
};

Status visit_by_scan(const Database& database, const ResolvedQuery& query, const IndexRange& range,
                     const ReadOptions& options, const TakeEvent& take) {
  EventOffer events(database, options, take);
  return scan(database, range, options.limit,
              [&](Position position, std::string_view stored) -> Result<bool> {
                if (ruled_out_by_type(query, stored)) return true;
                return events.offer(position, stored, &query);
              });
}

// Offers the events at these positions, in this order. True while more are wanted.
Result<bool> fetch(const Database& database, const std::vector<std::uint64_t>& positions,
                   EventOffer& events) {
  std::array<std::string, kEventsPerMultiGet> keys;
  std::array<rocksdb::Slice, kEventsPerMultiGet> slices;
  std::array<rocksdb::PinnableSlice, kEventsPerMultiGet> values;
  std::array<rocksdb::Status, kEventsPerMultiGet> statuses;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    keys[i] = position_key(Position(positions[i]));
    slices[i] = keys[i];
  }
  database.db().MultiGet(rocksdb::ReadOptions(), database.family(Family::records), positions.size(),
                         slices.data(), values.data(), statuses.data());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (statuses[i].IsNotFound()) return missing(positions[i]);
    if (!statuses[i].ok()) return fail(error_of(statuses[i]));
    FACTUM_TRY(const bool more,
               events.offer(Position(positions[i]), values[i].ToStringView(), nullptr));
    if (!more) return false;
  }
  return true;
}

Status visit_by_tags(const Database& database, const ResolvedQuery& query, const IndexRange& range,
                     const ReadOptions& options, const TakeEvent& take) {
  FACTUM_TRY(const auto cursor, open_tag_cursor(database, query, range));
  EventOffer events(database, options, take);
  std::vector<std::uint64_t> positions;
  while (cursor->valid()) {
    positions.clear();
    const std::size_t wanted = std::min(kEventsPerMultiGet, events.left());
    for (; cursor->valid() && positions.size() < wanted; cursor->next())
      positions.push_back(cursor->position());
    FACTUM_TRY(const bool more, fetch(database, positions, events));
    if (!more) break;
  }
  return cursor->status();
}

}  // namespace

Status visit_events(const Database& database, const ResolvedQuery& query,
                    const ReadOptions& options, const TakeEvent& take) {
  const IndexRange range{std::max<std::uint64_t>(options.from.value(), 1), options.to.value(),
                         options.backwards};
  const bool nothing =
      range.from > range.to || options.limit == 0 || (!query.everything && query.items.empty());
  if (nothing) return {};
  return query.needs_scan() ? visit_by_scan(database, query, range, options, take)
                            : visit_by_tags(database, query, range, options, take);
}

Result<Position> newest_match(const Database& database, const ResolvedQuery& query, Position after,
                              Position to) {
  if (after >= to) return Position(0);
  if (query.everything) return to;
  if (query.items.empty()) return Position(0);
  const IndexRange range{after.value() + 1, to.value(), true};
  if (!query.needs_scan()) {
    FACTUM_TRY(const auto cursor, open_tag_cursor(database, query, range));
    FACTUM_CHECK(cursor->status());
    return Position(cursor->valid() ? cursor->position() : 0);
  }
  ReadOptions options;
  options.limit = 1;
  options.with_slots = false;
  Position newest(0);
  FACTUM_CHECK(visit_by_scan(database, query, range, options, [&](const RecordedEvent& event) {
    newest = event.position;
    return false;
  }));
  return newest;
}

Result<Position> position_at(const Database& database, Timestamp instant, Position head) {
  std::uint64_t before = 0;                 // recorded at or before the instant, or 0
  std::uint64_t beyond = head.value() + 1;  // recorded later, or behind the head
  while (before + 1 < beyond) {
    const std::uint64_t middle = before + (beyond - before) / 2;
    FACTUM_TRY(const Timestamp recorded_at, database.recorded_at(Position(middle)));
    (recorded_at <= instant ? before : beyond) = middle;
  }
  return Position(before);
}

}  // namespace factum
