#include "eventstore/log_source.hpp"

#include "core/es/json_reader.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/merkle_tree.hpp"

namespace factum {
namespace {

// Twice what they have: a file that is a little too long is read, and found wrong.
constexpr std::size_t kEntriesBytesMax = 2 * kTileWidth * (2 + kTreeEntryBytes);
constexpr std::size_t kHashesBytesMax = 2 * kTileWidth * sizeof(Digest);

struct LogFile {
  std::string origin;
  std::string log_id;
  std::string vkey;

  static void describe(FieldVisitor& v, LogFile& f) {
    v.shown("origin", f.origin, "Name of the log in its checkpoints");
    v.shown("log_id", f.log_id, "The identity of the log");
    v.shown("vkey", f.vkey, "The key its checkpoints are signed with");
  }
};

Result<LogFile> read_log_file(const std::string& json) {
  auto file = from_json<LogFile>(json, {.stored = true});
  if (!file) return fail(ErrorCode::corrupt, "the file 'log' is not that of a log");
  return file;
}

}  // namespace

Result<TileFiles> LogSource::read_tile(std::uint64_t number, std::size_t width, TileParts parts) {
  const std::string place = tile_path(number, width);
  TileFiles files;
  FACTUM_TRY(files.entries, read("tile/entries/" + place, kEntriesBytesMax));
  FACTUM_TRY(files.records, read("records/" + place, SourceLimits::kFileBytesMax));
  FACTUM_TRY(files.hashes, read("tile/0/" + place, kHashesBytesMax));
  if (parts == TileParts::with_ciphertexts && has_ciphertexts().value_or(true)) {
    FACTUM_TRY(files.ciphertexts, read("ciphertexts/" + place, SourceLimits::kFileBytesMax));
  }
  return files;
}

Result<std::optional<std::vector<Digest>>> LogSource::consistency(std::uint64_t /*from*/,
                                                                  std::uint64_t /*to*/) {
  return std::optional<std::vector<Digest>>();
}

Status check_log_file(const std::string& json, const VerifierKey& key) {
  FACTUM_TRY(const LogFile file, read_log_file(json));
  const bool own_name = key.name.starts_with(kOriginPrefix);
  const bool same = file.origin == key.name && file.vkey == key.to_string() &&
                    (!own_name || kOriginPrefix + file.log_id == key.name);
  if (same) return {};
  return fail(ErrorCode::corrupt, "the file 'log' is not that of the key and the checkpoint");
}

Result<std::string> vkey_of_log_file(const std::string& json) {
  FACTUM_TRY(const LogFile file, read_log_file(json));
  return file.vkey;
}

}  // namespace factum
