#include "eventstore/key_files.hpp"

#include "eventstore/descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace factum {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

tl::unexpected<Error> io(std::string_view what, const std::string& path) {
  return fail(ErrorCode::io_error, "cannot " + std::string(what) + " " + path);
}

Status check_private(const struct stat& info, const std::string& path, std::string_view mode) {
  if ((info.st_mode & kOthers) == 0) return {};
  return fail(ErrorCode::unavailable, "others have rights on " + path +
                                          ", which holds keys: chmod " + std::string(mode) + " " +
                                          path);
}

}  // namespace

Status make_private_folder(const std::string& directory) {
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return io("make the folder", directory);
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return io("use the folder", directory);
  return check_private(info, directory, "700");
}

Result<std::optional<std::string>> read_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) return std::optional<std::string>();
  struct stat info {};
  if (!file.ok() || ::fstat(file.value(), &info) != 0) return io("read", path);
  FACTUM_CHECK(check_private(info, path, "600"));
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t now = ::read(file.value(), bytes.data() + got, bytes.size() - got);
    if (now <= 0) return io("read", path);
    got += static_cast<std::size_t>(now);
  }
  return std::optional(std::move(bytes));
}

Status write_private_file(const std::string& path, std::string_view bytes) {
  return replace_file(path, bytes, FileReaders::owner);
}

}  // namespace factum
