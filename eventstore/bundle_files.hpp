// The files of an offline bundle, wherever they are: a folder or a ZIP file.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace factum {

/// Thread rule: `read` is safe from any thread.
class BundleFiles {
 public:
  virtual ~BundleFiles() = default;
  virtual std::string name() const = 0;
  /// The paths of all files, with slashes. Errors: corrupt (two files of one name), io_error.
  virtual Result<std::vector<std::string>> names() = 0;
  /// At most the first `bytes_max` + 1 bytes of a file, so that one that is too long shows; nothing
  /// if there is none. Errors: corrupt (damaged in its archive), io_error.
  virtual Result<std::optional<std::string>> read(const std::string& path,
                                                  std::size_t bytes_max) = 0;
};

std::unique_ptr<BundleFiles> open_folder_files(std::string folder);
/// Errors: corrupt (two files of one name), io_error (no ZIP file, or one with bytes before its
/// first file or behind its directory).
Result<std::unique_ptr<BundleFiles>> open_zip_files(const std::string& path);

}  // namespace factum
