// Reading files that somebody else wrote: never more of them than a limit allows.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace factum {

/// At most the first `bytes_max` + 1 bytes of a file, so that one that is too long shows; nothing
/// if there is none, or what is there is no regular file. Errors: io_error, also if it may not be
/// looked at.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max);

/// All of a regular file. Errors: not_found, invalid_argument (a folder, a pipe), limit_exceeded
/// (more than `bytes_max`), io_error.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

/// Whether something of that name is there. Errors: io_error, where that cannot be known.
Result<bool> file_exists(const std::string& path);
/// Whether it is a folder. Errors: as file_exists.
Result<bool> is_folder(const std::string& path);

}  // namespace factum
