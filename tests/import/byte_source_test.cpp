#include "api/import/byte_source.hpp"

#include "tests/import/import_support.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

namespace {
std::string long_text() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "line " + std::to_string(i * 7919 % 10007) + "\n";
  return text;
}
}  // namespace

TEST_CASE("plain, gzip and zstd bytes read the same, whatever the file is called") {
  const std::string text = long_text();
  for (const std::string& bytes : {text, gzip(text), zstd(text)}) {
    auto source = memory_byte_source(bytes);
    const auto read = read_all(*source, 4099);
    REQUIRE(read);
    CHECK(*read == text);
    CHECK(source->bytes_consumed() == bytes.size());
  }
}

TEST_CASE("several gzip members and zstd frames in a row are one text") {
  for (const std::string& bytes : {gzip("one,") + gzip("two"), zstd("one,") + zstd("two")}) {
    auto source = memory_byte_source(bytes);
    CHECK(*read_all(*source) == "one,two");
  }
}

TEST_CASE("a cut gzip or zstd file is an error that says so, wherever it is cut") {
  const std::string text = long_text();
  for (const std::string& bytes : {gzip(text), zstd(text)}) {
    for (const std::size_t keep : {std::size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
      auto source = memory_byte_source(bytes.substr(0, keep));
      const auto read = read_all(*source, 4099);
      REQUIRE_FALSE(read);
      CHECK(read.error().code == ErrorCode::corrupt);
      CHECK(read.error().message.find("cut off") != std::string::npos);
    }
  }
}

TEST_CASE("damaged compressed data is refused, not passed on") {
  for (std::string bytes : {gzip(long_text()), zstd(long_text())}) {
    for (std::size_t i = 200; i < 260; ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
    auto source = memory_byte_source(bytes);
    const auto read = read_all(*source, 4099);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("a missing file and a folder are errors that name the path") {
  TempFolder folder;
  const auto missing = open_byte_source(folder.path() + "/none.csv");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().message.find("none.csv") != std::string::npos);
  const auto not_a_file = open_byte_source(folder.path());
  REQUIRE_FALSE(not_a_file);
  CHECK(not_a_file.error().code == ErrorCode::io_error);
}

TEST_CASE("an empty file has no bytes") {
  TempFolder folder;
  auto source = open_byte_source(folder.write("empty.csv", ""));
  REQUIRE(source);
  CHECK(read_all(**source)->empty());
  CHECK(file_bytes(folder.path() + "/none.csv") == 0);
}
