// The keys at the top of the key tree: one per epoch, and only the newest is kept.
//
// To destroy the key of an epoch is to make every copy of the key tree of that epoch unreadable,
// wherever it is: nothing else of the keystore has to be found. So these keys are in no backup.
// Source: the key-wrapping tree of Reardon et al., "Secure data deletion from persistent media",
// CCS 2013.
#pragma once

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "eventstore/secret.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// Thread rule: one thread at a time.
class EpochKeys {
 public:
  virtual ~EpochKeys() = default;

  /// Makes the key of a new epoch, durable in every place where it is kept, and wraps `key` under
  /// it. There is at most one other epoch. Errors: io_error, unavailable.
  virtual Result<std::string> begin(const Uuid& epoch, const SecretKey& key) = 0;
  /// Errors: erased (there is no key of that epoch any more), corrupt (not wrapped under it).
  virtual Result<SecretKey> unwrap(const Uuid& epoch, std::string_view wrapped) const = 0;
  /// Destroys the key of every other epoch in every place, and brings `epoch` to places that lack
  /// it; nil = destroys all. Places that can be reached are done even if another fails; done again
  /// it does nothing. Errors: io_error, unavailable: it is not destroyed everywhere.
  virtual Status keep_only(const Uuid& epoch) = 0;
  /// What keeps them, for certificates: "files in 2 places".
  virtual std::string description() const = 0;
};

/// Keeps them in the file `epoch.keys` of each folder, overwritten in place:
///
///   file = 2 slots of 512 bytes, so that no write tears one
///   slot = "FKE1" epoch:16 bytes wrapped-key:40 bytes zeros crc:u32be   ; CRC-32C of the 508
///   before a free slot is all zeros
///
/// wrapped-key is under `root` (AES-256-KWP, RFC 5649). `folders`: the keystore's own, then those
/// of the replicas; each is made when missing. Errors: invalid_argument (`root` does not open
/// them), unavailable (others have rights on a file), corrupt (no place has a slot that reads),
/// io_error.
Result<std::unique_ptr<EpochKeys>> open_epoch_files(const std::vector<std::string>& folders,
                                                    const SecretKey& root);

}  // namespace factum
