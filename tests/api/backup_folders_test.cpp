// Names of the folders of data, keys and backups as people write them, and what stays in them.
#include "tests/api/api_fixture.hpp"
#include "tests/api/program.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

void must(const TempDir& folder, const std::string& arguments) {
  const Outcome outcome = run(folder, arguments);
  REQUIRE_MESSAGE(outcome.code == 0, arguments << ": " << outcome.errors << outcome.output);
}

std::string last_position(const TempDir& folder) {
  return member(file_text(folder / "d.backups/manifests/000001.json"), "head");
}

}  // namespace

TEST_CASE("a slash behind the name of a folder changes nothing") {
  const TempDir folder;
  must(folder, "demo --data d/ --size 2 --quiet");
  CHECK(fs::exists(folder / "d.keys/tree.keys"));
  {
    ServedProgram server(folder, "d/", "d.keys/");
    must(folder, "backup --data d//");
    CHECK(fs::exists(folder / "d.backups/manifests/000001.json"));
  }
  must(folder, "backup --data d/ --backups d.backups/ --keep 2");
  must(folder, "backup --data d/ --list");
  must(folder, "doctor --data d/ --quiet");
  must(folder, "backup --data d/ --keys-to safe/");
  CHECK(fs::exists(folder / "safe/tree.keys"));
  must(folder, "restore --from d.backups/ --to back/");
  must(folder, "restore --from d.backups/ --to early/ --keys d.keys/ --to-position " +
                   last_position(folder));
  CHECK(fs::exists(folder / "early.keys/tree.keys"));
  CHECK_FALSE(fs::exists(folder / "early.keys/restoring"));
  ServedProgram server(folder, "early/", "early.keys/");
}

TEST_CASE("a copy of keys that fails leaves none of them behind") {
  const TempDir folder;
  must(folder, "demo --data d --size 2 --quiet");
  fs::create_directories(folder / "safe.part");
  std::ofstream(folder / "safe.part/letter.txt") << "hello";
  const auto refused = run(folder, "backup --data d --keys-to safe/ --with-root-key");
  CHECK(refused.code == 1);
  CHECK_MESSAGE(refused.errors.find("letter.txt") != std::string::npos, refused.errors);
  CHECK(file_text(folder / "safe.part/letter.txt") == "hello");
  fs::remove_all(folder / "safe.part");

  // As a kill leaves it.
  fs::create_directories(folder / "safe.part");
  fs::permissions(folder / "safe.part", fs::perms::owner_all);
  fs::copy(folder / "d.keys/slots.keys", folder / "safe.part/slots.keys.new");
  must(folder, "backup --data d --keys-to safe --with-root-key");
  CHECK_FALSE(fs::exists(folder / "safe.part"));

  // The root key is copied last, and others may read it: refused.
  fs::permissions(folder / "d.keys/root.key", fs::perms::others_read, fs::perm_options::add);
  CHECK(run(folder, "backup --data d --keys-to next --with-root-key").code == 1);
  CHECK_FALSE(fs::exists(folder / "next.part"));
  CHECK_FALSE(fs::exists(folder / "next"));
  fs::permissions(folder / "d.keys/root.key", fs::perms::others_read, fs::perm_options::remove);

  // A restore that fails leaves no keys either, and takes away none that were there.
  must(folder, "backup --data d");
  const std::string restore = "restore --from d.backups --to early --keys d.keys --to-position ";
  CHECK(run(folder, restore + "999999").code == 1);
  CHECK_FALSE(fs::exists(folder / "early.keys"));
  CHECK(run(folder, restore + last_position(folder) + " --new-keys safe").code == 1);
  CHECK(fs::exists(folder / "safe/tree.keys"));
  must(folder, restore + last_position(folder));
}
