#include "eventstore/disk_room.hpp"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

namespace factum {
namespace {

constexpr std::int64_t kLookEvery = 100'000'000;  // nanoseconds
constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

std::int64_t steady_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

DiskRoom::DiskRoom(std::string directory, std::uint64_t reserve_bytes)
    : directory_(std::move(directory)), reserve_bytes_(reserve_bytes) {}

Status DiskRoom::check() const {
  const std::int64_t now = steady_now();
  std::int64_t due = next_look_.load();
  // Whoever moves the time on looks; the others take what was seen last.
  if (now >= due && next_look_.compare_exchange_strong(due, now + kLookEvery)) low_ = is_low();
  if (!low_) return {};
  return fail(ErrorCode::unavailable,
              "the disk has less than " + std::to_string(reserve_bytes_ / kMebibyte) +
                  " MiB left; nothing was recorded, make room and try again");
}

bool DiskRoom::is_low() const {
  std::error_code failed;
  const auto space = std::filesystem::space(directory_, failed);
  return !failed && space.available < reserve_bytes_;
}

}  // namespace factum
