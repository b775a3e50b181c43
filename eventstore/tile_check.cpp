#include "eventstore/tile_check.hpp"

#include "core/es/canonical_json.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/record_format.hpp"

#include <string_view>

namespace factum {
namespace {

tl::unexpected<Error> wrong(std::string what) { return fail(ErrorCode::corrupt, std::move(what)); }

Result<RecordView> check_record(std::string_view bytes) {
  auto record = view_record(bytes);
  if (!record) return wrong(record.error().message);
  FACTUM_CHECK(check_canonical_object(record->data));
  return record;
}

class TileCheck {
 public:
  TileCheck(const TileTask& task, const TileFiles& files, TileVerdict& verdict)
      : task_(task),
        verdict_(verdict),
        entries_(files.entries->bytes),
        records_(files.records->bytes),
        hashes_(files.hashes ? std::string_view(files.hashes->bytes) : std::string_view()),
        has_hashes_(files.hashes.has_value()),
        ciphertexts_(files.ciphertexts ? std::string_view(files.ciphertexts->bytes)
                                       : std::string_view()) {
    verdict_.leaves.reserve(task.width);
    verdict_.has_ciphertexts = files.ciphertexts.has_value();
  }

  Status event(std::uint64_t position) {
    const std::string_view record = records_.text32();
    if (!records_.ok()) return wrong("the file of records ends too early");
    FACTUM_TRY(const RecordView parts, check_record(record));
    const std::string_view entry = entries_.text16();
    if (!entries_.ok()) return wrong("the file of entries ends too early");
    FACTUM_CHECK(check_entry(entry, position, record));
    const Digest leaf = leaf_hash(entry);
    if (has_hashes_) {
      const std::string_view published = hashes_.raw(sizeof(Digest));
      if (!hashes_.ok()) return wrong("the file of leaf hashes ends too early");
      if (published != view(leaf)) return wrong("the hash in the tile is not that of the entry");
    }
    verdict_.leaves.push_back(leaf);
    if (auto note = read_erasure_note(parts.type, parts.data))
      verdict_.erasures.push_back(std::move(*note));
    return parts.slots.count == 0 ? Status{} : check_slots(position, parts);
  }

  Status finish() const {
    if (!entries_.complete()) return wrong("the file of entries has bytes too many");
    if (!records_.complete()) return wrong("the file of records has bytes too many");
    if (!hashes_.complete()) return wrong("the file of leaf hashes has bytes too many");
    if (!ciphertexts_.complete()) return wrong("the file of ciphertexts has bytes too many");
    return {};
  }

 private:
  Status check_entry(std::string_view entry, std::uint64_t position, std::string_view record) {
    if (entry.size() != kTreeEntryBytes) return wrong("the entry has not 48 bytes");
    ByteReader reader(entry);
    if (reader.u64() != position) return wrong("the entry has another position");
    const std::uint64_t recorded_at = reader.u64();
    if (verdict_.leaves.empty()) verdict_.first_recorded = recorded_at;
    if (recorded_at < verdict_.last_recorded)
      return wrong("the event was recorded before the one before it");
    verdict_.last_recorded = recorded_at;
    if (reader.rest() != view(sha256(record)))
      return wrong("the SHA-256 of the record is not the one in the entry");
    return {};
  }

  Status check_slots(std::uint64_t position, const RecordView& record) {
    const std::size_t slots = record.slots.count;
    verdict_.slots += slots;
    if (verdict_.first_sealed == 0) verdict_.first_sealed = position;
    if (!verdict_.has_ciphertexts) return {};
    std::uint64_t gone = 0;
    RecordSlots expected(record);
    for (std::size_t i = 0; i < slots; ++i) {
      const SlotView slot = expected.next();
      const std::uint8_t mark = ciphertexts_.u8();
      const std::string_view ciphertext = mark == 1 ? ciphertexts_.text32() : std::string_view();
      if (!ciphertexts_.ok()) return wrong("the file of ciphertexts ends too early");
      if (mark > 1) return wrong("the mark of a ciphertext is not 0 or 1");
      if (mark == 0) {
        ++gone;
        FACTUM_TRY(const Uuid key, Uuid::from_bytes(slot.key_id));
        verdict_.missing_keys.try_emplace(key, position);
      }
      if (mark == 1 && view(sha256(ciphertext)) != slot.ciphertext_hash)
        return wrong("the SHA-256 of a ciphertext is not the one in the record");
    }
    verdict_.present += slots - gone;
    verdict_.destroyed += gone;
    if (gone > 0 && task_.list_destroyed) verdict_.destroyed_positions.push_back(position);
    return {};
  }

  const TileTask& task_;
  TileVerdict& verdict_;
  ByteReader entries_;
  ByteReader records_;
  ByteReader hashes_;
  const bool has_hashes_;
  ByteReader ciphertexts_;
};

Error at_position(Error error, std::uint64_t position) {
  if (error.position == 0) error.position = position;
  return error;
}

std::optional<Error> missing_file(const LogSource& source, const TileTask& task,
                                  const TileFiles& files) {
  const bool needs_hashes =
      !files.broken && (task.width == kTileWidth || source.has_partial_leaves());
  const char* folder = !files.entries                  ? "tile/entries/"
                       : !files.records                ? "records/"
                       : needs_hashes && !files.hashes ? "tile/0/"
                                                       : nullptr;
  if (folder == nullptr) return {};
  return Error{
      ErrorCode::corrupt, folder + tile_path(task.number, task.width) + " is missing", {}, {}, 0};
}

Status check_manifest(const TileTask& task, const TileFiles& files) {
  const std::pair<const char*, const MaybeFile&> all[] = {{"tile/entries/", files.entries},
                                                          {"records/", files.records},
                                                          {"tile/0/", files.hashes},
                                                          {"ciphertexts/", files.ciphertexts}};
  for (const auto& [folder, file] : all) {
    if (file && file->foreign)
      return wrong(folder + tile_path(task.number, task.width) +
                   " has not the SHA-256 of the manifest");
  }
  return {};
}

// Errors: corrupt, with the position.
Status check_files(const TileTask& task, const TileFiles& files, TileVerdict& verdict) {
  const std::uint64_t first = task.number * kTileWidth + 1;
  TileCheck check(task, files, verdict);
  for (std::uint64_t position = first; position < first + task.width; ++position) {
    if (files.broken && files.broken->position == position) return fail(*files.broken);
    if (auto checked = check.event(position); !checked)
      return fail(at_position(std::move(checked).error(), position));
  }
  if (auto finished = check.finish(); !finished)
    return fail(at_position(std::move(finished).error(), first + task.width - 1));
  if (verdict.leaves.size() == kTileWidth) verdict.root = fold_pairs(verdict.leaves);
  if (auto same = check_manifest(task, files); !same)
    return fail(at_position(std::move(same).error(), first));
  return {};
}

}  // namespace

TileVerdict check_tile_files(const TileTask& task, const TileFiles& files) {
  TileVerdict verdict;
  verdict.number = task.number;
  if (auto checked = check_files(task, files, verdict); !checked)
    verdict.fault = std::move(checked).error();
  return verdict;
}

Result<TileVerdict> check_tile(LogSource& source, const TileTask& task) {
  TileVerdict verdict;
  verdict.number = task.number;
  const std::uint64_t first = task.number * kTileWidth + 1;
  auto files = source.read_tile(task.number, task.width, TileParts::with_ciphertexts);
  if (!files) {
    if (files.error().code != ErrorCode::corrupt) return fail(std::move(files).error());
    verdict.fault = at_position(std::move(files).error(), first);
    return verdict;
  }
  if (auto missing = missing_file(source, task, *files)) {
    verdict.fault = at_position(std::move(*missing), first);
    return verdict;
  }
  return check_tile_files(task, *files);
}

}  // namespace factum
