// Which ZIP files are taken for a bundle.
#include "eventstore/bundle_files.hpp"
#include "eventstore/zip_stream.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace factum;

namespace {

std::string zip_of(const std::string& path, const std::string& bytes) {
  ZipStream zip;
  REQUIRE(zip.add(path, bytes));
  REQUIRE(zip.finish());
  return zip.take();
}

// The ZIP file of one file with bytes before it, and with offsets that take them into account.
std::string behind(const std::string& prefix, std::string zip) {
  const auto add = [&](std::size_t at) {
    auto value = static_cast<std::uint32_t>(prefix.size());
    for (std::size_t i = 0; i < 4; ++i)
      value += std::uint32_t{static_cast<unsigned char>(zip[at + i])} << (8 * i);
    for (std::size_t i = 0; i < 4; ++i) zip[at + i] = static_cast<char>(value >> (8 * i));
  };
  REQUIRE(zip.find("PK\6\6") == std::string::npos);
  add(zip.rfind("PK\1\2") + 42);
  add(zip.rfind("PK\5\6") + 16);
  return prefix + zip;
}

}  // namespace

TEST_CASE("a ZIP file begins with its first file and ends with its directory") {
  const test::TempDir folder;
  const std::string path = folder / "bundle.zip";
  const std::string zip = zip_of("manifest.json", "{}");
  const std::string other = zip_of("manifest.json", "[]");
  const auto opened = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return open_zip_files(path);
  };
  const auto files = opened(zip);
  REQUIRE(files.has_value());
  CHECK((*files)->names().value() == std::vector<std::string>{"manifest.json"});
  CHECK((*files)->read("manifest.json", 10).value() == "{}");
  std::string with_comment = zip + "hello";
  with_comment[zip.size() - 2] = 5;
  std::string with_half_a_comment = zip;
  with_half_a_comment[zip.size() - 2] = 5;
  for (const std::string& bytes :
       {"#!/bin/sh\n" + zip, behind("#!/bin/sh\n", zip), behind("PK\3\4", zip), zip + "hello",
        other + zip, behind(other, zip), with_comment, with_half_a_comment, std::string(),
        zip.substr(0, zip.size() - 1), zip.substr(1), std::string("hello")}) {
    const auto refused = opened(bytes);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::io_error);
  }
}

TEST_CASE("a ZIP file of more files than fit into its short end is read too") {
  constexpr std::size_t kFiles = 70'000;
  ZipStream zip;
  for (std::size_t i = 0; i < kFiles; ++i) REQUIRE(zip.add("tile/" + std::to_string(i), "x"));
  REQUIRE(zip.finish());
  const std::string bytes = zip.take();
  REQUIRE(bytes.find("PK\6\6") != std::string::npos);
  const test::TempDir folder;
  const std::string path = folder / "bundle.zip";
  std::ofstream(path, std::ios::binary) << bytes;
  const auto files = open_zip_files(path);
  REQUIRE(files.has_value());
  CHECK((*files)->names().value().size() == kFiles);
  std::ofstream(path, std::ios::binary) << "x" << bytes;
  CHECK_FALSE(open_zip_files(path).has_value());
}
