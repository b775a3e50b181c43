// Real data, which is not part of the project.
#pragma once

#include <filesystem>

namespace factum::test {

/// A file or folder of the real data: below FACTUM_TEST_DATA, by default ../shared/data beside the
/// project. Says that the test skips it and gives an empty path if it is not there.
std::filesystem::path real_data(const std::filesystem::path& name);

}  // namespace factum::test
