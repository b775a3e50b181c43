// What the keystore does when its disk is full or its files do not read: a clear error, and never a
// new key in place of one that is there.
#include "eventstore/keystore.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

// While it lives no file of this process grows beyond `bytes`, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit full{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

std::vector<Uuid> subjects(std::uint64_t first, std::uint64_t count) {
  std::vector<Uuid> ids;
  for (std::uint64_t i = 0; i < count; ++i) ids.push_back(test_id(first + i));
  return ids;
}

// A keystore with the key of one subject.
struct Fixture {
  TempDir directory;
  ManualClock clock;
  const Uuid subject = test_id(1);
  Uuid key_id;

  Fixture() { key_id = open()->key_for(subject, DataClass::personal).value().key_id; }

  KeystoreOptions options() {
    KeystoreOptions options;
    options.directory = directory / "keys";
    options.seal_id = test_id(1);
    options.clock = &clock;
    options.create = false;
    options.subjects_ahead = 2;
    return options;
  }
  std::unique_ptr<Keystore> open() {
    KeystoreOptions wanted = options();
    wanted.create = true;
    auto keystore = Keystore::open(wanted);
    REQUIRE(keystore);
    return std::move(*keystore);
  }
  std::string file(const std::string& name) { return directory / ("keys/" + name); }
  void check_key_is_there() {
    const auto keystore = open();
    CHECK(keystore->key_by_id(key_id));
    CHECK(keystore->key_for(subject, DataClass::personal).value().key_id == key_id);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "on a full disk no key is made, the keys that are there still open") {
  {
    const auto keystore = open();
    std::string made;
    std::string again;
    std::string known;
    std::string opened;
    {
      const FullDisk full(fs::file_size(file("slots.keys")));
      made = outcome_of(keystore->ensure(subjects(100, 2000), DataClass::personal));
      again = outcome_of(keystore->key_for(test_id(100), DataClass::personal));
      known = outcome_of(keystore->key_for(subject, DataClass::personal));
      opened = outcome_of(keystore->key_by_id(key_id));
    }
    CHECK(made == "io_error");
    CHECK(again == "unavailable");
    CHECK(known == "ok");
    CHECK(opened == "ok");
    CHECK(outcome_of(keystore->ensure(subjects(100, 1), DataClass::personal)) == "unavailable");
  }
  check_key_is_there();
  CHECK(open()->ensure(subjects(100, 2000), DataClass::personal));
}

TEST_CASE_FIXTURE(Fixture, "on a full disk no new subject is given out") {
  const auto keystore = open();
  const FullDisk full(0);
  REQUIRE_FALSE(keystore->ensure(subjects(100, 2000), DataClass::personal));
  std::string outcome = "ok";
  for (int i = 0; i < 10 && outcome == "ok"; ++i) outcome = outcome_of(keystore->new_subject());
  CHECK(outcome == "unavailable");
}

TEST_CASE("a keystore that cannot be made for want of space says so and is made later") {
  TempDir directory;
  ManualClock clock;
  KeystoreOptions options;
  options.directory = directory / "keys";
  options.seal_id = test_id(1);
  options.clock = &clock;
  std::string outcome;
  {
    const FullDisk full(0);
    outcome = outcome_of(Keystore::open(options));
  }
  CHECK(outcome == "io_error");
  CHECK(outcome_of(Keystore::open(options)) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a file that does not read is an error, and nothing takes its place") {
  for (const char* name : {"slots.keys", "tree.keys", "epoch.keys", "root.key"}) {
    CAPTURE(name);
    fs::rename(file(name), file("kept"));
    REQUIRE(fs::create_directory(file(name)));  // opens or reads as an error, for any user
    fs::permissions(file(name), fs::perms::owner_all);
    CHECK(outcome_of(Keystore::open(options())) == "io_error");
    CHECK(fs::is_directory(file(name)));
    fs::remove(file(name));
    fs::rename(file("kept"), file(name));
    check_key_is_there();
  }
}

TEST_CASE_FIXTURE(Fixture, "a missing slot file is not made anew") {
  fs::rename(file("slots.keys"), file("kept"));
  for (const bool create : {false, true}) {
    KeystoreOptions wanted = options();
    wanted.create = create;
    const auto opened = Keystore::open(wanted);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::corrupt);
    CHECK(opened.error().message.find("slots.keys") != std::string::npos);
    CHECK_FALSE(fs::exists(file("slots.keys")));
  }
  fs::rename(file("kept"), file("slots.keys"));
  check_key_is_there();
}
