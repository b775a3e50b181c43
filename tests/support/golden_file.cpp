#include "tests/support/golden_file.hpp"

#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace factum::test {

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kBytesPerLine = 32;
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
    if ((i + 1) % kBytesPerLine == 0 || i + 1 == bytes.size()) text.push_back('\n');
  }
  return text;
}

void check_golden(const std::string& name, const std::string& content) {
  const auto path = std::filesystem::path(FACTUM_SOURCE_DIR) / "tests" / "golden" / name;
  if (!std::filesystem::exists(path) && std::getenv("FACTUM_WRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  REQUIRE_MESSAGE(std::filesystem::exists(path), "golden file is missing: " << path.string());
  CHECK(content == file_text(path));
}

}  // namespace factum::test
