#include "eventstore/wal_reader.hpp"

#include "eventstore/crc32c.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace factum {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kTypeOffset = 6;
constexpr std::size_t kRecordHeaderBytes = 12;

enum class FragmentType : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = (value << 8) | static_cast<std::uint8_t>(bytes[i - 1]);
  return value;
}

std::uint32_t unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xA282EAD8U;
  return (rotated >> 17) | (rotated << 15);
}

struct Fragment {
  FragmentType type{};
  std::string_view payload;
  std::size_t end = 0;
  bool intact = false;  // the checksum fits
};

// The fragment whose header is at `offset`; absent when no fragment can be there.
std::optional<Fragment> fragment_at(std::string_view file, std::size_t offset) {
  const std::size_t block_left = kBlockBytes - offset % kBlockBytes;
  if (block_left < kHeaderBytes || file.size() < offset + kHeaderBytes) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(file[offset + kTypeOffset]);
  const std::size_t length = little_endian(file.substr(offset + 4, 2));
  if (type < 1 || type > 4 || kHeaderBytes + length > block_left) return std::nullopt;
  if (file.size() - offset - kHeaderBytes < length) return std::nullopt;
  Fragment fragment;
  fragment.type = static_cast<FragmentType>(type);
  fragment.payload = file.substr(offset + kHeaderBytes, length);
  fragment.end = offset + kHeaderBytes + length;
  fragment.intact = crc32c(file.substr(offset + kTypeOffset, 1 + length)) ==
                    unmask(static_cast<std::uint32_t>(little_endian(file.substr(offset, 4))));
  return fragment;
}

bool is_start(const Fragment& fragment) {
  return fragment.type == FragmentType::whole || fragment.type == FragmentType::first;
}
bool is_end(const Fragment& fragment) {
  return fragment.type == FragmentType::whole || fragment.type == FragmentType::last;
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

// Number of the first update of a record, and of that behind it, as its beginning says; 0 = it is
// too short to say.
std::uint64_t first_update(std::string_view record) {
  return record.size() < kRecordHeaderBytes ? 0 : little_endian(record.substr(0, 8));
}
std::uint64_t update_behind(std::string_view record) {
  if (record.size() < kRecordHeaderBytes) return 0;
  return first_update(record) + little_endian(record.substr(8, 4));
}

// Fewer bytes than a header at the end of a block are padding.
std::size_t behind_padding(std::size_t offset) {
  const std::size_t block_left = kBlockBytes - offset % kBlockBytes;
  return block_left < kHeaderBytes ? offset + block_left : offset;
}

// Whether the record behind the one that `part` belongs to has this number, whole or not.
bool next_record_has(std::string_view file, const Fragment& part, std::uint64_t number) {
  std::size_t offset = behind_padding(part.end);
  if (!is_end(part)) {
    for (auto next = fragment_at(file, offset); next && !is_start(*next);
         next = fragment_at(file, offset)) {
      offset = behind_padding(next->end);
      if (is_end(*next)) break;
    }
  }
  if (file.size() < offset + kHeaderBytes + 8) return false;
  const auto type = static_cast<FragmentType>(file[offset + kTypeOffset]);
  return (type == FragmentType::whole || type == FragmentType::first) &&
         little_endian(file.substr(offset + kHeaderBytes, 8)) == number;
}

// A record is written only after the one before it is durable. So if another one was started behind
// a bad spot, the bad spot is not the torn end of the log. Of a torn end any byte may be garbage,
// so only a checksum tells that a record is there, or, where that one was torn too, its number.
// `begun`: what was read of the record that the bad spot belongs to.
bool another_starts_behind(std::string_view file, std::size_t bad, std::string_view begun) {
  const auto damaged = fragment_at(file, bad);
  if (damaged) {
    const std::uint64_t number = update_behind(begun.empty() ? damaged->payload : begun);
    if (number != 0 && next_record_has(file, *damaged, number)) return true;
  }
  for (std::size_t offset = bad + 1; offset + kHeaderBytes <= file.size(); ++offset) {
    const auto type = static_cast<std::uint8_t>(file[offset + kTypeOffset]);
    if (type != 1 && type != 2) continue;
    const auto fragment = fragment_at(file, offset);
    if (fragment && fragment->intact && is_start(*fragment)) return true;
  }
  return false;
}

}  // namespace

WalEnd read_wal(std::string_view file, const std::function<void(std::string_view)>& take) {
  WalEnd end;
  std::string parts;
  bool inside = false;
  std::size_t offset = 0;
  while (offset < file.size()) {
    offset = std::min(behind_padding(offset), file.size());
    const auto fragment = fragment_at(file, offset);
    if (!fragment || !fragment->intact || is_start(*fragment) == inside) break;
    if (is_start(*fragment)) parts.clear();
    inside = !is_end(*fragment);
    if (fragment->type != FragmentType::whole) parts.append(fragment->payload);
    offset = fragment->end;
    if (inside) continue;
    const std::string_view record =
        fragment->type == FragmentType::whole ? fragment->payload : std::string_view(parts);
    take(record);
    if (end.first_update == 0) end.first_update = first_update(record);
    end.next_update = update_behind(record);
    end.good_bytes = offset;
  }
  end.clean = !inside && all_zero(file.substr(std::min(offset, file.size())));
  if (!inside) parts.clear();
  end.written_behind = !end.clean && another_starts_behind(file, offset, parts);
  return end;
}

}  // namespace factum
