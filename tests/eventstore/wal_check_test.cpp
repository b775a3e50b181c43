// The write-ahead log: what is torn is cut off, what is damaged refuses.
#include "eventstore/wal_check.hpp"

#include "eventstore/crc32c.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/wal_reader.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A closed log whose events are all in one write-ahead log file.
struct WalFixture {
  TempDir directory;
  ManualClock clock;
  fs::path wal;
  std::string bytes;

  EventStoreOptions options() {
    EventStoreOptions options;
    options.directory = directory / "log";
    options.clock = &clock;
    options.flush_on_close = false;
    return options;
  }

  explicit WalFixture(const std::vector<std::size_t>& data_sizes) {
    auto store = open_rocksdb_event_store(options()).value();
    for (const std::size_t size : data_sizes)
      REQUIRE(
          append_and_wait(*store, request_of({test_event("A", {"t:1"}, std::string(size, 'd'))})));
    store.reset();
    for (const auto& entry : fs::directory_iterator(options().directory)) {
      if (entry.path().extension() == ".log") wal = entry.path();
    }
    bytes = file_text(wal);
    REQUIRE_FALSE(bytes.empty());
  }

  // Where the last record begins.
  std::size_t last_record() const {
    std::size_t last = 0;
    for (std::size_t cut = bytes.size() - 1; last == 0; --cut)
      last = read_wal(std::string_view(bytes).substr(0, cut), [](std::string_view) {}).good_bytes;
    return last;
  }

  // What check_wal would say, without a file.
  static bool is_refused(const std::string& content) {
    const WalEnd end = read_wal(content, [](std::string_view) {});
    return !end.clean && end.written_behind;
  }

  std::string check_with(const std::string& content) {
    write_file(wal, content);
    return outcome_of(check_wal(options().directory));
  }
};

}  // namespace

TEST_CASE("CRC-32C of RFC 3720 B.4, whole or in parts") {
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  CHECK(crc32c("123456789") == 0xE3069283);
  CHECK(crc32c("56789", crc32c("1234")) == 0xE3069283);
}

TEST_CASE("every record of a write-ahead log is read, also one of several blocks") {
  const WalFixture fixture({10, 100'000, 10});
  std::vector<std::size_t> sizes;
  const WalEnd end =
      read_wal(fixture.bytes, [&](std::string_view record) { sizes.push_back(record.size()); });
  CHECK(end.clean);
  CHECK(end.good_bytes == fixture.bytes.size());
  REQUIRE(sizes.size() >= 3);
  CHECK(sizes[sizes.size() - 2] > 100'000);
}

TEST_CASE("a flipped bit anywhere before the last record is refused") {
  WalFixture fixture({10, 300, 10, 5});
  const std::size_t last = fixture.last_record();
  for (std::size_t i = 0; i < last; ++i) {
    for (const int bit : {0x01, 0x04, 0x80}) {
      std::string content = fixture.bytes;
      content[i] = static_cast<char>(content[i] ^ bit);
      CAPTURE(i);
      REQUIRE(WalFixture::is_refused(content));
      if (i % 97 == 0) CHECK(fixture.check_with(content) == "corrupt");
    }
  }
}

TEST_CASE("a flipped bit before the last record is refused in records of several blocks too") {
  const WalFixture fixture({40'000, 70'000, 33'000, 5});
  const std::size_t last = fixture.last_record();
  for (std::size_t i = 0; i < last; i += 211) {
    std::string content = fixture.bytes;
    content[i] = static_cast<char>(content[i] ^ 0x10);
    CAPTURE(i);
    CHECK(WalFixture::is_refused(content));
  }
}

TEST_CASE("a store with a damaged write-ahead log does not open, and opens once it is mended") {
  WalFixture fixture({10, 300, 10, 5});
  std::string content = fixture.bytes;
  content[fixture.last_record() / 2] ^= 1;
  write_file(fixture.wal, content);
  const auto opened = open_rocksdb_event_store(fixture.options());
  CHECK(outcome_of(opened) == "corrupt");
  CHECK(opened.error().message.find("is damaged at byte") != std::string::npos);
  write_file(fixture.wal, fixture.bytes);
  CHECK(open_rocksdb_event_store(fixture.options()).value()->head() == Position(4));
}

TEST_CASE("a last record cut off anywhere is dropped, and the log goes on before it") {
  const WalFixture original({10, 300, 10, 40'000});
  const std::size_t last = original.last_record();
  for (std::size_t size = last; size < original.bytes.size(); size += 9001) {
    WalFixture fixture({10, 300, 10, 40'000});
    write_file(fixture.wal, fixture.bytes.substr(0, size));
    auto store = open_rocksdb_event_store(fixture.options());
    REQUIRE(store);
    CHECK((*store)->head() == Position(3));
    CHECK(append_and_wait(**store, request_of({test_event("B", {"t:1"})}))->first == Position(4));
    store->reset();
    CHECK(open_rocksdb_event_store(fixture.options()).value()->head() == Position(4));
  }
}

TEST_CASE("a last record whose pages were not all written is dropped") {
  WalFixture fixture({10, 300, 10, 9'000});
  std::string content = fixture.bytes;
  const std::size_t last = fixture.last_record();
  SUBCASE("its end is zero") { content.replace(last + 2000, 3000, 3000, '\0'); }
  SUBCASE("all of it is zero") {
    content.replace(last, content.size() - last, content.size() - last, '\0');
  }
  SUBCASE("its beginning is zero") { content.replace(last, 2000, 2000, '\0'); }
  write_file(fixture.wal, content);
  CHECK(open_rocksdb_event_store(fixture.options()).value()->head() == Position(3));
}

TEST_CASE(
    "a last record that became garbage from any byte on is dropped, whatever the garbage says") {
  const WalFixture fixture({10, 300, 10, 20'000});
  const std::size_t last = fixture.last_record();
  std::mt19937_64 random(11);
  for (int round = 0; round < 4000; ++round) {
    std::string content = fixture.bytes;
    for (std::size_t i = last + random() % 8; i < content.size(); ++i)
      content[i] = static_cast<char>(random());
    CAPTURE(round);
    REQUIRE_FALSE(WalFixture::is_refused(content));
  }
}

TEST_CASE("a flipped bit in the record before a torn one is refused if that one has its number") {
  const WalFixture fixture({10, 300, 40'000, 600});
  const std::size_t last = fixture.last_record();
  for (std::size_t i = last - 30'000; i < last; i += 97) {
    std::string content = fixture.bytes.substr(0, last + 200);
    content[i] = static_cast<char>(content[i] ^ 0x10);
    CAPTURE(i);
    CHECK(WalFixture::is_refused(content));
  }
}

TEST_CASE("a torn file is fine only if the next one goes on where it stopped") {
  WalFixture fixture({10, 300, 10, 5});
  const std::string next = fixture.options().directory + "/999999.log";
  const std::size_t last = fixture.last_record();
  const std::string torn = fixture.bytes.substr(0, fixture.bytes.size() - 3);
  std::string only_last = fixture.bytes.substr(last);
  SUBCASE("it does") {
    write_file(next, only_last);
    CHECK(fixture.check_with(torn) == "ok");
    CHECK(file_text(fixture.wal).size() == last);
  }
  SUBCASE("a record is missing between them") {
    write_file(next, only_last);
    CHECK(fixture.check_with(fixture.bytes.substr(0, last - 3)) == "corrupt");
  }
}

TEST_CASE("a folder without write-ahead logs is fine, a missing one is not") {
  const TempDir directory;
  CHECK(outcome_of(check_wal(directory.path().string())) == "ok");
  CHECK(outcome_of(check_wal(directory / "missing")) == "io_error");
}
