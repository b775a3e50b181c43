#include "tests/support/crash_disk.hpp"

#include "tests/support/test_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace factum::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPageBytes = 4096;

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void make_garbage(std::string& bytes, std::uint64_t from, std::uint64_t to,
                  std::mt19937_64& random) {
  for (std::uint64_t i = from; i < to; ++i) bytes[i] = static_cast<char>(random());
}

void make_zero(std::string& bytes, std::uint64_t from, std::uint64_t to) {
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
            bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
}

// Pages reach the disk in any order.
void lose_pages(std::string& bytes, std::uint64_t synced, std::mt19937_64& random) {
  for (std::uint64_t from = synced; from < bytes.size();) {
    const std::uint64_t to =
        std::min<std::uint64_t>(bytes.size(), (from / kPageBytes + 1) * kPageBytes);
    switch (random() % 3) {
      case 0: make_zero(bytes, from, to); break;
      case 1: make_garbage(bytes, from, to, random); break;
      default: break;
    }
    from = to;
  }
}

// Gives the name of what became of the bytes behind `synced`.
const char* lose_tail(std::string& bytes, std::uint64_t synced, bool may_be_garbage,
                      std::mt19937_64& random) {
  const std::uint64_t some = synced + random() % (bytes.size() - synced + 1);
  switch (random() % (may_be_garbage ? 6 : 3)) {
    case 0: return "tails kept";
    case 1: bytes.resize(synced); return "tails lost";
    case 2: bytes.resize(some); return "tails cut";
    case 3: make_garbage(bytes, some, bytes.size(), random); return "tails of garbage";
    case 4: make_zero(bytes, some, bytes.size()); return "tails of zeros";
    default: lose_pages(bytes, synced, random); return "tails with lost pages";
  }
}

}  // namespace

std::shared_ptr<CrashDisk::File> CrashDisk::file_at(const std::string& path) {
  auto& file = files_[path];
  if (!file) {
    file = std::make_shared<File>();
    file->path = path;
    file->synced = UINT64_MAX;
  }
  return file;
}

void CrashDisk::move(const std::shared_ptr<File>& file, const std::string& path) {
  fs::rename(file->path, path);
  files_.erase(file->path);
  file->path = path;
  files_[path] = file;
}

std::shared_ptr<CrashDisk::File> CrashDisk::to_attic(const std::string& path) {
  const auto file = file_at(path);
  move(file, attic_ + "/" + std::to_string(++in_attic_));
  return file;
}

void CrashDisk::create(const std::string& path) {
  if (fs::exists(path)) remove(path);
  const auto file = file_at(path);
  file->synced = 0;
  changes_.push_back({Change::Kind::create, path, {}, file, nullptr});
}

void CrashDisk::synced(const std::string& path) { file_at(path)->synced = fs::file_size(path); }

void CrashDisk::sync_failed(const std::string& path) {
  const auto file = file_at(path);
  const std::uint64_t size = fs::file_size(path);
  if (file->synced < size) file->holes.emplace_back(file->synced, size);
}

void CrashDisk::folder_synced(const std::string& folder) {
  const fs::path synced_folder = fs::path(folder + "/").parent_path();
  std::erase_if(changes_, [&](const Change& change) {
    if (fs::path(change.name).parent_path() != synced_folder) return false;
    for (const auto& gone :
         {change.kind == Change::Kind::remove ? change.file : nullptr, change.replaced}) {
      if (!gone) continue;
      fs::remove(gone->path);
      files_.erase(gone->path);
    }
    return true;
  });
}

void CrashDisk::remove(const std::string& path) {
  changes_.push_back({Change::Kind::remove, path, {}, to_attic(path), nullptr});
}

void CrashDisk::rename(const std::string& from, const std::string& to) {
  Change change{Change::Kind::rename, from, to, file_at(from), nullptr};
  if (fs::exists(to)) change.replaced = to_attic(to);
  move(change.file, to);
  changes_.push_back(std::move(change));
}

void CrashDisk::undo(const Change& change) {
  switch (change.kind) {
    case Change::Kind::create:
      fs::remove(change.file->path);
      files_.erase(change.file->path);
      break;
    case Change::Kind::remove: move(change.file, change.name); break;
    case Change::Kind::rename:
      move(change.file, change.name);
      if (change.replaced) move(change.replaced, change.to);
      break;
  }
}

// A file system with a journal keeps the order of such changes: the newest are lost, none between.
void CrashDisk::undo_unsynced_changes(std::mt19937_64& random, Counts& counts) {
  const std::size_t kept = random() % (changes_.size() + 1);
  for (std::size_t i = changes_.size(); i > 0; --i) {
    const Change& change = changes_[i - 1];
    if (i > kept) undo(change);
    constexpr const char* kNames[] = {"new names", "removals", "renames"};
    ++counts[std::string(kNames[static_cast<int>(change.kind)]) + (i > kept ? " lost" : " kept")];
  }
  changes_.clear();
}

void CrashDisk::lose_power(std::mt19937_64& random, Counts& counts) {
  undo_unsynced_changes(random, counts);
  for (const auto& [path, file] : files_) {
    if (!fs::exists(path) || path.starts_with(attic_)) continue;
    const std::uint64_t size = fs::file_size(path);
    if (file->synced >= size && file->holes.empty()) continue;
    std::string bytes = file_text(path);
    for (const auto& [from, to] : file->holes) {
      if (random() % 2 == 0) make_zero(bytes, from, std::min<std::uint64_t>(to, size));
      ++counts["bytes behind a failed sync"];
    }
    if (file->synced < size)
      ++counts[lose_tail(bytes, file->synced, may_be_garbage_(path), random)];
    write_file(path, bytes);
  }
  files_.clear();
  for (const auto& entry : fs::directory_iterator(attic_)) fs::remove(entry.path());
}

}  // namespace factum::test
