#include "eventstore/key_slots.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/crc32c.hpp"
#include "eventstore/secret.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace factum {
namespace {

constexpr std::string_view kMagic = "FKS1";
constexpr std::size_t kCrcOffset = kKeySlotBytes - 4;
// Growing costs a write of the file's metadata; overwriting does not.
constexpr std::uint64_t kGrowthBytes = 1024 * kKeySlotBytes;

tl::unexpected<Error> io(std::string_view what) {
  return fail(ErrorCode::io_error, "cannot " + std::string(what) + " the keystore's slot file");
}

bool write_at(int file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

}  // namespace

std::string encode_key_slot(const KeySlot& slot) {
  if (slot.state == KeySlotState::free) return std::string(kKeySlotBytes, '\0');
  std::string bytes;
  ByteWriter writer(bytes);
  writer.raw(kMagic);
  writer.u8(static_cast<std::uint8_t>(slot.state));
  writer.u8(static_cast<std::uint8_t>(slot.data_class));
  writer.u16(slot.generation);
  writer.raw(slot.key_id.view());
  writer.raw(slot.subject.view());
  writer.raw(slot.wrapped());
  bytes.resize(kCrcOffset, '\0');
  writer.u32(crc32c(bytes));
  return bytes;
}

Result<KeySlot> decode_key_slot(std::string_view bytes) {
  KeySlot slot;
  if (bytes.size() == kKeySlotBytes && bytes.find_first_not_of('\0') == std::string_view::npos)
    return slot;
  ByteReader reader(bytes);
  const std::string_view magic = reader.raw(kMagic.size());
  slot.state = static_cast<KeySlotState>(reader.u8());
  slot.data_class = static_cast<DataClass>(reader.u8());
  slot.generation = reader.u16();
  const std::string_view key_id = reader.raw(16);
  const std::string_view subject = reader.raw(16);
  slot.set_wrapped(reader.raw(kWrappedKeyBytes));
  const bool known_state =
      slot.state == KeySlotState::in_use || slot.state == KeySlotState::destroyed;
  if (bytes.size() != kKeySlotBytes || magic != kMagic || !known_state ||
      slot.data_class > DataClass::quasi ||
      ByteReader(bytes.substr(kCrcOffset)).u32() != crc32c(bytes.substr(0, kCrcOffset)))
    return fail(ErrorCode::corrupt, "a key slot does not follow its grammar");
  FACTUM_TRY(slot.key_id, Uuid::from_bytes(key_id));
  FACTUM_TRY(slot.subject, Uuid::from_bytes(subject));
  return slot;
}

Result<std::unique_ptr<KeySlotFile>> KeySlotFile::open(const std::string& path, bool create) {
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
  const int descriptor = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
  if (descriptor < 0 && errno == ENOENT)
    return fail(ErrorCode::corrupt, "the keystore's slots.keys is missing");
  if (descriptor < 0) return io("open");
  auto file = std::make_unique<KeySlotFile>(descriptor);
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return io("open");
  file->bytes_ = static_cast<std::uint64_t>(info.st_size) / kKeySlotBytes * kKeySlotBytes;
  return file;
}

KeySlotFile::~KeySlotFile() { ::close(descriptor_); }

Result<std::string> KeySlotFile::read_all() const {
  std::string bytes(bytes_, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t now =
        ::pread(descriptor_, bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (now <= 0) return io("read");
    got += static_cast<std::size_t>(now);
  }
  return bytes;
}

Status KeySlotFile::grow_to(std::uint64_t bytes) {
  if (bytes <= bytes_) return {};
  const std::uint64_t grown = (bytes + kGrowthBytes - 1) / kGrowthBytes * kGrowthBytes;
  if (::posix_fallocate(descriptor_, 0, static_cast<off_t>(grown)) != 0) return io("grow");
  bytes_ = grown;
  return {};
}

Status KeySlotFile::write(const std::vector<std::pair<std::uint32_t, KeySlot>>& slots) {
  if (slots.empty()) return {};
  FACTUM_CHECK(grow_to((slots.back().first + std::uint64_t{1}) * kKeySlotBytes));
  std::string run;  // neighbours go out in one write
  for (std::size_t i = 0; i < slots.size(); ++i) {
    run += encode_key_slot(slots[i].second);
    const bool ends = i + 1 == slots.size() || slots[i + 1].first != slots[i].first + 1;
    if (!ends) continue;
    const std::uint64_t end = (slots[i].first + std::uint64_t{1}) * kKeySlotBytes;
    if (!write_at(descriptor_, run, end - run.size())) return io("write");
    run.clear();
  }
  return {};
}

Status KeySlotFile::sync() const {
  if (::fdatasync(descriptor_) != 0) return io("sync");
  return {};
}

}  // namespace factum
