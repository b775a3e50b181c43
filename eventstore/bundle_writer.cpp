#include "eventstore/bundle_writer.hpp"

#include "core/es/json_writer.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/manifest.hpp"
#include "eventstore/merkle_tree.hpp"

#include <algorithm>
#include <utility>

namespace factum {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kHashesBytesMax = kTileWidth * sizeof(Digest);

std::string in_hex(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

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
  std::vector<std::string> folders{"tile/entries/", "records/", "tile/0/"};
  if (content_.ciphertexts) folders.emplace_back("ciphertexts/");
  FACTUM_TRY(const bool kept, keep_all(folders, place));
  if (kept) return {};
  FACTUM_TRY(TileFiles files, source_.read_tile(number, width));
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
  ready_.push_back({"manifest.json", std::move(json)});
}

void BundleWriter::add(std::string path, std::string bytes) {
  list(path, bytes);
  ready_.push_back({std::move(path), std::move(bytes)});
}

Result<bool> BundleWriter::keep_all(const std::vector<std::string>& folders,
                                    const std::string& place) {
  if (!content_.kept) return false;
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    FACTUM_TRY(auto bytes, content_.kept(folder + place));
    if (!bytes) return false;
    files.push_back(std::move(*bytes));
  }
  for (std::size_t i = 0; i < files.size(); ++i) list(folders[i] + place, files[i]);
  return true;
}

void BundleWriter::list(const std::string& path, std::string_view bytes) {
  manifest_files_ += (manifest_files_.empty() ? "\n" : ",\n") + quoted(path) + ":\"" +
                     in_hex(sha256(bytes)) + "\"";
}

}  // namespace factum
