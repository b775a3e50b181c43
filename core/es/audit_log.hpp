// The port of what auditors read: signed checkpoints, tiles, records and proofs.
// docs/transparency.md says what the bytes mean.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Who signs the log.
struct AuditIdentity {
  std::string origin;
  Uuid log_id;
  std::string vkey;  ///< the public key, as signed notes write it
};

/// What is published per 256 events.
enum class AuditBundle : std::uint8_t { entries, records, ciphertexts };

/// Thread rule: every method is safe from any thread.
class AuditLog {
 public:
  virtual ~AuditLog() = default;

  /// Errors: unavailable (there is no signing key, and why).
  virtual Result<AuditIdentity> identity() const = 0;

  /// How one signing key named the next, as docs/transparency.md writes it. Errors: not_found (none
  /// was ever handed over), unavailable.
  virtual Result<std::string> handovers() const = 0;

  /// The newest signed checkpoint. Errors: unavailable (none is signed, and why).
  virtual Result<std::string> checkpoint() const = 0;

  /// A tile of hashes; `path` as tlog-tiles writes its index. Errors: not_found (no such path, or
  /// the newest checkpoint does not reach so far), corrupt, io_error.
  virtual Result<std::string> tile(std::uint8_t level, std::string_view path) const = 0;

  /// Gives the entries, records or ciphertexts of a tile of leaves piece by piece; nothing = end.
  /// It must not outlive the log. Errors: as tile, those of reading with the piece.
  using Pieces = std::function<Result<std::optional<std::string>>()>;
  virtual Result<Pieces> bundle(AuditBundle kind, std::string_view path) const = 0;

  /// Everything up to the newest checkpoint as a ZIP file, piece by piece, with these schemas of
  /// events. It must not outlive the log. Errors: unavailable, those of reading with the piece.
  virtual Result<Pieces> archive(std::string event_schemas) const = 0;

  /// A tlog-proof of one event in the newest checkpoint. Errors: not_found beyond it.
  virtual Result<std::string> proof(Position position) const = 0;

  /// The hashes that show the tree of `from` events to be the beginning of that of `to`, in base64.
  /// Errors: not_found unless 0 < from <= to <= the newest checkpoint.
  virtual Result<std::vector<std::string>> consistency(std::uint64_t from,
                                                       std::uint64_t to) const = 0;
};

}  // namespace factum
