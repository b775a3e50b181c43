#include "eventstore/keystore.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

struct KeystoreFixture {
  TempDir directory;
  ManualClock clock;

  KeystoreOptions options() {
    KeystoreOptions options;
    options.directory = directory / "keys";
    options.seal_id = test_id(1);
    options.clock = &clock;
    options.subjects_ahead = 8;
    return options;
  }
  std::unique_ptr<Keystore> open() {
    auto keystore = Keystore::open(options());
    REQUIRE(keystore);
    return std::move(*keystore);
  }
  std::string file(const std::string& name) { return directory / ("keys/" + name); }
  std::string reopen_error() { return outcome_of(Keystore::open(options())); }

  std::string read(const std::string& name) { return file_text(file(name)); }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(file(name), std::ios::binary) << bytes;
    fs::permissions(file(name), fs::perms::owner_read | fs::perms::owner_write);
  }
  // The number of the slot in which the key of a subject is.
  std::size_t slot_of(const Uuid& subject) {
    const std::string bytes = read("slots.keys");
    for (std::size_t i = 0; i < bytes.size() / kKeySlotBytes; ++i) {
      const auto slot = decode_key_slot(bytes.substr(i * kKeySlotBytes, kKeySlotBytes));
      if (slot && slot->state != KeySlotState::free && slot->subject == subject) return i;
    }
    FAIL("the subject has no slot");
    return 0;
  }
  void change_slot(std::size_t number, const std::string& content) {
    std::string bytes = read("slots.keys");
    bytes.replace(number * kKeySlotBytes, kKeySlotBytes, content);
    write("slots.keys", bytes);
  }
};

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("keys wrap and unwrap, and no changed byte or other key opens them") {
  const SecretKey wrapping = SecretKey::random();
  const SecretKey key = SecretKey::random();
  const std::string wrapped = wrap_key(wrapping, key);
  CHECK(unwrap_key(wrapping, wrapped).value().view() == key.view());
  CHECK(outcome_of(unwrap_key(SecretKey::random(), wrapped)) == "corrupt");
  CHECK(outcome_of(unwrap_key(wrapping, "short")) == "corrupt");
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    std::string changed = wrapped;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    CHECK(outcome_of(unwrap_key(wrapping, changed)) == "corrupt");
  }
}

TEST_CASE("a slot reads back, is 128 bytes, and any changed byte is noticed") {
  KeySlot slot;
  slot.state = KeySlotState::in_use;
  slot.data_class = DataClass::sensitive;
  slot.generation = 7;
  slot.key_id = test_id(1);
  slot.subject = test_id(2);
  slot.set_wrapped(std::string(40, 'w'));
  const std::string bytes = encode_key_slot(slot);
  CHECK(bytes.size() == kKeySlotBytes);
  const auto back = decode_key_slot(bytes);
  REQUIRE(back);
  CHECK(back->data_class == DataClass::sensitive);
  CHECK(back->generation == 7);
  CHECK(back->key_id == test_id(1));
  CHECK(back->subject == test_id(2));
  CHECK(back->wrapped() == std::string(40, 'w'));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(outcome_of(decode_key_slot(changed)) == "corrupt");
  }
  CHECK(decode_key_slot(std::string(kKeySlotBytes, '\0')).value().state == KeySlotState::free);
  CHECK(outcome_of(decode_key_slot("short")) == "corrupt");
}

TEST_CASE("folder and files belong to the user alone, and others' rights are refused") {
  KeystoreFixture fixture;
  fixture.open().reset();
  CHECK(mode_of(fixture.directory / "keys") == 0700);
  for (const char* name : {"root.key", "tree.keys", "epoch.keys", "slots.keys"})
    CHECK(mode_of(fixture.file(name)) == 0600);
  fs::permissions(fixture.file("root.key"), fs::perms::group_read, fs::perm_options::add);
  CHECK(fixture.reopen_error() == "unavailable");
  fs::permissions(fixture.file("root.key"), fs::perms::group_read, fs::perm_options::remove);
  fs::permissions(fixture.directory / "keys", fs::perms::others_exec, fs::perm_options::add);
  CHECK(fixture.reopen_error() == "unavailable");
}

TEST_CASE("a root key that cannot be looked at is no missing one") {
  KeystoreFixture fixture;
  fs::create_directory(fixture.directory / "keys");
  fs::permissions(fixture.directory / "keys", fs::perms::owner_all);
  fs::create_symlink("root.key", fixture.file("root.key"));
  CHECK(fixture.reopen_error() == "io_error");
  CHECK(fs::is_symlink(fixture.file("root.key")));
}

TEST_CASE("a keystore in the data folder is refused, by any spelling of the path") {
  KeystoreFixture fixture;
  fs::create_directory(fixture.directory / "data");
  fs::create_symlink(fixture.directory / "data", fixture.directory / "link");
  for (const char* place : {"data", "data/keys", "data/../data/keys", "link/keys"}) {
    KeystoreOptions options = fixture.options();
    options.data_directory = fixture.directory / "data";
    options.directory = fixture.directory / place;
    CHECK(outcome_of(Keystore::open(options)) == "invalid_argument");
  }
  KeystoreOptions beside = fixture.options();
  beside.data_directory = fixture.directory / "data";
  beside.directory = fixture.directory / "data.keys";
  CHECK(outcome_of(Keystore::open(beside)) == "ok");
}

TEST_CASE("bad options are refused") {
  KeystoreFixture fixture;
  KeystoreOptions options = fixture.options();
  options.clock = nullptr;
  CHECK(outcome_of(Keystore::open(options)) == "invalid_argument");
  options = fixture.options();
  options.directory = "";
  CHECK(outcome_of(Keystore::open(options)) == "invalid_argument");
  options = fixture.options();
  options.root_key_hex = "12";
  CHECK(outcome_of(Keystore::open(options)) == "invalid_argument");
  options.root_key_hex = std::string(64, 'g');
  CHECK(outcome_of(Keystore::open(options)) == "invalid_argument");
  options = fixture.options();
  options.directory = fixture.directory / "no/parent";
  CHECK(outcome_of(Keystore::open(options)) == "io_error");
}

TEST_CASE("a root key from outside is needed again, and is written nowhere") {
  KeystoreFixture fixture;
  KeystoreOptions options = fixture.options();
  options.root_key_hex = std::string(62, 'A') + "01";
  CHECK(outcome_of(Keystore::open(options)) == "ok");
  CHECK_FALSE(fs::exists(fixture.file("root.key")));
  CHECK(outcome_of(Keystore::open(options)) == "ok");
  CHECK(fixture.reopen_error() == "unavailable");
  options.root_key_hex = std::string(62, 'A') + "02";
  const auto wrong = Keystore::open(options);
  CHECK(outcome_of(wrong) == "invalid_argument");
  CHECK(wrong.error().message.find("root key does not open") != std::string::npos);
}

TEST_CASE("a second process on the keystore is refused") {
  KeystoreFixture fixture;
  const auto keystore = fixture.open();
  CHECK(fixture.reopen_error() == "locked");
}

TEST_CASE("damaged or missing files of the tree are named") {
  KeystoreFixture fixture;
  Uuid subject;
  {
    const auto keystore = fixture.open();
    subject = keystore->new_subject().value();
  }
  const std::string tree = fixture.read("tree.keys");
  fixture.write("tree.keys", tree.substr(0, tree.size() - 1));
  CHECK(fixture.reopen_error() == "corrupt");
  fs::remove(fixture.file("tree.keys"));
  CHECK(fixture.reopen_error() == "corrupt");
  fixture.write("tree.keys", tree);
  CHECK(fixture.reopen_error() == "ok");
  const std::string epoch = fixture.read("epoch.keys");
  fs::remove(fixture.file("epoch.keys"));
  CHECK(fixture.reopen_error() == "unavailable");
  fixture.write("epoch.keys", epoch);
  fs::remove(fixture.file("root.key"));
  CHECK(fixture.reopen_error() == "unavailable");
}

TEST_CASE("a first start that was cut off starts again") {
  KeystoreFixture fixture;
  fixture.open().reset();
  fs::remove(fixture.file("tree.keys"));  // written last
  CHECK(fixture.reopen_error() == "ok");
}

TEST_CASE("new subjects differ, have durable keys, and unused ones are given back on closing") {
  KeystoreFixture fixture;
  std::set<Uuid> subjects;
  {
    const auto keystore = fixture.open();
    for (int i = 0; i < 100; ++i) subjects.insert(keystore->new_subject().value());
  }
  CHECK(subjects.size() == 100);
  const std::string bytes = fixture.read("slots.keys");
  std::set<Uuid> on_disk;
  for (std::size_t i = 0; i < bytes.size() / kKeySlotBytes; ++i) {
    const KeySlot slot = decode_key_slot(bytes.substr(i * kKeySlotBytes, kKeySlotBytes)).value();
    if (slot.state == KeySlotState::in_use) on_disk.insert(slot.subject);
  }
  CHECK(on_disk == subjects);
}

TEST_CASE("a torn slot at the end is taken again, one amid others is reported as damage") {
  KeystoreFixture fixture;
  const Uuid first = test_id(1);
  const Uuid last = test_id(2);
  const Uuid next = test_id(3);
  Uuid key_of_first;
  Uuid key_of_next;
  {
    const auto keystore = fixture.open();
    REQUIRE(keystore->ensure({first}, DataClass::personal));
    REQUIRE(keystore->ensure({last}, DataClass::personal));
    key_of_first = keystore->key_for(first, DataClass::personal).value().key_id;
  }
  const std::size_t torn = fixture.slot_of(last);
  REQUIRE(fixture.slot_of(first) < torn);
  fixture.change_slot(torn, std::string(64, 'x') + std::string(64, '\0'));
  {
    const auto keystore = fixture.open();
    CHECK(keystore->damaged_slots() == 0);
    CHECK(keystore->key_by_id(key_of_first));
    CHECK(outcome_of(keystore->key_by_id(test_id(77))) == "erased");
    REQUIRE(keystore->ensure({next}, DataClass::personal));
    key_of_next = keystore->key_for(next, DataClass::personal).value().key_id;
  }
  // Which of the two lies before the other depends on the keys that were made ahead meanwhile.
  const bool in_order = fixture.slot_of(first) < fixture.slot_of(next);
  fixture.change_slot(fixture.slot_of(in_order ? first : next), std::string(kKeySlotBytes, 'x'));
  const auto keystore = fixture.open();
  CHECK(keystore->damaged_slots() == 1);
  CHECK(outcome_of(keystore->key_by_id(in_order ? key_of_first : key_of_next)) == "corrupt");
  CHECK(keystore->key_by_id(in_order ? key_of_next : key_of_first));
}

TEST_CASE("a destroyed key stays destroyed: nothing opens and no new key is made") {
  KeystoreFixture fixture;
  const Uuid subject = test_id(1);
  Uuid key_id;
  {
    const auto keystore = fixture.open();
    key_id = keystore->key_for(subject, DataClass::personal).value().key_id;
  }
  KeySlot destroyed;
  destroyed.state = KeySlotState::destroyed;
  destroyed.key_id = key_id;
  destroyed.subject = subject;
  fixture.change_slot(fixture.slot_of(subject), encode_key_slot(destroyed));
  const auto keystore = fixture.open();
  CHECK(outcome_of(keystore->key_by_id(key_id)) == "erased");
  CHECK(outcome_of(keystore->ensure({subject}, DataClass::personal)) == "erased");
  CHECK(outcome_of(keystore->key_for(subject, DataClass::personal)) == "erased");
}

TEST_CASE("a log that has events gets no new keys") {
  KeystoreFixture fixture;
  KeystoreOptions wanted = fixture.options();
  wanted.create = false;
  const auto missing = Keystore::open(wanted);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::unavailable);
  CHECK(missing.error().message.find("--keys") != std::string::npos);
  fixture.open();
  CHECK(Keystore::open(wanted));
}
