#include "eventstore/folder_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace factum {
namespace {

constexpr int kTriesMax = 10'000;

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::acquire(const std::string& directory) {
  const std::string path = directory + "/factum.lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(ErrorCode::io_error, "cannot make " + path);
  auto lock = std::make_unique<FolderLock>(descriptor);
  // flock, not a record lock: a second store in the same process must be refused too.
  for (int tries = 0; tries < kTriesMax; ++tries) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return fail(ErrorCode::io_error, "cannot lock " + path);
    // Who only asks shares the lock for a moment, and who holds the folder shares it with nobody.
    if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0) break;
    std::this_thread::yield();
  }
  return fail(ErrorCode::locked,
              "another process has " + directory + " open; stop it first or choose another folder");
}

bool FolderLock::is_held(const std::string& directory) {
  const int descriptor = ::open((directory + "/factum.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace factum
