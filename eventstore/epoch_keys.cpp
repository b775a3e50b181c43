#include "eventstore/epoch_keys.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/crc32c.hpp"
#include "eventstore/descriptor.hpp"
#include "eventstore/durable_file.hpp"
#include "eventstore/key_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace factum {
namespace {

constexpr std::string_view kMagic = "FKE1";
constexpr std::size_t kSlotBytes = 512;
constexpr std::size_t kSlots = 2;
constexpr std::size_t kCrcOffset = kSlotBytes - 4;

struct EpochSlot {
  Uuid epoch;  // nil = free
  std::string wrapped;
  bool is_zero = true;  // a free slot may hold what does not read
};

std::string encode(const EpochSlot& slot) {
  if (slot.epoch.is_nil()) return std::string(kSlotBytes, '\0');
  std::string bytes;
  ByteWriter writer(bytes);
  writer.raw(kMagic);
  writer.raw(slot.epoch.view());
  writer.raw(slot.wrapped);
  bytes.resize(kCrcOffset, '\0');
  writer.u32(crc32c(bytes));
  return bytes;
}

// A slot that does not read is free: it is being written when its epoch is not in use yet, or
// was being destroyed.
EpochSlot decode(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::string_view magic = reader.raw(kMagic.size());
  const auto epoch = Uuid::from_bytes(reader.raw(16));
  const std::string_view wrapped = reader.raw(kWrappedKeyBytes);
  if (magic != kMagic || !epoch ||
      ByteReader(bytes.substr(kCrcOffset)).u32() != crc32c(bytes.substr(0, kCrcOffset)))
    return {{}, {}, bytes.find_first_not_of('\0') == std::string_view::npos};
  return {*epoch, std::string(wrapped), false};
}

// The file of one folder.
class EpochFile {
 public:
  explicit EpochFile(std::string path) : path_(std::move(path)) {}

  Status load() {
    FACTUM_TRY(const auto bytes, read_private_file(path_));
    std::string whole = bytes.value_or("");
    is_there_ = bytes.has_value() && whole.size() == kSlots * kSlotBytes;
    whole.resize(kSlots * kSlotBytes, '\0');
    for (std::size_t i = 0; i < kSlots; ++i)
      slots_[i] = decode(std::string_view(whole).substr(i * kSlotBytes, kSlotBytes));
    return {};
  }
  const std::array<EpochSlot, kSlots>& slots() const { return slots_; }

  // Writes into a free slot. Errors: io_error, unavailable.
  Status add(const EpochSlot& slot) {
    const auto same = [&](const EpochSlot& known) { return known.epoch == slot.epoch; };
    if (std::any_of(slots_.begin(), slots_.end(), same)) return {};
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (slots_[i].epoch.is_nil()) return write(i, slot);
    }
    return fail(ErrorCode::unavailable, "keys of two epochs are in " + path_ + " already");
  }
  Status remove_all_but(const Uuid& epoch) {
    for (std::size_t i = 0; i < kSlots; ++i) {
      const bool is_kept = !epoch.is_nil() && slots_[i].epoch == epoch;
      if (!is_kept && !slots_[i].is_zero) FACTUM_CHECK(write(i, {}));
    }
    return {};
  }

 private:
  // In place and durable: a copy of the file would leave the old bytes somewhere.
  Status write(std::size_t number, const EpochSlot& slot) {
    if (!is_there_) {
      FACTUM_CHECK(write_private_file(path_, std::string(kSlots * kSlotBytes, '\0')));
      is_there_ = true;
    }
    const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_DSYNC));
    const std::string bytes = encode(slot);
    ssize_t written = -1;
    do {
      written = file.ok() ? ::pwrite(file.value(), bytes.data(), bytes.size(),
                                     static_cast<off_t>(number * kSlotBytes))
                          : -1;
    } while (written < 0 && file.ok() && errno == EINTR);
    if (written != static_cast<ssize_t>(bytes.size()))
      return fail(ErrorCode::io_error, "cannot write " + path_);
    slots_[number] = slot;
    return {};
  }

  const std::string path_;
  bool is_there_ = false;
  std::array<EpochSlot, kSlots> slots_;
};

class EpochFiles final : public EpochKeys {
 public:
  EpochFiles(std::vector<EpochFile> files, const SecretKey& root)
      : files_(std::move(files)), root_(root) {}

  Status load() {
    bool any_used = false;
    bool any_opens = false;
    for (EpochFile& file : files_) {
      FACTUM_CHECK(file.load());
      for (const EpochSlot& slot : file.slots()) {
        if (slot.epoch.is_nil()) continue;
        any_used = true;
        const auto key = unwrap_key(root_, slot.wrapped);
        if (key) keys_[slot.epoch] = *key;
        any_opens = any_opens || key.has_value();
      }
    }
    if (any_used && !any_opens)
      return fail(ErrorCode::invalid_argument, "the root key does not open the epoch's key");
    return {};
  }

  Result<std::string> begin(const Uuid& epoch, const SecretKey& key) override {
    const SecretKey fresh = SecretKey::random();
    const EpochSlot slot{epoch, wrap_key(root_, fresh), false};
    for (EpochFile& file : files_) FACTUM_CHECK(file.add(slot));
    keys_[epoch] = fresh;
    return wrap_key(fresh, key);
  }

  Result<SecretKey> unwrap(const Uuid& epoch, std::string_view wrapped) const override {
    const auto found = keys_.find(epoch);
    if (found == keys_.end())
      return fail(ErrorCode::erased, "the key of this epoch does not exist any more");
    return unwrap_key(found->second, wrapped);
  }

  Status keep_only(const Uuid& epoch) override {
    Status outcome;
    for (EpochFile& file : files_) {
      // Added before others go, where there is room.
      Status done = bring(file, epoch);
      if (const Status removed = file.remove_all_but(epoch); !removed) outcome = removed;
      if (!done) done = bring(file, epoch);
      if (!done) outcome = std::move(done);
    }
    std::erase_if(keys_, [&](const auto& known) { return known.first != epoch; });
    return outcome;
  }

  std::string description() const override {
    return files_.size() == 1 ? "a file in 1 place"
                              : "files in " + std::to_string(files_.size()) + " places";
  }

 private:
  Status bring(EpochFile& file, const Uuid& epoch) const {
    const auto key = keys_.find(epoch);
    return key == keys_.end() ? Status() : file.add({epoch, wrap_key(root_, key->second), false});
  }

  std::vector<EpochFile> files_;
  const SecretKey root_;
  std::map<Uuid, SecretKey> keys_;  // that are in some file
};

}  // namespace

Result<std::unique_ptr<EpochKeys>> open_epoch_files(const std::vector<std::string>& folders,
                                                    const SecretKey& root) {
  std::vector<EpochFile> files;
  for (const std::string& folder : folders) {
    FACTUM_CHECK(make_private_folder(folder));
    files.emplace_back((std::filesystem::path(folder) / "epoch.keys").string());
  }
  auto keys = std::make_unique<EpochFiles>(std::move(files), root);
  FACTUM_CHECK(keys->load());
  return std::unique_ptr<EpochKeys>(std::move(keys));
}

}  // namespace factum
