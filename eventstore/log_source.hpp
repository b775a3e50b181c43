// The port of what a verifier reads: the files of a log, by the paths of docs/transparency.md.
#pragma once

#include "core/base/result.hpp"
#include "eventstore/signed_note.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace factum {

/// Limits of files, in bytes.
struct SourceLimits {
  static constexpr std::size_t kSmallBytesMax = std::size_t{1} << 16;  ///< notes, small JSON
  static constexpr std::size_t kFileBytesMax = std::size_t{1} << 28;   ///< 256 events
};

struct SourceFile {
  std::string bytes;
  /// A manifest promises another SHA-256. The content may tell more, so it is looked at first.
  bool foreign = false;
};
using MaybeFile = std::optional<SourceFile>;

/// Ciphertexts are most of the bytes of a log, and not asked for without need.
enum class TileParts { without_ciphertexts, with_ciphertexts };

/// The files of up to 256 events; nothing where the source has no such file.
struct TileFiles {
  MaybeFile entries;
  MaybeFile records;
  MaybeFile hashes;
  MaybeFile ciphertexts;
  /// Why the files end before their time, with the position.
  std::optional<Error> broken;
};

/// Errors of every method: corrupt if the log is to blame, with a position if there is one; any
/// other code says that the source cannot be read, which says nothing about the log.
/// Thread rule: `read` and `read_tile` are safe from any thread, the others are not.
class LogSource {
 public:
  virtual ~LogSource() = default;

  virtual std::string name() const = 0;
  /// The bytes of a file, nothing if there is none.
  virtual Result<MaybeFile> read(const std::string& path, std::size_t bytes_max) = 0;
  /// The files of the leaves from 256 × `number` on.
  virtual Result<TileFiles> read_tile(std::uint64_t number, std::size_t width, TileParts parts);
  /// The key that the log says it has.
  virtual Result<std::string> claimed_vkey() = 0;
  /// What else the source says about itself is that of this key and checkpoint.
  virtual Status check_identity(const VerifierKey& key, const Checkpoint& checkpoint) = 0;
  /// How many events there are, if that may be more than the checkpoint signs.
  virtual std::optional<std::uint64_t> events() const { return {}; }
  /// Whether ciphertexts belong to the source; nothing if only reading tells.
  virtual std::optional<bool> has_ciphertexts() const { return {}; }
  /// Whether tiles are stored that are not full.
  virtual bool has_partial_leaves() const { return true; }
  /// The hashes of the log's own proof that one tree is the beginning of another; nothing if it
  /// gives none.
  virtual Result<std::optional<std::vector<Digest>>> consistency(std::uint64_t from,
                                                                 std::uint64_t to);
  /// Whether `consistency` is worth asking.
  virtual bool proves_consistency() const { return false; }
  /// What is left to check when every event was.
  virtual Status finish() { return {}; }

  /// Sentences about what is no fault.
  const std::vector<std::string>& notes() const { return notes_; }

 protected:
  void note(std::string sentence) { notes_.push_back(std::move(sentence)); }

 private:
  std::vector<std::string> notes_;
};

/// Checks that the file `log` speaks of the log of this key. Errors: corrupt.
Status check_log_file(const std::string& json, const VerifierKey& key);
/// The key that the file `log` names. Errors: corrupt.
Result<std::string> vkey_of_log_file(const std::string& json);

}  // namespace factum
