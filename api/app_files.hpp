// Files that a command line names.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string>

namespace factum::api {

/// All of a file. Errors: not_found, invalid_argument (a folder, a pipe), limit_exceeded (more than
/// `bytes_max`), io_error.
Result<std::string> read_named_file(const std::string& path, std::size_t bytes_max);

}  // namespace factum::api
