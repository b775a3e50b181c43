// Files that tests read whole.
#pragma once

#include <filesystem>
#include <string>

namespace factum::test {

/// All bytes of a file; empty if there is none.
std::string file_text(const std::filesystem::path& path);

}  // namespace factum::test
