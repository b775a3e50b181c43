#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace factum::test {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::filesystem::path real_data(const std::filesystem::path& name) {
  const char* set = std::getenv("FACTUM_TEST_DATA");
  const std::filesystem::path data =
      set != nullptr ? set : std::filesystem::path(FACTUM_SOURCE_DIR) / ".." / "shared" / "data";
  if (std::filesystem::exists(data / name)) return data / name;
  MESSAGE("skipped: no real data at " << (data / name).string());
  return {};
}

}  // namespace factum::test
