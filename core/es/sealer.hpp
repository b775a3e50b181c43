// The port that seals personal data under its subject's key, and digests values for look-ups.
#pragma once

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/es/event_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace factum {

/// What kind of data a field holds. Values are in the AAD of every seal: never change them.
/// fact: not about a person. personal: identifies or describes one. sensitive: special categories
/// (GDPR Art. 9, PIPL Art. 28). quasi: harmless alone, identifying in combination.
enum class DataClass : std::uint8_t { fact = 0, personal = 1, sensitive = 2, quasi = 3 };

/// "fact", "personal", "sensitive", "quasi".
std::string_view to_string(DataClass data_class);

/// What a ciphertext is bound to, so that it opens nowhere else.
struct SealContext {
  Uuid event_id;
  std::string_view type;
  std::uint16_t schema = 1;
  std::string_view slot;
  DataClass data_class = DataClass::personal;
};

struct SealedSlot {
  SlotHeader header;
  std::string ciphertext;
};

/// What a destruction of keys did.
struct KeyDestruction {
  std::size_t keys = 0;  ///< destroyed by it; not those that were destroyed before
  Uuid epoch_before;     ///< of the key tree; its key exists nowhere any more
  Uuid epoch_after;
  std::string places;  ///< where the key of the epoch was destroyed: "files in 2 places"
};

/// Thread rule: every method is safe from any thread.
class Sealer {
 public:
  virtual ~Sealer() = default;

  /// A fresh subject id (UUIDv7) whose personal key is already durable, so that the first event
  /// needs no wait.
  virtual Result<Uuid> new_subject() = 0;

  /// Makes keys for these subjects durable, in one synced batch, if they have none yet. Errors:
  /// io_error, erased.
  virtual Status ensure_keys(const std::vector<Uuid>& subjects, DataClass data_class) = 0;

  /// Seals `plaintext` for `subject`; makes the key first if it is missing. Errors: erased (the
  /// subject is fenced), io_error, unavailable.
  virtual Result<SealedSlot> seal(const SealContext& context, const Uuid& subject,
                                  std::string_view plaintext) = 0;

  /// Opens a ciphertext. Errors: erased (the key is gone), corrupt (it does not belong here or was
  /// changed).
  virtual Result<std::string> open(const SealContext& context, const SlotHeader& header,
                                   std::string_view ciphertext) = 0;

  /// From now on nothing is sealed or opened for these subjects: until `reopen_subjects`, or for
  /// good once they are destroyed. Gives the ids of all their keys. O(number of keys).
  virtual std::vector<Uuid> close_subjects(const std::vector<Uuid>& subjects) = 0;
  virtual void reopen_subjects(const std::vector<Uuid>& subjects) = 0;
  /// Destroys every key of these subjects, and makes sure that they never get another. Done again
  /// it does no harm. Errors: io_error, unavailable: some key may exist still.
  virtual Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& subjects) = 0;
  /// Whose keys these are, of those that still exist. O(number of keys).
  virtual std::vector<Uuid> living_subjects(const std::vector<Uuid>& keys) const = 0;
  /// Whose keys are destroyed, but for those with one of `keys`. O(number of keys).
  virtual std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& keys) const = 0;

  /// Keyed digest of a normalised value for one look-up purpose ("customer.email"); different
  /// purposes give unrelated digests. Source: HMAC-SHA-256, RFC 2104.
  virtual Digest digest(std::string_view purpose, std::string_view value) = 0;
};

}  // namespace factum
