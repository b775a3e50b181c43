// The root key, under which all others are wrapped.
#pragma once

#include "eventstore/secret.hpp"

#include <string>
#include <string_view>

namespace factum {

/// The root key from 64 hexadecimal digits, or from KEYS/root.key if they are empty.
/// Errors: invalid_argument (not a key), unavailable (there is none), io_error.
Result<SecretKey> read_root_key(const std::string& keys_directory, std::string_view hex);
/// Makes a root key in KEYS/root.key. Errors: io_error.
Result<SecretKey> make_root_key(const std::string& keys_directory);

}  // namespace factum
