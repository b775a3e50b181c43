#include "eventstore/rocksdb_erasure.hpp"

#include "eventstore/claim_format.hpp"
#include "eventstore/pause.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_reader.hpp"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <unordered_set>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchRows = 4096;
constexpr std::uint64_t kEventsPerLook = 16'384;
// Readers hold files for the time of one read.
constexpr std::chrono::seconds kReadersAtMost{30};
constexpr std::chrono::milliseconds kLookEvery{20};

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

using Holders = std::unordered_set<std::string>;

// Deletes rows in durable batches.
class Deletion {
 public:
  explicit Deletion(const Database& database) : database_(database) {}

  Status remove(Family family, std::string_view key) {
    static_cast<void>(batch_.Delete(database_.family(family), slice(key)));
    ++rows_;
    return static_cast<std::size_t>(batch_.Count()) < kBatchRows ? Status() : write();
  }
  Status write() {
    if (batch_.Count() == 0) return {};
    const Status written = database_.write_durably(batch_);
    batch_.Clear();
    return written;
  }
  std::uint64_t rows() const { return rows_; }

 private:
  const Database& database_;
  rocksdb::WriteBatch batch_;
  std::uint64_t rows_ = 0;
};

// Calls `take` with the keys of claims that these holders have or had.
template <class Take>
Status claims_of(const Database& database, Family family, const Holders& holders, Take take) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(options, database.family(family)));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    FACTUM_TRY(const ClaimRecord claim, decode_claim(rows->value().ToStringView()));
    if (holders.contains(claim.holder)) FACTUM_CHECK(take(rows->key().ToStringView()));
  }
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  return {};
}

Status compact(const Database& database, Family family, const rocksdb::Slice* from,
               const rocksdb::Slice* to, std::atomic<bool>& wanted_back) {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.canceled = &wanted_back;
  const auto done = database.db().CompactRange(options, database.family(family), from, to);
  if (wanted_back) return fail(ErrorCode::unavailable, "the log is wanted for something else");
  if (!done.ok()) return fail(error_of(done));
  return {};
}

// Write-ahead logs and manifests that may name what is erased.
Result<std::set<std::string>> files_of_before(const std::string& folder) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".log") || name.starts_with("MANIFEST-")) names.insert(name);
  }
  if (failed) return fail(ErrorCode::io_error, "cannot look at the folder of the log");
  return names;
}

Result<std::set<std::string>> live_tables(const Database& database) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db().GetLiveFilesMetaData(&files);
  std::set<std::string> names;
  for (const auto& file : files) names.insert(fs::path(file.name).filename().string());
  return names;
}

// Whether files are left that nobody needs any more: somebody reads them still.
Result<bool> has_old_files(const Database& database, const std::set<std::string>& before) {
  const std::string folder = database.db().GetName();
  FACTUM_TRY(const auto live, live_tables(database));
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    const bool is_old_table = name.ends_with(".sst") && !live.contains(name);
    if (is_old_table || before.contains(name)) return true;
  }
  if (failed) return fail(ErrorCode::io_error, "cannot look at the folder of the log");
  return false;
}

Status wait_for_readers(const Database& database, const std::set<std::string>& before,
                        const std::atomic<bool>& wanted_back) {
  const auto deadline = std::chrono::steady_clock::now() + kReadersAtMost;
  while (true) {
    FACTUM_TRY(const bool old, has_old_files(database, before));
    if (!old) return {};
    if (wanted_back || std::chrono::steady_clock::now() > deadline) {
      return fail(ErrorCode::unavailable,
                  "old files of the log are still being read; the erasure goes on later");
    }
    // Files that a reader let go are removed by the next one who looks for them. A pair: a backup
    // that is being made has forbidden it too, and is waited for.
    static_cast<void>(database.db().DisableFileDeletions());
    static_cast<void>(database.db().EnableFileDeletions(false));
    pause_for(kLookEvery);
  }
}

// Looks for the keys in each table by itself, whatever newer tables say of them.
Status check_tables(const Database& database, const std::vector<std::string>& slots) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db().GetLiveFilesMetaData(&files);
  const std::string family = database.family(Family::slots)->GetName();
  for (const auto& file : files) {
    if (file.column_family_name != family) continue;
    auto slot = std::lower_bound(slots.begin(), slots.end(), file.smallestkey);
    if (slot == slots.end() || *slot > file.largestkey) continue;
    rocksdb::Options options = database.db().GetOptions(database.family(Family::slots));
    rocksdb::SstFileReader table(options);
    if (const auto opened = table.Open(file.db_path + file.name); !opened.ok())
      return fail(error_of(opened));
    const std::unique_ptr<rocksdb::Iterator> rows(table.NewIterator(rocksdb::ReadOptions()));
    for (; slot != slots.end() && *slot <= file.largestkey; ++slot) {
      rows->Seek(*slot);
      if (rows->Valid() && rows->key() == rocksdb::Slice(*slot))
        return fail(ErrorCode::corrupt, "an erased ciphertext is still in " + file.name);
      if (!rows->status().ok()) return fail(error_of(rows->status()));
    }
  }
  return {};
}

}  // namespace

Result<ErasedSlots> slots_of(const Database& database, const ErasedSubjects& erased, Position head,
                             const WorkWatch& watch) {
  const std::unordered_set<Uuid> keys(erased.keys.begin(), erased.keys.end());
  ReadOptions options;
  options.to = head;
  options.limit = SIZE_MAX;
  options.with_slots = false;
  ErasedSlots found;
  bool cancelled = false;
  const ResolvedQuery everything{.everything = true, .items = {}};
  FACTUM_CHECK(visit_events(database, everything, options, [&](const RecordedEvent& event) {
    for (std::size_t i = 0; i < event.record.slots.size(); ++i) {
      const Uuid& key = event.record.slots[i].key_id;
      if (!keys.contains(key)) continue;
      found.slots.push_back(slot_key(event.position, i));
      ++found.by_key[key];
    }
    if (event.position.value() % kEventsPerLook != 0) return true;
    watch.on_progress("looking for ciphertexts", event.position.value(), head.value());
    cancelled = watch.cancelled();
    return !cancelled;
  }));
  if (cancelled) return fail(ErrorCode::unavailable, "the erasure was stopped; it goes on later");
  return found;
}

Result<std::uint64_t> erase_rows(const Database& database, const std::vector<std::string>& slots,
                                 const ErasedSubjects& erased) {
  Deletion ciphertexts(database);
  for (const std::string& slot : slots) {
    FACTUM_TRY(const auto present, database.get(Family::slots, slot));
    if (present) FACTUM_CHECK(ciphertexts.remove(Family::slots, slot));
  }
  FACTUM_CHECK(ciphertexts.write());
  const Holders holders(erased.holders.begin(), erased.holders.end());
  std::uint64_t removed = 0;
  // What an append in flight replaced is written behind the first pass.
  for (std::uint64_t found = 1; found > 0;) {
    Deletion claims(database);
    for (const Family family : {Family::claims, Family::claim_history}) {
      FACTUM_CHECK(claims_of(database, family, holders,
                             [&](std::string_view key) { return claims.remove(family, key); }));
    }
    FACTUM_CHECK(claims.write());
    found = claims.rows();
    removed += found;
  }
  return removed;
}

Status clean_files(const Database& database, const std::vector<std::string>& slots,
                   const ErasedSubjects& erased, std::atomic<bool>& wanted_back) {
  FACTUM_TRY(const auto before, files_of_before(database.db().GetName()));
  FACTUM_CHECK(database.flush());
  if (!slots.empty()) {
    const rocksdb::Slice from(slots.front());
    const rocksdb::Slice to(slots.back());
    FACTUM_CHECK(compact(database, Family::slots, &from, &to, wanted_back));
  }
  for (const Family family : {Family::claims, Family::claim_history})
    FACTUM_CHECK(compact(database, family, nullptr, nullptr, wanted_back));
  // A manifest says how things were before its last edit: after two, none speaks of before.
  for (int edits = 0; edits < 2; ++edits) FACTUM_CHECK(database.roll());
  FACTUM_CHECK(wait_for_readers(database, before, wanted_back));
  FACTUM_CHECK(check_tables(database, slots));
  const Holders holders(erased.holders.begin(), erased.holders.end());
  for (const Family family : {Family::claims, Family::claim_history}) {
    FACTUM_CHECK(claims_of(database, family, holders, [](std::string_view) -> Status {
      return fail(ErrorCode::unavailable, "an append in flight made a claim; try again");
    }));
  }
  return {};
}

}  // namespace factum
