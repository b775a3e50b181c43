#include "tests/support/real_data.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace factum::test {

std::filesystem::path real_data(const std::filesystem::path& name) {
  const char* set = std::getenv("FACTUM_TEST_DATA");
  const std::filesystem::path data =
      set != nullptr ? set : std::filesystem::path(FACTUM_SOURCE_DIR) / ".." / "shared" / "data";
  if (std::filesystem::exists(data / name)) return data / name;
  MESSAGE("skipped: no real data at " << (data / name).string());
  return {};
}

}  // namespace factum::test
