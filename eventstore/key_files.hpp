// Small files of the keystore: private to the user, replaced as a whole, durable when written.
#pragma once

#include "core/base/result.hpp"
#include "eventstore/durable_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace factum {

/// Makes the folder (mode 0700) or checks that nobody else may look into it.
/// Errors: unavailable (others have rights on it), io_error.
Status make_private_folder(const std::string& directory);

/// The bytes of a file of mode 0600, absent when there is none.
/// Errors: unavailable (others have rights on it), io_error.
Result<std::optional<std::string>> read_private_file(const std::string& path);

/// Replaces the file at once and makes it durable, its folder entry too. Errors: io_error.
Status write_private_file(const std::string& path, std::string_view bytes);

}  // namespace factum
