#include "tests/support/test_files.hpp"

#include <fstream>
#include <iterator>

namespace factum::test {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace factum::test
