// Files that are replaced as a whole, and are on disk when that is said.
#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace factum {

/// Who may read a file that is made.
enum class FileReaders { owner, everyone };

/// Replaces the file at once and makes it durable, its folder entry too. Errors: io_error.
Status replace_file(const std::string& path, std::string_view bytes, FileReaders readers);

/// Makes the bytes of a file durable. Errors: io_error.
Status sync_file(const std::string& path);
/// Makes new and renamed entries of the folder durable; "" is the present one. Errors: io_error.
Status sync_folder(const std::string& directory);
/// Makes all that was written to the file system of the folder durable. Much cheaper than syncing
/// each of many files. Errors: io_error.
Status sync_file_system(const std::string& directory);

}  // namespace factum
