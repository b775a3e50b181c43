// Destroying keys: the part of the keystore that moves the key tree to another epoch.
//
//   1  the key of the next epoch is made, in every place
//   2  tree.next is written: new shard keys for the shards that lose keys
//   3  the slots of these shards are wrapped anew in place, those to be destroyed are zeroed
//   4  tree.next becomes tree.keys
//   5  the key of the old epoch is destroyed, in every place
//
// A crash before 2 leaves things as they were; after 2 the next start goes on, and the slots say by
// themselves under which of the two shard keys they are. So until 4 is done both epochs are needed:
// whatever fails between makes the keystore refuse everything but reading until that start.
#include "eventstore/file.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/keystore.hpp"
#include "eventstore/keystore_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace factum {
namespace {

constexpr std::array<DataClass, 3> kClasses{DataClass::personal, DataClass::sensitive,
                                            DataClass::quasi};

}  // namespace

std::vector<Uuid> Keystore::close_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard lock(mutex_);
  closed_.insert(subjects.begin(), subjects.end());
  std::vector<Uuid> keys;
  for (const std::uint32_t number : slots_of(subjects)) {
    forget_opened(number);
    keys.push_back(slots_[number].key_id);
  }
  return keys;
}

void Keystore::reopen_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard lock(mutex_);
  for (const Uuid& subject : subjects) closed_.erase(subject);
}

std::vector<Uuid> Keystore::living_subjects(const std::vector<Uuid>& keys) const {
  const std::lock_guard lock(mutex_);
  std::vector<Uuid> living;
  for (const Uuid& key : keys) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end() && slots_[found->second].state == KeySlotState::in_use)
      living.push_back(slots_[found->second].subject);
  }
  std::sort(living.begin(), living.end());
  living.erase(std::unique(living.begin(), living.end()), living.end());
  return living;
}

std::vector<Uuid> Keystore::destroyed_subjects(const std::vector<Uuid>& keys) const {
  const std::lock_guard lock(mutex_);
  std::unordered_set<Uuid> known;
  for (const Uuid& key : keys) {
    if (const auto found = by_key_.find(key); found != by_key_.end())
      known.insert(slots_[found->second].subject);
  }
  std::unordered_set<Uuid> destroyed;
  for (const KeySlot& slot : slots_) {
    if (slot.state == KeySlotState::destroyed && !known.contains(slot.subject))
      destroyed.insert(slot.subject);
  }
  return {destroyed.begin(), destroyed.end()};
}

void Keystore::forget_opened(std::uint32_t number) {
  const std::uint32_t place = number % static_cast<std::uint32_t>(opened_slots_.size());
  if (opened_slots_[place] != number) return;
  opened_[place] = SecretKey();
  opened_slots_[place] = kNoKeySlot;
}

// Of every key of these subjects, destroyed ones too.
Keystore::SlotNumbers Keystore::slots_of(const std::vector<Uuid>& subjects) const {
  const std::unordered_set<Uuid> wanted(subjects.begin(), subjects.end());
  SlotNumbers numbers;
  for (std::uint32_t number = 0; number < slots_.size(); ++number) {
    if (slots_[number].state != KeySlotState::free && wanted.contains(slots_[number].subject))
      numbers.insert(number);
  }
  return numbers;
}

// The slots of every key of these subjects. For each class without one a slot is taken, in memory,
// that is destroyed from the beginning: nothing can be sealed for the subject again.
Keystore::SlotNumbers Keystore::take_slots_of(const std::vector<Uuid>& subjects) {
  SlotNumbers numbers = slots_of(subjects);
  for (const Uuid& subject : subjects) {
    for (const DataClass data_class : kClasses) {
      if (by_owner_.contains({subject, data_class})) continue;
      const std::uint32_t number = take_slot_number();
      KeySlot slot;
      slot.state = KeySlotState::destroyed;
      slot.data_class = data_class;
      slot.key_id = ids_.next();
      slot.subject = subject;
      index_slot(number, slot);
      numbers.insert(number);
    }
  }
  return numbers;
}

Result<KeyDestruction> Keystore::destroy_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard one(destroying_);
  close_subjects(subjects);
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return keystore_failed();
  }
  // What an earlier destruction could not reach.
  FACTUM_CHECK(epochs_->keep_only(tree_->epoch));
  KeyDestruction done{0, tree_->epoch, ids_.next(), epochs_->description()};
  auto next = std::make_unique<KeyTree>();
  SlotNumbers numbers;
  std::unordered_set<std::uint32_t> shards;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return keystore_failed();
    numbers = take_slots_of(subjects);
    next->seal_id = tree_->seal_id;
    next->epoch = done.epoch_after;
    next->index_secret = tree_->index_secret;
    for (const std::uint32_t number : numbers) {
      shards.insert(number % kKeyShards);
      if (slots_[number].state == KeySlotState::in_use) ++done.keys;
    }
    for (std::uint32_t shard = 0; shard < kKeyShards; ++shard)
      next->shard_keys[shard] =
          shards.contains(shard) ? SecretKey::random() : tree_->shard_keys[shard];
  }
  FACTUM_CHECK(write_next_tree(*next));
  if (Status moved = move_to(*next, shards, numbers); !moved) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    return fail(std::move(moved).error());
  }
  FACTUM_CHECK(epochs_->keep_only(tree_->epoch));
  reopen_subjects(subjects);  // their slots say it now
  return done;
}

Status Keystore::move_to(const KeyTree& next, const SlotNumbers& shards,
                         const SlotNumbers& destroyed) {
  for (const std::uint32_t shard : shards)
    FACTUM_CHECK(rewrap_shard(shard, next.shard_keys[shard], destroyed));
  return switch_tree(next.epoch);
}

Status Keystore::write_next_tree(const KeyTree& next) {
  auto bytes = encode_key_tree(next, *epochs_);
  Status written = bytes ? write_private_file(key_path(options_, kNextKeyTree), *bytes)
                         : Status(fail(bytes.error()));
  if (written) return {};
  // Whether it is there is not known: with its epoch gone it would be in the way of the next start.
  const bool is_gone = std::remove(key_path(options_, kNextKeyTree).c_str()) == 0 ||
                       !file_exists(key_path(options_, kNextKeyTree)).value_or(true);
  if (is_gone && sync_folder(options_.directory) && epochs_->keep_only(tree_->epoch))
    return written;
  const std::lock_guard lock(mutex_);
  failed_ = true;
  return written;
}

// Wraps the keys of a shard under its new key and zeroes the destroyed ones.
Status Keystore::rewrap_shard(std::uint32_t shard, const SecretKey& key,
                              const SlotNumbers& destroyed) {
  const std::lock_guard lock(mutex_);
  if (failed_) return keystore_failed();
  const SecretKey old = tree_->shard_keys[shard];
  std::vector<std::pair<std::uint32_t, KeySlot>> changed;
  for (auto number = shard; number < slots_.size(); number += kKeyShards) {
    KeySlot slot = slots_[number];
    if (destroyed.contains(number)) {
      slot.state = KeySlotState::destroyed;
      slot.wrapped_key = {};
      forget_opened(number);
    } else if (slot.state == KeySlotState::in_use) {
      // After a crash some are under the new key already. What opens under neither is damaged, and
      // stays as it is.
      const auto data_key = unwrap_key(old, slot.wrapped());
      if (!data_key) continue;
      slot.set_wrapped(wrap_key(key, *data_key));
    } else {
      continue;
    }
    changed.emplace_back(number, slot);
  }
  FACTUM_CHECK(file_->write(changed));
  for (const auto& [number, slot] : changed) slots_[number] = slot;
  tree_->shard_keys[shard] = key;
  return {};
}

Status Keystore::switch_tree(const Uuid& epoch) {
  FACTUM_CHECK(file_->sync());
  if (std::rename(key_path(options_, kNextKeyTree).c_str(), key_path(options_, kKeyTree).c_str()) !=
      0)
    return fail(ErrorCode::io_error, "cannot replace " + key_path(options_, kKeyTree));
  FACTUM_CHECK(sync_folder(options_.directory));
  tree_->epoch = epoch;
  return {};
}

// Goes on where a crash stopped a destruction. Slots that were not zeroed yet keep their key:
// whoever wanted them destroyed asks again.
Status Keystore::finish_destruction(std::string_view next_tree) {
  const auto decoded = decode_key_tree(next_tree, *epochs_);
  if (!decoded) {
    return fail(ErrorCode::corrupt, "the keystore was moving to another epoch, and its tree.next " +
                                        ("does not open: " + decoded.error().message) +
                                        "; bring back an epoch.keys that has both epochs");
  }
  const auto& next = *decoded;
  if (next->seal_id != tree_->seal_id)
    return fail(ErrorCode::corrupt, "the keystore's tree.next belongs to another log");
  SlotNumbers shards;
  for (std::uint32_t shard = 0; shard < kKeyShards; ++shard) {
    if (next->shard_keys[shard].view() != tree_->shard_keys[shard].view()) shards.insert(shard);
  }
  FACTUM_CHECK(move_to(*next, shards, {}));
  return epochs_->keep_only(tree_->epoch);
}

}  // namespace factum
