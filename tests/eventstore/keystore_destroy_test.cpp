#include "eventstore/keystore.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>
#include <utility>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kEpochSlotBytes = 512;

std::vector<Uuid> subjects(unsigned from, unsigned count) {
  std::vector<Uuid> ids;
  for (unsigned i = 0; i < count; ++i) ids.push_back(test_id(from + i));
  return ids;
}

using Files = std::map<std::string, std::string>;

Files files_in(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "factum.lock")
      files[entry.path().filename().string()] = file_text(entry.path().string());
  }
  return files;
}

void put_files(const std::string& folder, const Files& files) {
  fs::remove_all(folder);
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  for (const auto& [name, bytes] : files) {
    const fs::path path = fs::path(folder) / name;
    std::ofstream(path, std::ios::binary) << bytes;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  }
}

struct Erasing {
  TempDir directory;
  ManualClock clock;
  std::vector<std::string> replicas;
  std::map<Uuid, std::string> known;  // subject → key
  std::map<Uuid, Uuid> key_ids;

  KeystoreOptions options() {
    return {.directory = keys(),
            .data_directory = {},
            .seal_id = test_id(1),
            .root_key_hex = {},
            .clock = &clock,
            .create = true,
            .subjects_ahead = 4,
            .epoch_replicas = replicas};
  }
  std::string keys() { return directory / "keys"; }
  std::unique_ptr<Keystore> open() {
    auto opened = Keystore::open(options());
    REQUIRE(opened);
    return std::move(*opened);
  }
  std::string opening() { return outcome_of(Keystore::open(options())); }

  /// Makes keys for subjects and remembers them.
  void fill(Keystore& keystore, const std::vector<Uuid>& ids) {
    REQUIRE(keystore.ensure(ids, DataClass::personal));
    for (const Uuid& id : ids) {
      const DataKey key = keystore.key_for(id, DataClass::personal).value();
      known[id] = key.key.view();
      key_ids[id] = key.key_id;
    }
  }
  /// Makes keys for both and destroys those of `gone`: the files before and after.
  std::pair<Files, Files> destroy(const std::vector<Uuid>& gone, const std::vector<Uuid>& stay) {
    {
      const auto keystore = open();
      fill(*keystore, stay);
      fill(*keystore, gone);
    }
    Files before = files_in(keys());
    REQUIRE(open()->destroy_subjects(gone));
    return {std::move(before), files_in(keys())};
  }
  void check_open(Keystore& keystore, const std::vector<Uuid>& ids) {
    for (const Uuid& id : ids) {
      const auto key = keystore.key_by_id(key_ids.at(id));
      REQUIRE(key);
      CHECK(key->key.view() == known.at(id));
    }
  }
  void check_gone(Keystore& keystore, const std::vector<Uuid>& ids) {
    for (const Uuid& id : ids) {
      CHECK(outcome_of(keystore.key_by_id(key_ids.at(id))) == "erased");
      for (const DataClass data_class :
           {DataClass::personal, DataClass::sensitive, DataClass::quasi}) {
        CHECK(outcome_of(keystore.ensure({id}, data_class)) == "erased");
        CHECK(outcome_of(keystore.key_for(id, data_class)) == "erased");
      }
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Erasing, "destroyed keys are gone for good, in every class; the others stay") {
  const auto gone = subjects(100, 3);
  const auto stay = subjects(200, 600);
  {
    const auto keystore = open();
    fill(*keystore, stay);
    fill(*keystore, gone);
    REQUIRE(keystore->key_for(gone[0], DataClass::sensitive));
    const auto done = keystore->destroy_subjects(gone);
    REQUIRE(done);
    CHECK(done->keys == 4);
    CHECK(done->epoch_before != done->epoch_after);
    CHECK(done->places == "a file in 1 place");
    check_gone(*keystore, gone);
    check_open(*keystore, stay);
    fill(*keystore, subjects(2000, 300));
    const auto again = keystore->destroy_subjects(gone);
    REQUIRE(again);
    CHECK(again->keys == 0);
    CHECK(again->epoch_before == done->epoch_after);
  }
  const auto keystore = open();
  CHECK(keystore->damaged_slots() == 0);
  check_gone(*keystore, gone);
  check_open(*keystore, stay);
  check_open(*keystore, subjects(2000, 300));
}

TEST_CASE_FIXTURE(Erasing,
                  "closed subjects are neither opened nor sealed for until they are open") {
  const auto closed = subjects(100, 2);
  const auto keystore = open();
  fill(*keystore, closed);
  auto ids = keystore->close_subjects({closed[0], test_id(900)});
  CHECK(ids == std::vector<Uuid>{key_ids.at(closed[0])});
  check_gone(*keystore, {closed[0]});
  CHECK(outcome_of(keystore->ensure({test_id(900)}, DataClass::personal)) == "erased");
  check_open(*keystore, {closed[1]});
  keystore->reopen_subjects({closed[0], test_id(900)});
  check_open(*keystore, closed);
  CHECK(keystore->ensure({test_id(900)}, DataClass::personal));
}

TEST_CASE_FIXTURE(Erasing, "no mixture of older and newer files opens a destroyed key") {
  const auto gone = subjects(100, 5);
  const auto stay = subjects(200, 50);
  const auto [before, after] = destroy(gone, stay);
  int opened = 0;
  for (unsigned choice = 0; choice < 8; ++choice) {
    Files mixed = after;
    mixed["slots.keys"] = (choice & 1 ? before : after).at("slots.keys");
    mixed["tree.keys"] = (choice & 2 ? before : after).at("tree.keys");
    mixed["epoch.keys"] = (choice & 4 ? before : after).at("epoch.keys");
    put_files(keys(), mixed);
    const auto keystore = Keystore::open(options());
    if (!keystore) continue;
    ++opened;
    for (const Uuid& id : gone) {
      const auto key = (*keystore)->key_by_id(key_ids.at(id));
      // Only with the old key of the epoch, which is in no backup.
      CHECK(key.has_value() == (choice == 7));
    }
  }
  CHECK(opened >= 3);
  for (const auto& [name, bytes] : after) {
    CAPTURE(name);
    CHECK(bytes.find(before.at("epoch.keys").substr(4, 56)) == std::string::npos);
  }
}

// Every state in which a crash can leave the files, made of the states before and after: the steps
// are those of keystore_destroy.cpp.
TEST_CASE_FIXTURE(Erasing, "a destruction that is cut off at any step goes on") {
  const auto gone = subjects(100, 3);
  const auto stay = subjects(200, 300);
  const auto [before, after] = destroy(gone, stay);
  const std::string both = before.at("epoch.keys").substr(0, kEpochSlotBytes) +
                           after.at("epoch.keys").substr(kEpochSlotBytes);
  REQUIRE(both != before.at("epoch.keys"));
  REQUIRE(both != after.at("epoch.keys"));

  const auto check = [&](Files files) {
    put_files(keys(), files);
    {
      const auto keystore = open();
      CHECK(keystore->damaged_slots() == 0);
      check_open(*keystore, stay);
      REQUIRE(keystore->destroy_subjects(gone));
      check_gone(*keystore, gone);
      check_open(*keystore, stay);
    }
    const auto keystore = open();
    check_gone(*keystore, gone);
    check_open(*keystore, stay);
    CHECK_FALSE(fs::exists(keys() + "/tree.next"));
    const std::string epochs = file_text(keys() + "/epoch.keys");
    const auto is_zero = [](const std::string& slot) {
      return slot.find_first_not_of('\0') == std::string::npos;
    };
    CHECK(is_zero(epochs.substr(0, kEpochSlotBytes)) != is_zero(epochs.substr(kEpochSlotBytes)));
  };

  Files state = before;
  state["epoch.keys"] = both;
  SUBCASE("behind the key of the next epoch") { check(state); }
  SUBCASE("within the key of the next epoch") {
    state["epoch.keys"] = both.substr(0, kEpochSlotBytes + 40) + std::string(472, '\0');
    check(state);
  }
  state["tree.next"] = after.at("tree.keys");
  SUBCASE("behind the next tree") { check(state); }
  SUBCASE("among the slots") {
    std::mt19937_64 random(1);
    for (int i = 0; i < 20; ++i) {
      std::string mixed = before.at("slots.keys");
      for (std::size_t at = 0; at < mixed.size(); at += kKeySlotBytes) {
        if (random() % 2 == 0)
          mixed.replace(at, kKeySlotBytes, after.at("slots.keys").substr(at, kKeySlotBytes));
      }
      state["slots.keys"] = mixed;
      check(state);
    }
  }
  state["slots.keys"] = after.at("slots.keys");
  SUBCASE("behind the slots") { check(state); }
  state["tree.keys"] = after.at("tree.keys");
  state.erase("tree.next");
  SUBCASE("behind the tree") { check(state); }
}

TEST_CASE_FIXTURE(Erasing,
                  "a destruction that fails half-way goes on at the next start, not before") {
  const auto gone = subjects(100, 3);
  const auto stay = subjects(200, 300);
  const fs::path tree = fs::path(keys()) / "tree.keys";
  const fs::path kept = fs::path(directory / "kept");
  {
    const auto keystore = open();
    fill(*keystore, stay);
    fill(*keystore, gone);
    fs::rename(tree, kept);
    fs::create_directory(tree);  // nothing takes its place
    CHECK(outcome_of(keystore->destroy_subjects(gone)) == "io_error");
    for (int tries = 0; tries < 3; ++tries)
      CHECK(outcome_of(keystore->destroy_subjects(gone)) == "unavailable");
    check_open(*keystore, stay);
    check_gone(*keystore, gone);
    fs::remove(tree);
    fs::rename(kept, tree);
  }
  const auto keystore = open();
  check_open(*keystore, stay);
  REQUIRE(keystore->destroy_subjects(gone));
  check_open(*keystore, stay);
  check_gone(*keystore, gone);
}

TEST_CASE_FIXTURE(Erasing, "a damaged key does not keep others from being destroyed") {
  const auto gone = subjects(100, 3);
  const auto stay = subjects(200, 600);
  const Uuid damaged = test_id(200);
  {
    const auto keystore = open();
    fill(*keystore, stay);
    fill(*keystore, gone);
  }
  std::string slots = file_text(keys() + "/slots.keys");
  for (std::size_t at = 0; at < slots.size(); at += kKeySlotBytes) {
    auto slot = decode_key_slot(slots.substr(at, kKeySlotBytes));
    if (!slot || slot->state == KeySlotState::free || slot->subject != damaged) continue;
    slot->set_wrapped(std::string(40, 'x'));
    slots.replace(at, kKeySlotBytes, encode_key_slot(*slot));
  }
  std::ofstream(keys() + "/slots.keys", std::ios::binary) << slots;
  {
    const auto keystore = open();
    REQUIRE(keystore->destroy_subjects(gone));
    REQUIRE(keystore->destroy_subjects(subjects(201, 200)));
  }
  const auto keystore = open();
  check_open(*keystore, subjects(401, 399));
  check_gone(*keystore, subjects(201, 200));
  CHECK(outcome_of(keystore->key_by_id(key_ids.at(damaged))) == "corrupt");
}

TEST_CASE_FIXTURE(Erasing, "replicas keep the key of the epoch, and lose it together") {
  const auto gone = subjects(100, 2);
  const auto stay = subjects(200, 20);
  {
    const auto keystore = open();
    fill(*keystore, stay);
    fill(*keystore, gone);
  }
  replicas = {directory / "second", directory / "third"};
  open().reset();
  const std::string epoch = file_text(directory / "second/epoch.keys");
  CHECK(epoch.size() == 2 * kEpochSlotBytes);

  SUBCASE("the key comes back from a replica") {
    fs::remove(keys() + "/epoch.keys");
    check_open(*open(), stay);
    CHECK(fs::exists(keys() + "/epoch.keys"));
  }
  SUBCASE("a destruction reaches all of them") {
    const auto done = open()->destroy_subjects(gone);
    REQUIRE(done);
    CHECK(done->places == "files in 3 places");
    for (const char* place : {"second", "third", "keys"}) {
      const std::string now = file_text(directory / (std::string(place) + "/epoch.keys"));
      CHECK(now.find(epoch.substr(4, 56)) == std::string::npos);
    }
  }
  SUBCASE("one that was away loses the old key when it comes back") {
    const auto kept = files_in(directory / "third");
    REQUIRE(open()->destroy_subjects(gone));
    put_files(directory / "third", kept);
    open().reset();
    CHECK(file_text(directory / "third/epoch.keys").find(epoch.substr(4, 56)) == std::string::npos);
  }
  SUBCASE("one that cannot be written stops the destruction, which then goes on") {
    const auto keystore = open();
    fs::rename(directory / "third/epoch.keys", directory / "third/away");
    fs::create_directory(directory / "third/epoch.keys");
    CHECK(outcome_of(keystore->destroy_subjects(gone)) == "io_error");
    check_gone(*keystore, gone);
    check_open(*keystore, stay);
    fs::remove(directory / "third/epoch.keys");
    fs::rename(directory / "third/away", directory / "third/epoch.keys");
    REQUIRE(keystore->destroy_subjects(gone));
    CHECK(file_text(directory / "third/epoch.keys").find(epoch.substr(4, 56)) == std::string::npos);
    check_open(*keystore, stay);
  }
}

TEST_CASE_FIXTURE(Erasing, "keys are made and used while others are destroyed") {
  const auto keystore = open();
  fill(*keystore, subjects(1000, 400));
  std::atomic<bool> ends{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> users;
  for (unsigned user = 0; user < 3; ++user) {
    users.emplace_back([&, user] {
      for (unsigned i = 0; !ends; ++i) {
        const Uuid& stays = test_id(1200 + (i * 7 + user) % 200);
        const auto key = keystore->key_by_id(key_ids.at(stays));
        if (!key || key->key.view() != known.at(stays)) ++wrong;
        const auto fresh =
            keystore->key_for(test_id(100'000 + user * 10'000 + i % 500), DataClass::personal);
        if (!fresh) ++wrong;
      }
    });
  }
  for (unsigned i = 0; i < 40; ++i) REQUIRE(keystore->destroy_subjects(subjects(1000 + i * 5, 5)));
  ends = true;
  for (std::thread& user : users) user.join();
  CHECK(wrong == 0);
  check_gone(*keystore, subjects(1000, 200));
  check_open(*keystore, subjects(1200, 200));
}
