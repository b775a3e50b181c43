// One holder per folder; who only asks is in nobody's way.
#include "eventstore/folder_lock.hpp"

#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace factum;
using namespace factum::test;

TEST_CASE("a folder has one holder, and only a folder that is held says so") {
  const TempDir folder;
  CHECK_FALSE(FolderLock::is_held(folder.path().string()));
  {
    const auto lock = FolderLock::acquire(folder.path().string());
    REQUIRE(lock);
    CHECK(FolderLock::is_held(folder.path().string()));
    CHECK(outcome_of(FolderLock::acquire(folder.path().string())) == "locked");
  }
  CHECK_FALSE(FolderLock::is_held(folder.path().string()));
}

TEST_CASE("a folder is taken while others ask whether it is") {
  const TempDir folder;
  const std::string path = folder.path().string();
  REQUIRE(FolderLock::acquire(path));
  std::atomic<bool> stopping{false};
  std::vector<std::thread> askers;
  for (int i = 0; i < 3; ++i) {
    askers.emplace_back([&] {
      while (!stopping) static_cast<void>(FolderLock::is_held(path));
    });
  }
  int refused = 0;
  for (int i = 0; i < 2000; ++i)
    if (!FolderLock::acquire(path)) ++refused;
  stopping = true;
  for (std::thread& asker : askers) asker.join();
  CHECK(refused == 0);
}
