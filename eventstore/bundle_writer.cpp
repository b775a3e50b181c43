#include "eventstore/bundle_writer.hpp"

#include "core/base/hex.hpp"
#include "core/es/json_writer.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/manifest.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/tile_check.hpp"

#include <algorithm>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kHashesBytesMax = kTileWidth * sizeof(Digest);
// A line of the manifest besides the path: the hash in hex, quotes, colon, comma, line break.
constexpr std::size_t kListedBytes = 2 * sizeof(Digest) + 7;
// For all files that are not those of a tile of leaves: 1 in 256 of those, and schemas.
constexpr std::size_t kOtherManifestBytes = std::size_t{1} << 19;

std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

// The last tile of leaves need not be stored.
std::string leaf_hashes(const std::string& entries) {
  std::string hashes;
  for (ByteReader reader(entries); reader.ok() && !reader.unread().empty();)
    hashes += view(leaf_hash(reader.text16()));
  return hashes;
}

tl::unexpected<Error> missing(const std::string& path, std::uint64_t position) {
  return fail(Error{ErrorCode::corrupt, "the log has no " + path, {}, {}, position});
}

}  // namespace

Result<std::optional<BundleFile>> BundleWriter::next() {
  while (ready_.empty() && part_ != Part::end) FACTUM_CHECK(make_more());
  if (ready_.empty()) return std::optional<BundleFile>();
  std::optional<BundleFile> file(std::move(ready_.front()));
  ready_.pop_front();
  return file;
}

std::uint64_t BundleWriter::events_done() const { return std::min(size_, tile_ * kTileWidth); }

Status BundleWriter::make_more() {
  switch (part_) {
    case Part::head: part_ = Part::leaves; return make_head();
    case Part::leaves:
      if (tile_ * kTileWidth < size_) return make_tile();
      part_ = Part::rows;
      return make_rows();
    case Part::rows: part_ = Part::manifest; return {};
    case Part::manifest:
      part_ = Part::end;
      make_manifest();
      return {};
    case Part::end: return {};
  }
  return {};
}

Status BundleWriter::make_head() {
  FACTUM_TRY(MaybeFile note, source_.read("checkpoint", SourceLimits::kSmallBytesMax));
  if (!note) return missing("checkpoint", 0);
  FACTUM_TRY(const VerifierKey key, VerifierKey::parse(content_.vkey));
  FACTUM_TRY(const Checkpoint checkpoint, open_checkpoint(note->bytes, key));
  size_ = checkpoint.size;
  FACTUM_CHECK(check_length());
  origin_ = checkpoint.origin;
  add("checkpoint", std::move(note->bytes));
  const std::string log_id =
      origin_.starts_with(kOriginPrefix) ? origin_.substr(kOriginPrefix.size()) : origin_;
  add("log", "{\"origin\":" + quoted(origin_) + ",\"log_id\":" + quoted(log_id) +
                 ",\"vkey\":" + quoted(content_.vkey) + "}\n");
  for (auto& [path, bytes] : content_.more) add(path, std::move(bytes));
  content_.more.clear();
  return {};
}

Status BundleWriter::make_tile() {
  const std::uint64_t number = tile_++;
  const auto width =
      static_cast<std::size_t>(std::min<std::uint64_t>(kTileWidth, size_ - number * kTileWidth));
  const std::string place = tile_path(number, width);
  FACTUM_TRY(const bool kept, keep_tile(number));
  if (kept) return {};
  FACTUM_TRY(TileFiles files,
             source_.read_tile(number, width,
                               content_.ciphertexts ? TileParts::with_ciphertexts
                                                    : TileParts::without_ciphertexts));
  if (files.broken) return fail(*files.broken);
  const std::uint64_t first = number * kTileWidth + 1;
  if (!files.entries) return missing("tile/entries/" + place, first);
  if (!files.records) return missing("records/" + place, first);
  add("tile/0/" + place, files.hashes ? files.hashes->bytes : leaf_hashes(files.entries->bytes));
  add("tile/entries/" + place, std::move(files.entries->bytes));
  add("records/" + place, std::move(files.records->bytes));
  if (content_.ciphertexts && !files.ciphertexts) return missing("ciphertexts/" + place, first);
  if (content_.ciphertexts) add("ciphertexts/" + place, std::move(files.ciphertexts->bytes));
  return {};
}

Status BundleWriter::make_rows() {
  std::uint64_t in_row = size_ / kTileWidth;
  for (unsigned level = 1; in_row > 0; ++level, in_row /= kTileWidth) {
    for (std::uint64_t number = 0; number * kTileWidth < in_row; ++number) {
      const auto width = static_cast<std::size_t>(
          std::min<std::uint64_t>(kTileWidth, in_row - number * kTileWidth));
      const std::string path = "tile/" + std::to_string(level) + "/" + tile_path(number, width);
      FACTUM_TRY(MaybeFile file, source_.read(path, kHashesBytesMax));
      if (!file) return missing(path, 0);
      add(path, std::move(file->bytes));
    }
  }
  return {};
}

void BundleWriter::make_manifest() {
  std::string json = "{\"format\":" + quoted(kBundleFormat) + ",\"origin\":" + quoted(origin_) +
                     ",\"vkey\":" + quoted(content_.vkey) + ",\"size\":" + std::to_string(size_) +
                     ",\n\"files\":{" + std::exchange(manifest_files_, {}) + "}}\n";
  ready_.push_back({kManifestPath, std::move(json)});
}

void BundleWriter::add(std::string path, std::string bytes) {
  list(path, bytes);
  ready_.push_back({std::move(path), std::move(bytes)});
}

std::vector<std::string> BundleWriter::folders() const {
  std::vector<std::string> folders{"tile/0/", "tile/entries/", "records/"};
  if (content_.ciphertexts) folders.emplace_back("ciphertexts/");
  return folders;
}

// What stands in a folder may have been cut by a crash or changed since, or be that of another log:
// its own hashes and the log's tree tell. What is no whole tile is made anew; a whole one with
// other events is evidence, and never replaced.
Result<bool> BundleWriter::keep_tile(std::uint64_t number) {
  if (!content_.kept || (number + 1) * kTileWidth > size_) return false;
  const std::string place = tile_path(number, kTileWidth);
  TileFiles files;
  MaybeFile* const parts[] = {&files.hashes, &files.entries, &files.records, &files.ciphertexts};
  const auto folders = this->folders();
  for (std::size_t i = 0; i < folders.size(); ++i) {
    FACTUM_TRY(auto bytes, content_.kept(folders[i] + place));
    if (!bytes) return false;
    *parts[i] = {std::move(*bytes), false};
  }
  const TileVerdict verdict = check_tile_files({number, kTileWidth, false}, files);
  if (verdict.fault) return false;
  FACTUM_TRY(const Digest root, root_of_tile(number));
  if (*verdict.root != root) {
    return fail(Error{ErrorCode::corrupt,
                      "the events in the folder are not those of the log: one of them was changed",
                      {},
                      {},
                      number * kTileWidth + 1});
  }
  for (std::size_t i = 0; i < folders.size(); ++i) list(folders[i] + place, (*parts[i])->bytes);
  return true;
}

// The hash of a full tile, from the tree of the log.
Result<Digest> BundleWriter::root_of_tile(std::uint64_t number) {
  const std::uint64_t above = number / kTileWidth;
  if (roots_.empty() || root_tile_ != above) {
    const auto width = static_cast<std::size_t>(
        std::min<std::uint64_t>(kTileWidth, size_ / kTileWidth - above * kTileWidth));
    const std::string path = "tile/1/" + tile_path(above, width);
    FACTUM_TRY(MaybeFile file, source_.read(path, kHashesBytesMax));
    if (!file || file->bytes.size() != width * sizeof(Digest))
      return missing(path, number * kTileWidth + 1);
    roots_ = std::move(file->bytes);
    root_tile_ = above;
  }
  return to_digest(
      std::string_view(roots_).substr(number % kTileWidth * sizeof(Digest), sizeof(Digest)));
}

// Before hours of work, not behind them. O(tiles), and a log may say that it has any number.
Status BundleWriter::check_length() const {
  const std::uint64_t tiles = size_ / kTileWidth + (size_ % kTileWidth == 0 ? 0 : 1);
  const auto folders = this->folders();
  std::size_t bytes = 0;
  for (std::uint64_t number = 0; number < tiles && bytes <= kManifestBytesMax; ++number) {
    const std::size_t place = tile_path(number, kTileWidth).size();
    for (const std::string& folder : folders) bytes += folder.size() + place + kListedBytes;
  }
  if (bytes + kOtherManifestBytes <= kManifestBytesMax) return {};
  return fail(ErrorCode::limit_exceeded,
              "the log is too long for a bundle, whose manifest has 128 MiB at most; verify it by "
              "its address or its folder");
}

void BundleWriter::list(const std::string& path, std::string_view bytes) {
  manifest_files_ += (manifest_files_.empty() ? "\n" : ",\n") + quoted(path) + ":\"" +
                     to_hex(sha256(bytes)) + "\"";
}

}  // namespace factum
