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

enum class FragmentType : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
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
  if (block_left < kHeaderBytes || file.size() - offset < kHeaderBytes) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(file[offset + kTypeOffset]);
  const std::size_t length = little_endian(file.substr(offset + 4, 2));
  if (type < 1 || type > 4 || kHeaderBytes + length > block_left) return std::nullopt;
  if (file.size() - offset - kHeaderBytes < length) return std::nullopt;
  Fragment fragment;
  fragment.type = static_cast<FragmentType>(type);
  fragment.payload = file.substr(offset + kHeaderBytes, length);
  fragment.end = offset + kHeaderBytes + length;
  fragment.intact = crc32c(file.substr(offset + kTypeOffset, 1 + length)) ==
                    unmask(little_endian(file.substr(offset, 4)));
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

// A record is written only after the one before it is durable. So if another one was started behind
// a bad spot, the bad spot is not the torn end of the log.
bool another_starts_behind(std::string_view file, std::size_t bad) {
  const auto damaged = fragment_at(file, bad);
  if (damaged && !damaged->intact && is_end(*damaged) && !all_zero(file.substr(damaged->end)))
    return true;
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
    const std::size_t block_left = kBlockBytes - offset % kBlockBytes;
    if (block_left < kHeaderBytes) {
      offset += std::min(block_left, file.size() - offset);
      continue;
    }
    const auto fragment = fragment_at(file, offset);
    if (!fragment || !fragment->intact || is_start(*fragment) == inside) break;
    if (is_start(*fragment)) parts.clear();
    inside = !is_end(*fragment);
    if (fragment->type == FragmentType::whole) {
      take(fragment->payload);
    } else {
      parts.append(fragment->payload);
      if (!inside) take(parts);
    }
    offset = fragment->end;
    if (!inside) end.good_bytes = offset;
  }
  end.clean = !inside && all_zero(file.substr(std::min(offset, file.size())));
  end.written_behind = !end.clean && another_starts_behind(file, offset);
  return end;
}

}  // namespace factum
