#include "eventstore/wal_check.hpp"

#include "eventstore/wal_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace factum {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> damaged(const fs::path& path, std::size_t offset) {
  return fail(ErrorCode::corrupt,
              "the write-ahead log " + path.string() + " is damaged at byte " +
                  std::to_string(offset) +
                  " and acknowledged records lie behind it; restore it from a backup");
}

Result<std::vector<fs::path>> log_files(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() == ".log") files.push_back(entry->path());
  }
  if (failed) return fail(ErrorCode::io_error, "cannot list the folder " + directory);
  const auto number = [](const fs::path& path) {
    const std::string stem = path.stem().string();
    return std::pair(stem.size(), stem);
  };
  std::sort(files.begin(), files.end(),
            [&](const fs::path& a, const fs::path& b) { return number(a) < number(b); });
  return files;
}

Status cut(const fs::path& path, std::size_t bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done =
      file >= 0 && ::ftruncate(file, static_cast<off_t>(bytes)) == 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!done) return fail(ErrorCode::io_error, "cannot cut the torn end off " + path.string());
  return {};
}

// Calls `on_torn` with each file whose end is cut off, and how many bytes of it are good.
using OnTorn = std::function<Status(const fs::path& path, std::size_t good_bytes)>;

Status look_at_files(const std::string& directory, const OnTorn& on_torn) {
  FACTUM_TRY(const auto files, log_files(directory));
  std::uint64_t expected = 0;  // behind a torn file, the update the next one must start with
  for (const fs::path& path : files) {
    std::ifstream stream(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) return fail(ErrorCode::io_error, "cannot read " + path.string());
    const WalEnd end = read_wal(bytes, [](std::string_view) {});
    if (end.written_behind) return damaged(path, end.good_bytes);
    if (expected != 0 && end.first_update != 0 && end.first_update != expected)
      return damaged(path, 0);
    if (end.first_update != 0) expected = 0;
    if (end.clean) continue;
    FACTUM_CHECK(on_torn(path, end.good_bytes));
    if (end.first_update != 0) expected = end.next_update;
  }
  return {};
}

}  // namespace

Status check_wal(const std::string& directory) { return look_at_files(directory, cut); }

Result<bool> wal_has_torn_end(const std::string& directory) {
  bool torn = false;
  FACTUM_CHECK(look_at_files(directory, [&](const fs::path&, std::size_t) {
    torn = true;
    return Status();
  }));
  return torn;
}

}  // namespace factum
