// What is read of a file, and what is said of one that cannot be read; bytes as hex.
#include "eventstore/file.hpp"

#include "core/base/hex.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;

TEST_CASE("a file is read up to a limit, and one that is too long shows") {
  const TempDir folder;
  const std::string path = folder / "file";
  std::ofstream(path) << "12345";
  CHECK(read_file(path, 5).value() == "12345");
  CHECK(read_file(path, 4).value() == "12345");
  CHECK(read_file(path, 2).value() == "123");
  CHECK(read_whole_file(path, 5).value() == "12345");
  CHECK(read_whole_file(path, 4).error().code == ErrorCode::limit_exceeded);
  const std::string long_text(200'000, 'x');
  std::ofstream(path) << long_text;
  CHECK(read_whole_file(path, 1'000'000).value() == long_text);
  std::ofstream(path) << "";
  CHECK(read_file(path, 0).value() == "");
  CHECK(read_whole_file(path, 0).value().empty());
}

TEST_CASE("a file that is not there is nothing; one that may not be looked at is an error") {
  const TempDir folder;
  CHECK(read_file(folder / "none", 9).value() == std::nullopt);
  CHECK(read_file(folder / "none/below", 9).value() == std::nullopt);
  CHECK(read_whole_file(folder / "none", 9).error().code == ErrorCode::not_found);
  CHECK_FALSE(file_exists(folder / "none").value());
  CHECK_FALSE(is_folder(folder / "none").value());
  const std::string below = folder.path().string();
  CHECK(read_file(below, 9).value() == std::nullopt);
  CHECK(read_whole_file(below, 9).error().code == ErrorCode::invalid_argument);
  CHECK(file_exists(below).value());
  CHECK(is_folder(below).value());
  const std::string loop = folder / "loop";
  std::filesystem::create_symlink(loop, loop);
  CHECK(read_file(loop, 9).error().code == ErrorCode::io_error);
  CHECK(read_whole_file(loop, 9).error().code == ErrorCode::io_error);
  CHECK(file_exists(loop).error().code == ErrorCode::io_error);
  CHECK(is_folder(loop).error().code == ErrorCode::io_error);
}

TEST_CASE("bytes are written as hex and read back, and nothing else is") {
  const std::string bytes("\x00\x7F\x80\xFF\x1A", 5);
  CHECK(to_hex(bytes) == "007f80ff1a");
  CHECK(to_hex(std::array<std::uint8_t, 2>{0xAB, 0x01}) == "ab01");
  CHECK(from_hex("007f80ff1a") == bytes);
  CHECK(from_hex("").value().empty());
  for (const char* const text : {"0", "0g", "AB", "ab1", " 0"}) CHECK_FALSE(from_hex(text));
}
