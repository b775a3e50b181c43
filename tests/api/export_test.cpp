// Bundles and checkpoints: what the API streams, what `factum export` writes, and how it goes on.
#include "tests/api/program.hpp"
#include "tests/api/running_app.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

std::string verdict_of(const TempDir& folder, const std::string& bundle) {
  const Outcome outcome =
      run(folder, "verify --quiet --bundle " + bundle + " --vkey \"$(cat d/vkey)\"");
  if (outcome.code == 0) return "good";
  return std::to_string(outcome.code) + " " + outcome.output + outcome.errors;
}

std::size_t files_below(const std::string& path) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) files += entry.is_regular_file();
  return files;
}

}  // namespace

TEST_CASE("a bundle in a ZIP file verifies, is written once, and a changed byte of it is found") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 30 --quiet").code == 0);
  const Outcome written = run(folder, "export --data d --out b.zip --quiet");
  CHECK(written.code == 0);
  CHECK(verdict_of(folder, "b.zip") == "good");
  CHECK_FALSE(fs::exists(folder / "b.zip.new"));
  CHECK(run(folder, "export --data d --out b.zip --quiet").code == 1);
  CHECK(run(folder, "export --data d --out c.zip --quiet").code == 0);
  CHECK(file_text(folder / "b.zip") == file_text(folder / "c.zip"));
  std::string bytes = file_text(folder / "b.zip");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(folder / "c.zip", std::ios::binary) << bytes;
  CHECK(verdict_of(folder, "c.zip").starts_with("6 "));
  std::ofstream(folder / "c.zip", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  CHECK(verdict_of(folder, "c.zip").starts_with("1 "));
  CHECK(run(folder, "export --data nowhere --out e.zip").code == 1);
  CHECK_FALSE(fs::exists(folder / "e.zip.new"));
  CHECK(run(folder, "export --data d").code == 2);
}

TEST_CASE("an export into a folder goes on where it broke off, and grows with the log") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 30 --quiet").code == 0);
  REQUIRE(run(folder, "export --data d --out out --with-ciphertexts --quiet").code == 0);
  CHECK(verdict_of(folder, "out") == "good");
  const std::size_t files = files_below(folder / "out");
  const fs::path first = folder / "out/records/000";
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(first, long_ago);
  fs::remove(folder / "out/manifest.json");
  fs::remove(folder / "out/records/001");
  fs::remove(folder / "out/checkpoint");
  std::ofstream(folder / "out/records/001.new") << "half";
  CHECK(verdict_of(folder, "out").starts_with("1 "));
  CHECK(run(folder, "export --data d --out out --with-ciphertexts --quiet").code == 0);
  CHECK(verdict_of(folder, "out") == "good");
  CHECK(files_below(folder / "out") == files);
  CHECK(fs::last_write_time(first) == long_ago);
}

TEST_CASE("the API streams the same bundle, and an address can be exported") {
  RunningApp app;
  for (int i = 0; i < 260; ++i)
    app.create("/v1/customers",
               R"({"kind":"organisation","name":"Firm )" + std::to_string(i) + "\"}");
  app.restart();
  const auto streamed = app.call("GET", "/v1/audit/bundle");
  REQUIRE(streamed.status == 200);
  CHECK(streamed.body.starts_with("PK"));
  const std::string data = app.folder() / "data";
  const std::string url = "http://127.0.0.1:" + std::to_string(app.port()) + "/v1/audit";
  const TempDir folder;
  std::ofstream(folder / "api.zip", std::ios::binary) << streamed.body;
  CHECK(run(folder, "export --quiet --data " + data + " --out own.zip").code == 0);
  CHECK(file_text(folder / "own.zip") == streamed.body);
  CHECK(run(folder, "export --quiet --url " + url + " --out out").code == 0);
  for (const std::string bundle : {"api.zip", "out"}) {
    const Outcome checked =
        run(folder, "verify --bundle " + bundle + " --vkey \"$(cat " + data + "/vkey)\"");
    CHECK_MESSAGE(checked.code == 0, checked.output);
    CHECK(checked.output.find("260 events") != std::string::npos);
    CHECK(checked.output.find("note") == std::string::npos);
  }
}

TEST_CASE("the newest checkpoint is printed with its key, beside a server too") {
  RunningApp app;
  app.create("/v1/customers", R"({"kind":"organisation","name":"Firm"})");
  app.restart();
  const TempDir folder;
  const std::string data = app.folder() / "data";
  const Outcome printed = run(folder, "checkpoint --data " + data);
  CHECK(printed.code == 0);
  CHECK(printed.output == "vkey " + app.services().audit.identity()->vkey + "\n\n" +
                              app.services().audit.checkpoint().value());
  CHECK(run(folder, "checkpoint --data nowhere").code == 1);
  // What may not be looked at is not what is not there.
  fs::create_symlink("checkpoint", folder / "checkpoint");
  std::ofstream(folder / "vkey") << "key";
  const Outcome unreadable = run(folder, "checkpoint --data .");
  CHECK(unreadable.code == 1);
  CHECK(unreadable.errors.find("cannot be looked at") != std::string::npos);
  for (const std::string where : {"verify --bundle", "export --out out --data", "verify --data"})
    CHECK(run(folder, where + " checkpoint").code == 1);
  std::ofstream(data + "/vkey") << "log+00000000+AAAA\n";
  CHECK(run(folder, "checkpoint --data " + data).code == 4);
}
