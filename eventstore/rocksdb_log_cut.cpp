#include "eventstore/bytes.hpp"
#include "eventstore/claim_format.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_log_restore.hpp"
#include "eventstore/rocksdb_tag_index.hpp"
#include "eventstore/rocksdb_tree.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

namespace factum {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kReadaheadBytes = std::size_t{2} << 20;
constexpr std::uint64_t kLookEvery = 1024;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::corrupt, std::string(what) + " of the backup does not read");
}

// Copies rows in batches; a copy that a crash ends is thrown away, so nothing is synced before the
// end.
class RowCopy {
 public:
  RowCopy(const Database& source, const Database& target, const WorkWatch& watch)
      : source_(source), target_(target), watch_(watch) {}

  /// Whether a row is copied; nothing = the rows that follow are not either.
  using Keep = std::function<Result<std::optional<bool>>(std::string_view, std::string_view)>;

  Status run(Family family, const Keep& keep) {
    rocksdb::ReadOptions options;
    options.readahead_size = kReadaheadBytes;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> rows(
        source_.db().NewIterator(options, source_.family(family)));
    std::uint64_t count = 0;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      if (++count % kLookEvery == 0 && watch_.cancelled())
        return fail(ErrorCode::unavailable, "the restore was interrupted");
      const std::string_view key = rows->key().ToStringView();
      const std::string_view value = rows->value().ToStringView();
      FACTUM_TRY(const std::optional<bool> kept, keep(key, value));
      if (!kept) break;
      if (*kept) FACTUM_CHECK(put(family, key, value));
    }
    if (!rows->status().ok()) return fail(error_of(rows->status()));
    return {};
  }

  Status put(Family family, std::string_view key, std::string_view value) {
    static_cast<void>(batch_.Put(target_.family(family), slice(key), slice(value)));
    return batch_.GetDataSize() < kBatchBytes ? Status() : write();
  }

  Status write() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const auto status = target_.db().Write(options, &batch_);
    batch_.Clear();
    if (!status.ok()) return fail(error_of(status));
    return {};
  }

 private:
  const Database& source_;
  const Database& target_;
  const WorkWatch& watch_;
  rocksdb::WriteBatch batch_;
};

// Records and ciphertexts are ordered by position.
Status copy_events(RowCopy& copy, Position last, const WorkWatch& watch) {
  const std::string end = position_key(Position(last.value() + 1));
  std::uint64_t done = 0;
  FACTUM_CHECK(copy.run(Family::records,
                        [&](std::string_view key, std::string_view) -> Result<std::optional<bool>> {
                          if (key >= end) return std::optional<bool>();
                          if (++done % kLookEvery == 0)
                            watch.on_progress("events", done, last.value());
                          return std::optional(true);
                        }));
  return copy.run(Family::slots,
                  [&](std::string_view key, std::string_view) -> Result<std::optional<bool>> {
                    return key < end ? std::optional(true) : std::optional<bool>();
                  });
}

// Keys of the tag index end in type code and position. Gives the codes in use.
Result<std::set<std::uint16_t>> copy_tags(RowCopy& copy, Position last) {
  std::set<std::uint16_t> codes;
  FACTUM_CHECK(copy.run(Family::tags,
                        [&](std::string_view key, std::string_view) -> Result<std::optional<bool>> {
                          constexpr std::size_t kEndBytes = 2 + 8;
                          if (key.size() <= kEndBytes) return damaged("a tag");
                          ByteReader end(key.substr(key.size() - kEndBytes));
                          const std::uint16_t code = end.u16();
                          if (end.u64() > last.value()) return std::optional(false);
                          codes.insert(code);
                          return std::optional(true);
                        }));
  return codes;
}

// Codes were given in the order in which types appeared.
Status copy_types(RowCopy& copy, const Database& source, const std::set<std::uint16_t>& codes) {
  if (codes.empty()) return {};
  FACTUM_TRY(const auto types, source.load_types());
  const std::size_t count = std::min<std::size_t>(*codes.rbegin(), types.size());
  for (std::size_t i = 0; i < count; ++i)
    FACTUM_CHECK(
        copy.put(Family::meta, type_meta_key(static_cast<std::uint16_t>(i + 1)), types[i]));
  return {};
}

Status copy_fences(RowCopy& copy, const Database& source, Position last) {
  FACTUM_TRY(const FencedKeys fenced, source.load_fenced_keys());
  for (const auto& [key, position] : fenced) {
    if (position <= last)
      FACTUM_CHECK(copy.put(Family::meta, fence_meta_key(key), position_key(position)));
  }
  return {};
}

// A claim is what the last append up to `last` made it: its present row if that is old enough, else
// the former one that was replaced later than `last` but set before.
Status copy_claims(RowCopy& copy, Position last) {
  FACTUM_CHECK(copy.run(
      Family::claims, [&](std::string_view, std::string_view value) -> Result<std::optional<bool>> {
        FACTUM_TRY(const ClaimRecord claim, decode_claim(value));
        return std::optional(claim.position <= last);
      }));
  return copy.run(Family::claim_history,
                  [&](std::string_view key, std::string_view value) -> Result<std::optional<bool>> {
                    FACTUM_TRY(const FormerClaimKey former, parse_former_claim_key(key));
                    FACTUM_TRY(const ClaimRecord claim, decode_claim(value));
                    if (former.replaced_at <= last) return std::optional(true);
                    if (claim.position <= last)
                      FACTUM_CHECK(copy.put(Family::claims, former.claim_key, value));
                    return std::optional(false);
                  });
}

Status copy_outcomes(RowCopy& copy, Position last) {
  return copy.run(Family::idempotency,
                  [&](std::string_view, std::string_view value) -> Result<std::optional<bool>> {
                    FACTUM_TRY(const StoredOutcome outcome, decode_outcome(value));
                    return std::optional(outcome.last <= last);
                  });
}

}  // namespace

Status copy_log_up_to(const Database& source, Position last, const std::string& directory,
                      const LogIdentity& identity, const WorkWatch& watch) {
  EventStoreOptions options;
  options.directory = directory;
  FACTUM_TRY(const auto target, Database::make(options, identity));
  RowCopy copy(source, *target, watch);
  FACTUM_CHECK(copy_events(copy, last, watch));
  FACTUM_TRY(const auto codes, copy_tags(copy, last));
  FACTUM_CHECK(copy_types(copy, source, codes));
  FACTUM_CHECK(copy_fences(copy, source, last));
  FACTUM_CHECK(copy_claims(copy, last));
  FACTUM_CHECK(copy_outcomes(copy, last));
  FACTUM_CHECK(copy.write());
  // The tree follows from the records: computed anew it says whether they are the same.
  FACTUM_TRY(const TreeEdge tree, load_tree(*target, last));
  if (tree.size() != last.value()) return damaged("the tree");
  return target->flush();
}

}  // namespace factum
