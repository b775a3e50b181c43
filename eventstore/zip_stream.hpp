// Writes a ZIP file without knowing its end: files are stored as they are, large ones and many of
// them in the Zip64 form.
#pragma once

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace factum {

/// The same files give the same bytes. Not thread-safe.
class ZipStream {
 public:
  ZipStream();
  ~ZipStream();
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;

  /// Errors: io_error.
  Status add(const std::string& path, std::string_view bytes);
  /// Writes what comes behind the last file. Errors: io_error.
  Status finish();
  /// Bytes of the ZIP file since the last call.
  std::string take();

 private:
  struct Archive;
  std::unique_ptr<Archive> archive_;
  std::string bytes_;
};

}  // namespace factum
