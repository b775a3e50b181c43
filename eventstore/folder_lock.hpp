// One process per data folder: a lock that the operating system drops when the process ends.
#pragma once

#include "core/base/result.hpp"

#include <memory>
#include <string>

namespace factum {

/// Holds the folder until destruction.
class FolderLock {
 public:
  /// Errors: locked (another process, or another store of this one, holds it), io_error.
  static Result<std::unique_ptr<FolderLock>> acquire(const std::string& directory);
  /// Whether somebody holds it now; makes nothing, and is false where there is no lock file.
  static bool is_held(const std::string& directory);
  /// Takes over an open, locked descriptor; use `acquire`.
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  const int descriptor_;
};

}  // namespace factum
