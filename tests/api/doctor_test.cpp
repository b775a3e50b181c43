// What the doctor says when files go, are cut or cannot be read while it looks.
#include "api/app_doctor.hpp"
#include "eventstore/folder_lock.hpp"
#include "tests/api/program.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <vector>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

using Findings = std::vector<api::Finding>;

// Looks `d` over; `between` runs after each finding.
Findings examine(const TempDir& folder,
                 const std::function<void(const api::Finding&)>& between = {}) {
  Findings findings;
  api::DoctorOptions options;
  options.folders = {folder / "d", folder / "d.keys", folder / "d.backups"};
  api::examine(options, {}, [&](const api::Finding& finding) {
    findings.push_back(finding);
    if (between) between(finding);
  });
  return findings;
}

const api::Finding& finding_of(const Findings& findings, const std::string& check) {
  for (const api::Finding& finding : findings)
    if (finding.check == check) return finding;
  FAIL("nothing was found of " << check);
  return findings.front();
}

bool advises_a_restore(const Findings& findings) {
  for (const api::Finding& finding : findings)
    if (finding.advice.find("restore the log") != std::string::npos) return true;
  return false;
}

void move_tables(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(from))
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  REQUIRE_FALSE(tables.empty());
  for (const fs::path& table : tables) fs::rename(table, fs::path(to) / table.filename());
}

void demo(const TempDir& folder) {
  const auto made = run(folder, "demo --data d --size 20 --quiet");
  REQUIRE_MESSAGE(made.code == 0, made.errors);
}

}  // namespace

TEST_CASE("files that a running program takes away are no damage to the doctor") {
  const TempDir folder;
  demo(folder);
  const auto running = FolderLock::acquire(folder / "d/log");
  REQUIRE(running);
  const auto findings = examine(folder, [&](const api::Finding& finding) {
    if (finding.check == "format") move_tables(folder / "d/log", folder / "away");
  });
  CHECK(finding_of(findings, "format").health == api::Health::ok);
  const auto& blocks = finding_of(findings, "blocks");
  CHECK_MESSAGE(blocks.health == api::Health::unchecked, blocks.text);
  CHECK_FALSE(advises_a_restore(findings));
  // Gone before the folder was opened at all.
  const auto later = examine(folder);
  CHECK(finding_of(later, "format").health == api::Health::unchecked);
  CHECK_FALSE(advises_a_restore(later));
}

TEST_CASE("a file that cannot be read is an error, but no reason to restore") {
  const TempDir folder;
  demo(folder);
  const auto findings = examine(folder, [&](const api::Finding& finding) {
    if (finding.check == "format") move_tables(folder / "d/log", folder / "away");
  });
  CHECK(finding_of(findings, "blocks").health == api::Health::error);
  CHECK(finding_of(findings, "blocks").advice.find("disk") != std::string::npos);
  CHECK_FALSE(advises_a_restore(findings));
  // Files that are missing when it is opened are what RocksDB calls corruption.
  CHECK(advises_a_restore(examine(folder)));
}

TEST_CASE("keys that are cut short are a finding, and the doctor goes on") {
  const TempDir folder;
  demo(folder);
  for (const std::uintmax_t bytes : {std::uintmax_t{3}, std::uintmax_t{0}, std::uintmax_t{1000}}) {
    CAPTURE(bytes);
    fs::resize_file(folder / "d.keys/tree.keys", bytes);
    const auto findings = examine(folder);
    bool damaged = false;
    for (const api::Finding& finding : findings)
      damaged = damaged || finding.text.find("tree.keys is damaged") != std::string::npos;
    CHECK(damaged);
    CHECK(finding_of(findings, "root key").health == api::Health::ok);
    CHECK(finding_of(findings, "event types").health == api::Health::ok);
  }
  fs::remove(folder / "d.keys/slots.keys");
  CHECK(finding_of(examine(folder), "root key").health == api::Health::ok);
}
