// Makes an offline bundle from a log, file after file: what docs/transparency.md describes.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/log_source.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Where a bundle has the schemas of event types.
inline const std::string kSchemaPath = "schemas/events.json";

struct BundleContent {
  std::string vkey;  ///< of the log
  /// Files that belong to no event, by path, e.g. schemas.
  std::map<std::string, std::string> more;
  bool ciphertexts = false;
  /// Gives the bytes of a file of events that may be there already. Those of a full tile are not
  /// made again if they are whole and those of the log. May be empty.
  std::function<Result<std::optional<std::string>>(const std::string& path)> kept;
};

struct BundleFile {
  std::string path;
  std::string bytes;
};

/// Reads the checkpoint first and everything up to its size then, so a log may grow meanwhile.
/// Memory: the files of one tile, and the manifest, about 300 bytes for each tile so far (128 MiB
/// at most). Not thread-safe.
class BundleWriter {
 public:
  /// `source` outlives it.
  BundleWriter(LogSource& source, BundleContent content)
      : source_(source), content_(std::move(content)) {}

  /// The next file, manifest.json last; then nothing. Errors: those of the source; corrupt when
  /// the log has not what its checkpoint signs, or a kept tile has other events than the log;
  /// limit_exceeded, with the first file, when the manifest would get too long.
  Result<std::optional<BundleFile>> next();

  /// Of the checkpoint, known from the first file on.
  std::uint64_t events_total() const { return size_; }
  std::uint64_t events_done() const;

 private:
  enum class Part { head, leaves, rows, manifest, end };
  Status make_more();
  Status make_head();
  Status make_tile();
  Status make_rows();
  void make_manifest();
  void add(std::string path, std::string bytes);
  Status check_length() const;
  std::vector<std::string> folders() const;
  Result<bool> keep_tile(std::uint64_t number);
  Result<Digest> root_of_tile(std::uint64_t number);
  void list(const std::string& path, std::string_view bytes);

  LogSource& source_;
  BundleContent content_;
  Part part_ = Part::head;
  std::uint64_t size_ = 0;
  std::uint64_t tile_ = 0;  // the next one
  std::string origin_;
  std::string manifest_files_;
  std::uint64_t root_tile_ = 0;  // the tile of hashes of full tiles that was read last …
  std::string roots_;            // … and what is in it; empty = none
  std::deque<BundleFile> ready_;
};

}  // namespace factum
