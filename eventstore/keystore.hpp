// The keystore: data keys under a small key tree, in a folder of their own, durable before use.
//
//   KEYS/root.key    64 hexadecimal digits; absent when the root key is given by option
//   KEYS/epoch.keys  the key of the epoch, wrapped under the root: epoch_keys.hpp
//   KEYS/tree.keys   shard keys and the secret of look-up digests: key_tree.hpp
//   KEYS/tree.next   while keys are being destroyed: what tree.keys is next
//   KEYS/slots.keys  data keys wrapped under their shard's key: key_slots.hpp
//
// tree.keys is written last: a folder without it was never in use. To destroy the keys of a person
// is to zero their slots, wrap what remains in their shards under new shard keys, these under the
// key of a new epoch, and destroy the key of the old one: no other copy has to be found.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/es/sealer.hpp"
#include "eventstore/epoch_keys.hpp"
#include "eventstore/folder_lock.hpp"
#include "eventstore/key_slots.hpp"
#include "eventstore/key_tree.hpp"
#include "eventstore/secret.hpp"
#include "eventstore/system_sources.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace factum {

struct KeystoreOptions {
  std::string directory;       ///< made when missing, mode 0700; its parent must exist
  std::string data_directory;  ///< the keystore refuses to lie in or below it
  Uuid seal_id;                ///< the seal id of the log whose values these keys seal
  /// 64 hexadecimal digits; empty = KEYS/root.key, made on first use. With a root key from outside
  /// nothing in the folder opens the keys.
  std::string root_key_hex;
  Clock* clock = nullptr;  ///< time in new ids; must outlive the keystore
  /// Whether keys are made in a folder that has none. False once the log has events: new keys
  /// would open none of them, and what they hold would look erased.
  bool create = true;
  /// Subjects whose keys are made ahead. Larger: more new customers at once without waiting.
  std::size_t subjects_ahead = 256;
  /// Further folders, best on other disks, that keep the key of the epoch; made when missing.
  std::vector<std::string> epoch_replicas;
};

/// A data key, ready to use.
struct DataKey {
  Uuid key_id;
  std::uint16_t generation = 1;
  SecretKey key;
};

/// Thread rule: every method is safe from any thread.
class Keystore {
 public:
  /// Opens or creates the keystore. Errors: invalid_argument (it would lie under the data folder,
  /// bad root key, or not the one that opens it), locked, unavailable (another log's keys, rights
  /// of others on a file), corrupt, io_error.
  static Result<std::unique_ptr<Keystore>> open(const KeystoreOptions& options);
  /// Not open; use `open`.
  explicit Keystore(const KeystoreOptions& options);
  ~Keystore();
  Keystore(const Keystore&) = delete;
  Keystore& operator=(const Keystore&) = delete;

  /// A new subject whose personal key is durable already. Waits only when more subjects are asked
  /// for than are made ahead. Errors: io_error, unavailable.
  Result<Uuid> new_subject();

  /// Makes missing keys durable with one sync, which concurrent callers share.
  /// Errors: erased (a subject's key was destroyed), io_error, unavailable after a failed sync.
  Status ensure(const std::vector<Uuid>& subjects, DataClass data_class);

  /// The key of a subject, made and durable if it was missing. Errors: as `ensure`, corrupt.
  Result<DataKey> key_for(const Uuid& subject, DataClass data_class);

  /// The key of an id. Errors: erased (unknown or destroyed), corrupt (it may lie in a damaged
  /// slot).
  Result<DataKey> key_by_id(const Uuid& key_id) const;

  /// See Sealer.
  std::vector<Uuid> close_subjects(const std::vector<Uuid>& subjects);
  void reopen_subjects(const std::vector<Uuid>& subjects);
  std::vector<Uuid> living_subjects(const std::vector<Uuid>& keys) const;
  std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& keys) const;

  /// Destroys every key of these subjects, and makes sure that they never get another. When it
  /// succeeds, no copy of the keystore made before opens them, unless it holds the key of the
  /// epoch. Takes about 3 µs per key in the touched shards, 1/256 of all keys per subject; keys can
  /// be used meanwhile. Errors: io_error (done again it goes on), unavailable.
  Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& subjects);

  /// The secret from which look-up digests are derived.
  const SecretKey& index_secret() const { return tree_->index_secret; }

  /// Slots that were damaged on disk; their keys are lost.
  std::size_t damaged_slots() const { return damaged_; }

 private:
  struct Owner {
    Uuid subject;
    DataClass data_class = DataClass::personal;
    friend bool operator==(const Owner&, const Owner&) = default;
  };
  struct OwnerHash {
    std::size_t operator()(const Owner& owner) const {
      return std::hash<Uuid>{}(owner.subject) * 4 + static_cast<std::size_t>(owner.data_class);
    }
  };
  using SlotNumbers = std::unordered_set<std::uint32_t>;

  Status open_files(const std::optional<std::string>& tree);
  Status create_tree();
  Result<std::string> renew_first_tree(std::string_view bytes, const SecretKey& root);
  Status load_tree(std::string_view bytes);
  Status load_slots();
  Status finish_destruction(std::string_view next_tree);
  Status write_next_tree(const KeyTree& next);
  Status move_to(const KeyTree& next, const SlotNumbers& shards, const SlotNumbers& destroyed);
  Status switch_tree(const Uuid& epoch);
  Status rewrap_shard(std::uint32_t shard, const SecretKey& key, const SlotNumbers& destroyed);
  SlotNumbers slots_of(const std::vector<Uuid>& subjects) const;
  SlotNumbers take_slots_of(const std::vector<Uuid>& subjects);
  void forget_opened(std::uint32_t number);
  void index_slot(std::uint32_t number, const KeySlot& slot);
  KeySlot make_key(std::uint32_t number, const Owner& owner);
  std::uint32_t take_slot_number();
  Status write_keys(const std::vector<Owner>& owners);
  Status ensure_owners(const std::vector<Owner>& owners);
  Status sync_up_to(std::unique_lock<std::mutex>& lock, std::uint64_t ticket);
  Result<DataKey> open_key(std::unique_lock<std::mutex>& lock, std::uint32_t number) const;
  void keep_ahead_filled();
  void give_back_unused();

  // Constant after open().
  const KeystoreOptions options_;
  std::unique_ptr<FolderLock> folder_lock_;
  std::size_t damaged_ = 0;
  UuidV7Source ids_;

  std::mutex destroying_;  // one destruction at a time; guards epochs_
  std::unique_ptr<EpochKeys> epochs_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::unique_ptr<KeyTree> tree_;  // the index secret is constant
  std::unordered_set<Uuid> closed_;
  std::unique_ptr<KeySlotFile> file_;
  std::vector<KeySlot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<Owner, std::uint32_t, OwnerHash> by_owner_;
  std::unordered_map<Uuid, std::uint32_t> by_key_;
  // Keys unwrapped lately, each at the place of its slot number modulo their count: unwrapping one
  // costs more than opening a short value with it. Never of a destroyed slot.
  mutable SecretPages opened_;
  mutable std::vector<std::uint32_t> opened_slots_;
  std::map<std::uint32_t, std::uint64_t> not_durable_;  // slot → ticket of its write
  std::uint64_t written_ = 0;                           // tickets given to writes
  std::uint64_t synced_ = 0;                            // tickets that are durable
  bool syncing_ = false;
  bool failed_ = false;
  bool closing_ = false;
  std::deque<Uuid> ahead_;
  std::condition_variable synced_changed_;
  std::condition_variable ahead_changed_;
  std::condition_variable ahead_wanted_;

  std::thread filler_;
};

}  // namespace factum
