#include "eventstore/keystore.hpp"

#include "eventstore/file.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/keystore_parts.hpp"
#include "eventstore/root_key.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSlotsPerStep = 1024;
constexpr std::uint32_t kOpenedKeys = 4096;
constexpr const char* kFirstIndexKey = "index.key";

// Keys beside the data would be copied with it, and a copy cannot be erased.
Status check_place(const std::string& directory, const std::string& data_directory) {
  if (directory.empty()) return fail(ErrorCode::invalid_argument, "the keystore needs a folder");
  if (data_directory.empty()) return {};
  std::error_code failed;
  const fs::path keys = fs::weakly_canonical(directory, failed);
  const fs::path data = fs::weakly_canonical(data_directory, failed);
  if (failed) return fail(ErrorCode::io_error, "cannot resolve the keystore's folder");
  const auto [data_end, keys_at] =
      std::mismatch(data.begin(), data.end(), keys.begin(), keys.end());
  if (data_end == data.end()) {
    return fail(ErrorCode::invalid_argument,
                "the keystore " + keys.string() + " lies in the data folder " + data.string() +
                    ", whose backups must not hold keys; choose another folder");
  }
  return {};
}

tl::unexpected<Error> wrong_root(const KeystoreOptions& options) {
  return fail(ErrorCode::invalid_argument,
              "the root key does not open the keys in " + options.directory +
                  "; give the one they were made with, as FACTUM_ROOT_KEY or in root.key there");
}

tl::unexpected<Error> subject_erased() {
  return fail(ErrorCode::erased, "the subject was erased; nothing is sealed for it any more");
}

tl::unexpected<Error> no_epoch_key(const KeystoreOptions& options) {
  return fail(ErrorCode::unavailable,
              "the key of the epoch of the keys in " + options.directory +
                  " is in no epoch.keys: either that file is lost, then bring it back, or these "
                  "are old keys, and what was erased since destroyed it; use newer ones");
}

}  // namespace

Keystore::Keystore(const KeystoreOptions& options)
    : options_(options),
      ids_(*options.clock),
      opened_(kOpenedKeys),
      opened_slots_(kOpenedKeys, kNoKeySlot) {}

Result<std::unique_ptr<Keystore>> Keystore::open(const KeystoreOptions& options) {
  if (options.clock == nullptr)
    return fail(ErrorCode::invalid_argument, "the keystore needs a clock");
  FACTUM_CHECK(check_place(options.directory, options.data_directory));
  for (const std::string& replica : options.epoch_replicas)
    FACTUM_CHECK(check_place(replica, options.data_directory));
  FACTUM_CHECK(make_private_folder(options.directory));
  auto store = std::make_unique<Keystore>(options);
  FACTUM_TRY(store->folder_lock_, FolderLock::acquire(options.directory));
  FACTUM_TRY(const auto tree, read_private_file(key_path(options, kKeyTree)));
  if (!tree && !options.create)
    return fail(ErrorCode::unavailable, "the keys of this log are not in " + options.directory +
                                            "; name their folder with --keys, or bring it back");
  FACTUM_CHECK(store->open_files(tree));
  store->filler_ = std::thread([raw = store.get()] { raw->keep_ahead_filled(); });
  return store;
}

Keystore::~Keystore() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ahead_wanted_.notify_all();
  ahead_changed_.notify_all();
  if (!filler_.joinable()) return;
  filler_.join();
  give_back_unused();
}

Status Keystore::open_files(const std::optional<std::string>& tree) {
  FACTUM_TRY(const bool has_root, file_exists(key_path(options_, "root.key")));
  const bool makes_root = !tree && !has_root && options_.root_key_hex.empty();
  FACTUM_TRY(file_, KeySlotFile::open(key_path(options_, "slots.keys"), !tree));
  FACTUM_CHECK(load_slots());
  if (!tree && !by_key_.empty())
    return fail(ErrorCode::corrupt, "the keystore has keys but its tree.keys is missing");
  FACTUM_TRY(const SecretKey root, makes_root
                                       ? make_root_key(options_.directory)
                                       : read_root_key(options_.directory, options_.root_key_hex));
  std::vector<std::string> places{options_.directory};
  places.insert(places.end(), options_.epoch_replicas.begin(), options_.epoch_replicas.end());
  auto epochs = open_epoch_files(places, root);
  if (!epochs && epochs.error().code == ErrorCode::invalid_argument) return wrong_root(options_);
  if (!epochs) return fail(std::move(epochs).error());
  epochs_ = std::move(*epochs);
  if (!tree) return create_tree();
  if (!is_first_key_tree(*tree)) return load_tree(*tree);
  FACTUM_TRY(const std::string renewed, renew_first_tree(*tree, root));
  return load_tree(renewed);
}

Status Keystore::create_tree() {
  FACTUM_CHECK(epochs_->keep_only(Uuid()));  // of a first start that was cut off
  tree_ = std::make_unique<KeyTree>();
  tree_->seal_id = options_.seal_id;
  tree_->epoch = ids_.next();
  tree_->index_secret = SecretKey::random();
  for (std::size_t shard = 0; shard < kKeyShards; ++shard)
    tree_->shard_keys[shard] = SecretKey::random();
  FACTUM_TRY(const std::string bytes, encode_key_tree(*tree_, *epochs_));
  return write_private_file(key_path(options_, kKeyTree), bytes);
}

// Moves a tree of the first format to the first epoch. A crash leaves the old one.
Result<std::string> Keystore::renew_first_tree(std::string_view bytes, const SecretKey& root) {
  FACTUM_TRY(const auto index_key, read_private_file(key_path(options_, kFirstIndexKey)));
  if (!index_key) return fail(ErrorCode::corrupt, "the keystore's index.key is missing");
  auto tree = decode_first_key_tree(bytes, *index_key, root);
  if (!tree && tree.error().code == ErrorCode::invalid_argument) return wrong_root(options_);
  if (!tree) return fail(std::move(tree).error());
  FACTUM_CHECK(epochs_->keep_only(Uuid()));
  (*tree)->epoch = ids_.next();
  FACTUM_TRY(std::string renewed, encode_key_tree(**tree, *epochs_));
  FACTUM_CHECK(write_private_file(key_path(options_, kKeyTree), renewed));
  return renewed;
}

Status Keystore::load_tree(std::string_view bytes) {
  FACTUM_TRY(const KeyTreeHead head, read_key_tree_head(bytes));
  if (head.seal_id != options_.seal_id) {
    return fail(ErrorCode::unavailable, "the keystore " + options_.directory +
                                            " belongs to another log; give the one of this log");
  }
  auto tree = decode_key_tree(bytes, *epochs_);
  if (!tree && tree.error().code == ErrorCode::erased) return no_epoch_key(options_);
  if (!tree) return fail(std::move(tree).error());
  tree_ = std::move(*tree);
  std::error_code ignored;  // of the first format, if a crash left it
  fs::remove(key_path(options_, kFirstIndexKey), ignored);
  FACTUM_TRY(const auto next, read_private_file(key_path(options_, kNextKeyTree)));
  return next ? finish_destruction(*next) : epochs_->keep_only(tree_->epoch);
}

// A slot that does not read and has good ones behind it is damage. At the end of the file it is a
// write that a crash cut off before its key was used; its place is taken again.
Status Keystore::load_slots() {
  FACTUM_TRY(const std::string bytes, file_->read_all());
  const auto count = static_cast<std::uint32_t>(bytes.size() / kKeySlotBytes);
  slots_.assign(count, KeySlot{});
  by_owner_.reserve(count);
  by_key_.reserve(count);
  bool good_behind = false;
  for (std::uint32_t i = count; i > 0; --i) {
    const std::uint32_t number = i - 1;
    const auto slot = decode_key_slot(
        std::string_view(bytes).substr(std::size_t{number} * kKeySlotBytes, kKeySlotBytes));
    if (slot && slot->state != KeySlotState::free) {
      good_behind = true;
      index_slot(number, *slot);
    } else if (slot || !good_behind) {
      free_.push_back(number);
    } else {
      ++damaged_;
    }
  }
  return {};
}

void Keystore::index_slot(std::uint32_t number, const KeySlot& slot) {
  slots_[number] = slot;
  by_key_[slot.key_id] = number;
  const auto [found, added] = by_owner_.try_emplace(Owner{slot.subject, slot.data_class}, number);
  if (!added && slots_[found->second].generation < slot.generation) found->second = number;
}

KeySlot Keystore::make_key(std::uint32_t number, const Owner& owner) {
  KeySlot slot;
  slot.state = KeySlotState::in_use;
  slot.data_class = owner.data_class;
  slot.key_id = ids_.next();
  slot.subject = owner.subject;
  slot.set_wrapped(wrap_key(tree_->shard_keys[number % kKeyShards], SecretKey::random()));
  return slot;
}

std::uint32_t Keystore::take_slot_number() {
  if (free_.empty()) {
    const auto begin = static_cast<std::uint32_t>(slots_.size());
    slots_.resize(slots_.size() + kSlotsPerStep);
    for (std::uint32_t i = kSlotsPerStep; i > 0; --i) free_.push_back(begin + i - 1);
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

// Writes one new key per owner, none of whom has one. mutex_ is held.
Status Keystore::write_keys(const std::vector<Owner>& owners) {
  std::vector<std::pair<std::uint32_t, KeySlot>> fresh;
  fresh.reserve(owners.size());
  for (const Owner& owner : owners) {
    const std::uint32_t number = take_slot_number();
    fresh.emplace_back(number, make_key(number, owner));
  }
  std::sort(fresh.begin(), fresh.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  if (Status written = file_->write(fresh); !written) {
    failed_ = true;
    return written;
  }
  ++written_;
  for (const auto& [number, slot] : fresh) {
    index_slot(number, slot);
    not_durable_[number] = written_;
  }
  return {};
}

// Waits until the write with this ticket is durable. One caller syncs for all who wait.
Status Keystore::sync_up_to(std::unique_lock<std::mutex>& lock, std::uint64_t ticket) {
  while (synced_ < ticket) {
    if (failed_) return keystore_failed();
    if (syncing_) {
      synced_changed_.wait(lock);
      continue;
    }
    syncing_ = true;
    const std::uint64_t covered = written_;
    lock.unlock();
    Status synced = file_->sync();
    lock.lock();
    syncing_ = false;
    failed_ = failed_ || !synced;
    if (synced) {
      synced_ = covered;
      std::erase_if(not_durable_, [&](const auto& entry) { return entry.second <= covered; });
    }
    synced_changed_.notify_all();
    ahead_changed_.notify_all();
    if (!synced) return synced;
  }
  return {};
}

Status Keystore::ensure_owners(const std::vector<Owner>& owners) {
  std::unique_lock lock(mutex_);
  std::vector<Owner> missing;
  std::unordered_set<Owner, OwnerHash> seen;
  std::uint64_t ticket = 0;
  for (const Owner& owner : owners) {
    const auto found = by_owner_.find(owner);
    if (found == by_owner_.end() && closed_.contains(owner.subject)) return subject_erased();
    if (found == by_owner_.end()) {
      if (seen.insert(owner).second) missing.push_back(owner);
      continue;
    }
    if (slots_[found->second].state == KeySlotState::destroyed || closed_.contains(owner.subject))
      return subject_erased();
    const auto waiting = not_durable_.find(found->second);
    if (waiting != not_durable_.end()) ticket = std::max(ticket, waiting->second);
  }
  if (!missing.empty()) {
    if (failed_) return keystore_failed();
    FACTUM_CHECK(write_keys(missing));
    ticket = written_;
  }
  return sync_up_to(lock, ticket);
}

Status Keystore::ensure(const std::vector<Uuid>& subjects, DataClass data_class) {
  std::vector<Owner> owners;
  owners.reserve(subjects.size());
  for (const Uuid& subject : subjects) owners.push_back({subject, data_class});
  return ensure_owners(owners);
}

// The key in a slot; `lock` holds mutex_. Errors: erased, corrupt.
Result<DataKey> Keystore::open_key(std::unique_lock<std::mutex>& lock, std::uint32_t number) const {
  const KeySlot slot = slots_[number];
  if (slot.state == KeySlotState::destroyed || closed_.contains(slot.subject))
    return fail(ErrorCode::erased, "the key of this data was destroyed");
  const std::uint32_t place = number % kOpenedKeys;
  if (opened_slots_[place] == number) return DataKey{slot.key_id, slot.generation, opened_[place]};
  const SecretKey shard_key = tree_->shard_keys[number % kKeyShards];
  lock.unlock();
  FACTUM_TRY(const SecretKey key, unwrap_key(shard_key, slot.wrapped()));
  lock.lock();
  if (slots_[number].state == KeySlotState::in_use && slots_[number].key_id == slot.key_id &&
      !closed_.contains(slot.subject)) {
    opened_[place] = key;
    opened_slots_[place] = number;
  }
  return DataKey{slot.key_id, slot.generation, key};
}

Result<DataKey> Keystore::key_for(const Uuid& subject, DataClass data_class) {
  const Owner owner{subject, data_class};
  FACTUM_CHECK(ensure_owners({owner}));
  std::unique_lock lock(mutex_);
  return open_key(lock, by_owner_.at(owner));
}

Result<DataKey> Keystore::key_by_id(const Uuid& key_id) const {
  std::unique_lock lock(mutex_);
  const auto found = by_key_.find(key_id);
  if (found == by_key_.end()) {
    if (damaged_ > 0) return fail(ErrorCode::corrupt, "the key may lie in a damaged key slot");
    return fail(ErrorCode::erased, "the key of this data does not exist any more");
  }
  return open_key(lock, found->second);
}

Result<Uuid> Keystore::new_subject() {
  std::unique_lock lock(mutex_);
  if (ahead_.size() <= options_.subjects_ahead / 2) ahead_wanted_.notify_one();
  ahead_changed_.wait(lock, [&] { return !ahead_.empty() || failed_ || closing_; });
  if (ahead_.empty()) return keystore_failed();
  const Uuid subject = ahead_.front();
  ahead_.pop_front();
  return subject;
}

void Keystore::keep_ahead_filled() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ahead_wanted_.wait(lock, [&] {
      return closing_ || (!failed_ && ahead_.size() <= options_.subjects_ahead / 2);
    });
    if (closing_) return;
    std::vector<Owner> owners;
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.subjects_ahead, 1); ++i)
      owners.push_back({ids_.next(), DataClass::personal});
    if (write_keys(owners) && sync_up_to(lock, written_)) {
      for (const Owner& owner : owners) ahead_.push_back(owner.subject);
    }
    ahead_changed_.notify_all();
  }
}

// Subjects that nobody asked for would otherwise pile up with every start. After a crash they stay:
// whether one of them was in use is not known then.
void Keystore::give_back_unused() {
  std::vector<std::pair<std::uint32_t, KeySlot>> unused;
  for (const Uuid& subject : ahead_)
    unused.emplace_back(by_owner_.at({subject, DataClass::personal}), KeySlot{});
  std::sort(unused.begin(), unused.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  if (unused.empty() || failed_) return;
  ignore_error(file_->write(unused), "unused keys do no harm");
  ignore_error(file_->sync(), "unused keys do no harm");
}

}  // namespace factum
