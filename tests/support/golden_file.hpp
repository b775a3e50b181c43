// Golden files below tests/golden: bytes that must never change once they are there.
#pragma once

#include <string>
#include <string_view>

namespace factum::test {

/// Lower-case hexadecimal, 32 bytes to a line.
std::string to_hex(std::string_view bytes);

/// Checks that `content` equals the golden file. With FACTUM_WRITE_GOLDEN set in the environment a
/// missing file is written; an existing one is never changed.
void check_golden(const std::string& name, const std::string& content);

}  // namespace factum::test
