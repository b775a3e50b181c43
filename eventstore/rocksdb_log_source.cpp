#include "eventstore/rocksdb_log_source.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/file.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/key_handover.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_database.hpp"
#include "eventstore/rocksdb_tree.hpp"

#include <rocksdb/db.h>

#include <charconv>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kRecordBytesUsual = 512;

using Rows = std::unique_ptr<rocksdb::Iterator>;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

Error broken_at(std::uint64_t position, std::string what) {
  return {ErrorCode::corrupt, std::move(what), {}, {}, position};
}

// Gives the files of one tile from the records and their ciphertexts.
class TileReader {
 public:
  TileReader(const Database& database, std::uint64_t first, std::size_t width, TileParts parts)
      : first_(first),
        width_(width),
        records_(rows_of(database, Family::records)),
        slots_(parts == TileParts::with_ciphertexts ? rows_of(database, Family::slots) : nullptr) {}

  Result<TileFiles> read(bool last) {
    if (first_ == 1) {
      records_->SeekToFirst();
    } else {
      records_->Seek(slice(position_key(Position(first_))));
    }
    if (slots_) slots_->Seek(slice(position_key(Position(first_))));
    TileFiles files;
    entry_bytes_.reserve(width_ * (2 + kTreeEntryBytes));
    record_bytes_.reserve(width_ * kRecordBytesUsual);
    for (std::uint64_t at = first_; at < first_ + width_ && !files.broken; ++at) {
      files.broken = add_record(at);
      if (!files.broken) records_->Next();
    }
    if (!files.broken) files.broken = check_behind(last);
    if (!records_->status().ok() && !records_->status().IsCorruption())
      return fail(error_of(records_->status()));
    if (slots_ && !slots_->status().ok() && !slots_->status().IsCorruption())
      return fail(error_of(slots_->status()));
    files.entries = {std::move(entry_bytes_), false};
    files.records = {std::move(record_bytes_), false};
    if (slots_) files.ciphertexts = {std::move(ciphertext_bytes_), false};
    return files;
  }

 private:
  static Rows rows_of(const Database& database, Family family) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    return Rows(database.db().NewIterator(options, database.family(family)));
  }

  std::optional<Error> add_record(std::uint64_t position) {
    const std::string key = position_key(Position(position));
    if (!records_->Valid() && !records_->status().ok())
      return broken_at(position, error_of(records_->status()).message);
    if (!records_->Valid() || records_->key().ToStringView() != key)
      return broken_at(position, "the record is missing");
    const auto stored = split_stored(records_->value().ToStringView());
    if (!stored) return broken_at(position, stored.error().message);
    ByteWriter entry(entry_bytes_);
    entry.u16(kTreeEntryBytes);
    entry.raw(key);
    entry.raw(records_->value().ToStringView().substr(0, kStoredHeaderBytes));
    ByteWriter(record_bytes_).text32(stored->record);
    if (!slots_) return {};
    const auto record = view_record(stored->record);
    return record ? add_ciphertexts(position, record->slots.count) : std::nullopt;
  }

  std::optional<Error> add_ciphertexts(std::uint64_t position, std::size_t slots) {
    ByteWriter out(ciphertext_bytes_);
    for (std::size_t i = 0; i < slots; ++i) {
      const bool there =
          slots_->Valid() && slots_->key().ToStringView() == slot_key(Position(position), i);
      out.u8(there ? 1 : 0);
      if (!there) continue;
      out.text32(slots_->value().ToStringView());
      slots_->Next();
    }
    if (!slots_->Valid()) {
      if (slots_->status().ok()) return {};
      return broken_at(position, error_of(slots_->status()).message);
    }
    if (slots_->key().ToStringView() < position_key(Position(position + 1)))
      return broken_at(position, "a ciphertext is stored that the record does not name");
    return {};
  }

  // Nothing stands between this tile and the next one.
  std::optional<Error> check_behind(bool last) {
    const std::uint64_t end = first_ + width_ - 1;
    const std::string next = position_key(Position(end + 1));
    const bool stray = records_->Valid() && (last || records_->key().ToStringView() != next);
    if (stray) return broken_at(end, "something that is no record is stored behind the event");
    return {};
  }

  const std::uint64_t first_;
  const std::size_t width_;
  const Rows records_;
  const Rows slots_;  // null: ciphertexts are left aside
  std::string entry_bytes_;
  std::string record_bytes_;
  std::string ciphertext_bytes_;
};

class FolderSource final : public LogSource {
 public:
  FolderSource(std::string folder, std::string checkpoint, std::unique_ptr<Database> database,
               std::uint64_t events)
      : folder_(std::move(folder)),
        checkpoint_(std::move(checkpoint)),
        database_(std::move(database)),
        events_(events) {}

  std::string name() const override { return folder_; }
  std::optional<std::uint64_t> events() const override { return events_; }
  std::optional<bool> has_ciphertexts() const override { return true; }
  bool has_partial_leaves() const override { return false; }

  Result<MaybeFile> read(const std::string& path, std::size_t /*bytes_max*/) override {
    if (path == "checkpoint") return MaybeFile({checkpoint_, false});
    if (path == kHandoversPath) {
      FACTUM_TRY(auto chain, read_file(folder_ + "/handovers", SourceLimits::kSmallBytesMax));
      return chain ? MaybeFile({std::move(*chain), false}) : MaybeFile();
    }
    constexpr std::string_view kTile = "tile/";
    const std::string_view rest = std::string_view(path).substr(kTile.size());
    std::uint8_t level = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), level);
    FACTUM_TRY(const TilePlace place, parse_tile_path({read.ptr + 1, rest.data() + rest.size()}));
    return read_hashes(level, place);
  }

  Result<TileFiles> read_tile(std::uint64_t number, std::size_t width, TileParts parts) override {
    const std::uint64_t first = number * kTileWidth + 1;
    TileReader reader(*database_, first, width, parts);
    FACTUM_TRY(TileFiles files, reader.read(first + width > events_));
    if (width == kTileWidth && !files.broken) {
      FACTUM_TRY(files.hashes, read_hashes(0, {number, width}));
    }
    return files;
  }

  Result<std::string> claimed_vkey() override {
    FACTUM_TRY(auto text, read_file(folder_ + "/vkey", SourceLimits::kSmallBytesMax));
    if (!text)
      return fail(ErrorCode::not_found,
                  "there is no file vkey in " + folder_ + "; name the key of the log with --vkey");
    if (text->ends_with('\n')) text->pop_back();
    return std::move(*text);
  }

  Status check_identity(const VerifierKey& key, const Checkpoint& /*checkpoint*/) override {
    if (key.name == origin_of(database_->log_id())) return {};
    return fail(ErrorCode::corrupt, "the folder holds the log " + database_->log_id().to_string() +
                                        ", which is not that of the key and the checkpoint");
  }

  // Every key of the tiles family is one that the tree has, so that none is surplus.
  Status finish() override {
    std::uint64_t expected = events_ / kTileWidth;
    for (std::uint64_t row = events_ / kTileWidth; row > 0; row /= kTileWidth) expected += row;
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const Rows rows(database_->db().NewIterator(options, database_->family(Family::tiles)));
    std::uint64_t found = 0;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next(), ++found) {
      ByteReader key(rows->key().ToStringView());
      const std::uint8_t row = key.u8();
      const std::uint64_t index = key.u64();
      const unsigned height = row == 0 ? 8U : 8U * row;
      if (!key.complete() || row >= kTreeRows || index >= events_ >> height)
        return fail(ErrorCode::corrupt, "something that is no tile is stored among the tiles");
    }
    if (!rows->status().ok()) return fail(error_of(rows->status()));
    if (found == expected) return {};
    return fail(ErrorCode::corrupt, "the log has " + std::to_string(found) +
                                        " tiles and hashes of its tree, not " +
                                        std::to_string(expected));
  }

 private:
  Result<MaybeFile> read_hashes(std::uint8_t level, const TilePlace& place) const {
    FACTUM_TRY(const auto hashes, read_tree_row(*database_, Position(events_), level,
                                                place.index * kTileWidth, place.width));
    SourceFile file;
    file.bytes.reserve(hashes.size() * sizeof(Digest));
    for (const Digest& hash : hashes) file.bytes += view(hash);
    return MaybeFile(std::move(file));
  }

  const std::string folder_;
  const std::string checkpoint_;
  const std::unique_ptr<Database> database_;
  const std::uint64_t events_;
};

}  // namespace

Result<std::unique_ptr<LogSource>> open_folder_source(const std::string& data_directory) {
  const std::string log = data_directory + "/log";
  FACTUM_TRY(const bool is_there, is_folder(log));
  if (!is_there) return fail(ErrorCode::not_found, "there is no log in " + data_directory);
  // Before the log, so that the log has all that it signs.
  FACTUM_TRY(auto checkpoint,
             read_file(data_directory + "/checkpoint", SourceLimits::kSmallBytesMax));
  if (!checkpoint) {
    return fail(ErrorCode::not_found,
                "there is no checkpoint in " + data_directory + "; the log was never signed");
  }
  FACTUM_TRY(auto database, Database::look_at(log));
  FACTUM_TRY(const Position last, database->last_position());
  return std::unique_ptr<LogSource>(std::make_unique<FolderSource>(
      data_directory, std::move(*checkpoint), std::move(database), last.value()));
}

}  // namespace factum
