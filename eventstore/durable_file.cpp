#include "eventstore/durable_file.hpp"

#include "eventstore/descriptor.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace factum {
namespace {

constexpr mode_t kOwner = S_IRUSR | S_IWUSR;
constexpr mode_t kEveryone = kOwner | S_IRGRP | S_IROTH;  // less what the umask takes away

tl::unexpected<Error> io(std::string_view what, const std::string& path) {
  return fail(ErrorCode::io_error, "cannot " + std::string(what) + " " + path);
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

const char* name_of(const std::string& directory) {
  return directory.empty() ? "." : directory.c_str();
}

}  // namespace

Status replace_file(const std::string& path, std::string_view bytes, FileReaders readers) {
  const std::string fresh = path + ".new";
  {
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                 readers == FileReaders::owner ? kOwner : kEveryone));
    if (!file.ok() || !write_all(file.value(), bytes) || ::fsync(file.value()) != 0)
      return io("write", fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return io("write", path);
  return sync_folder(std::filesystem::path(path).parent_path().string());
}

Status sync_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() || ::fsync(file.value()) != 0) return io("sync", path);
  return {};
}

Status sync_folder(const std::string& directory) {
  const Descriptor folder(::open(name_of(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::fsync(folder.value()) != 0) return io("sync", directory);
  return {};
}

Status sync_file_system(const std::string& directory) {
  const Descriptor folder(::open(name_of(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::syncfs(folder.value()) != 0) return io("sync", directory);
  return {};
}

}  // namespace factum
