// Files that tests read: whole ones, and real data that is not part of the project.
#pragma once

#include <filesystem>
#include <string>

namespace factum::test {

/// All bytes of a file; empty if there is none.
std::string file_text(const std::filesystem::path& path);

/// A file or folder of the real data: below FACTUM_TEST_DATA, by default ../shared/data beside the
/// project. Says that the test skips it and gives an empty path if it is not there.
std::filesystem::path real_data(const std::filesystem::path& name);

}  // namespace factum::test
