// The port of backups of the log: making them while it is written, listing them, dropping old ones.
#pragma once

#include "core/base/result.hpp"
#include "core/base/work_watch.hpp"
#include "core/es/field_visitor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// One finished backup: what its manifest says. Sizes are in bytes.
struct LogBackup {
  std::int64_t id = 0;  ///< 1, 2, 3 … within a folder of backups
  Timestamp created;
  Timestamp verified;  ///< when all its files were read again and the root computed from them
  Uuid log_id;
  Position head;           ///< the last event in it
  std::string root;        ///< of the Merkle tree of `head` events, base64
  std::string checkpoint;  ///< the newest signed note when it began; empty = none was signed
  std::int64_t bytes = 0;
  std::int64_t new_bytes = 0;  ///< what it added to the folder; the rest is shared with others
  /// The definition of the installation's own event types, without which their events cannot be
  /// read; absent = it has none.
  std::optional<std::string> event_types;

  static void describe(FieldVisitor& v, LogBackup& b) {
    v.shown("id", b.id, "Number of the backup");
    v.shown("created", b.created, "When it was made");
    v.shown("verified", b.verified, "When it was read again as a whole, and found right");
    v.shown("log_id", b.log_id, "The log it is of");
    v.shown("head", b.head, "The last position in it");
    v.shown("root", b.root, "Root of the Merkle tree up to there, base64");
    v.shown("checkpoint", b.checkpoint, "The newest checkpoint when it began; may be empty",
            at_most(kNoteBytesMax));
    v.shown("bytes", b.bytes, "Size of its files");
    v.shown("new_bytes", b.new_bytes, "What it added to the folder of backups");
    v.shown("event_types", b.event_types, "Definition of own event types",
            at_most(kDefinitionBytesMax));
  }

  static constexpr std::size_t kNoteBytesMax = 8192;
  static constexpr std::size_t kDefinitionBytesMax = std::size_t{2} << 20;
};

/// Thread rule: safe from any thread; of several that change the folder one works and the others
/// are refused with `locked`.
class LogBackups {
 public:
  virtual ~LogBackups() = default;

  /// Makes a backup of everything acknowledged before the call, and verifies it. Appends go on
  /// meanwhile. Errors: locked (another one is being made), unavailable (cancelled; the log is
  /// being opened again), corrupt (the copy is not what was written; it is dropped),
  /// invalid_argument (the folder holds backups of another log), io_error.
  virtual Result<LogBackup> make(const WorkWatch& watch) = 0;
  /// The newest `count_max` finished backups, oldest first. Errors: corrupt, io_error.
  virtual Result<std::vector<LogBackup>> list(std::size_t count_max = SIZE_MAX) const = 0;
  /// Drops all but the newest `count` (at least 1); gives how many went. Errors: locked,
  /// invalid_argument, io_error.
  virtual Result<std::size_t> keep(std::size_t count) = 0;
};

}  // namespace factum
