// A folder of its own for one test, removed with everything in it at the end.
#pragma once

#include <filesystem>
#include <string>

namespace factum::test {

class TempDir {
 public:
  /// Makes a new folder below the system's folder for temporary files.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// A path below the folder, as text.
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace factum::test
