// Offline bundles: what is asked of a log for them, and what of a folder is kept.
#include "eventstore/bundle_writer.hpp"

#include "eventstore/audit_log_source.hpp"
#include "eventstore/bundle_export.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/signed_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

// A log in memory that is signed when it is asked for; sources of one key may be different logs.
class SmallLog {
 public:
  explicit SmallLog(int events) {
    fs::permissions(keys_.path(), fs::perms::owner_all);
    std::vector<NewEvent> added;
    for (int i = 0; i < events; ++i) {
      NewEvent event = test_event("DealWon", {"deal:" + std::to_string(i)});
      add_slot(event, "customer.personal", "ciphertext " + std::to_string(i));
      added.push_back(std::move(event));
    }
    REQUIRE(append_and_wait(*store_, request_of(std::move(added))));
    SignedLogOptions options;
    options.signer = {keys_.path().string(), std::string(64, '5'), store_->log_id()};
    audit_ = make_signed_log(*store_, std::move(options));
  }
  const AuditLog& audit() const { return *audit_; }
  std::string vkey() const { return audit_->identity()->vkey; }

 private:
  TempDir keys_;
  ManualClock clock_;
  std::unique_ptr<EventStore> store_ = make_memory_event_store(clock_);
  std::unique_ptr<AuditLog> audit_;
};

// Notes what is read, and changes it where told.
class WatchedSource final : public LogSource {
 public:
  explicit WatchedSource(const AuditLog& log) : log_(make_audit_log_source(log)) {}

  std::string name() const override { return log_->name(); }
  Result<MaybeFile> read(const std::string& path, std::size_t bytes_max) override {
    paths.push_back(path);
    if (const auto other = instead.find(path); other != instead.end())
      return MaybeFile({other->second, false});
    return log_->read(path, bytes_max);
  }
  Result<std::string> claimed_vkey() override { return log_->claimed_vkey(); }
  Status check_identity(const VerifierKey& key, const Checkpoint& checkpoint) override {
    return log_->check_identity(key, checkpoint);
  }

  std::size_t count(std::string_view folder) const {
    return static_cast<std::size_t>(std::count_if(
        paths.begin(), paths.end(), [&](const auto& path) { return path.starts_with(folder); }));
  }
  std::vector<std::string> paths;
  std::map<std::string, std::string> instead;

 private:
  std::unique_ptr<LogSource> log_;
};

BundleContent content_of(const SmallLog& log, bool ciphertexts = false) {
  BundleContent content;
  content.vkey = log.vkey();
  content.ciphertexts = ciphertexts;
  return content;
}

Result<std::uint64_t> export_to(const std::string& folder, const SmallLog& log,
                                std::vector<std::string>* paths = nullptr) {
  WatchedSource source(log.audit());
  auto events = export_bundle(source, content_of(log), folder, {});
  if (paths != nullptr) *paths = source.paths;
  return events;
}

}  // namespace

TEST_CASE("ciphertexts are not asked for unless the bundle has them") {
  const SmallLog log(300);
  for (const bool wanted : {false, true}) {
    WatchedSource source(log.audit());
    BundleWriter writer(source, content_of(log, wanted));
    std::size_t files = 0;
    while (writer.next().value()) ++files;
    CHECK(files == (wanted ? 12 : 10));
    CHECK(source.count("ciphertexts/") == (wanted ? 2 : 0));
    CHECK(source.count("records/") == 2);
  }
}

TEST_CASE("a log whose manifest would get too long is refused before it is read") {
  const SmallLog log(1);
  const NoteSigner signer("log.example", SecretKey::random());
  struct Case {
    std::uint64_t events;
    bool ciphertexts, fits;
  };
  for (const Case& one : {Case{125'000'000, false, true}, Case{130'000'000, false, false},
                          Case{95'000'000, true, true}, Case{100'000'000, true, false},
                          Case{std::uint64_t{1} << 62, false, false}}) {
    WatchedSource source(log.audit());
    source.instead["checkpoint"] = signer.sign(Checkpoint{"log.example", one.events, {}}.text());
    BundleContent content;
    content.vkey = signer.verifier().to_string();
    content.ciphertexts = one.ciphertexts;
    BundleWriter writer(source, content);
    const auto first = writer.next();
    CHECK_MESSAGE(first.has_value() == one.fits, one.events);
    if (!one.fits) CHECK(first.error().code == ErrorCode::limit_exceeded);
  }
}

TEST_CASE("a tile in the folder is kept if it is whole and that of the log") {
  const TempDir folder;
  const std::string out = folder / "out";
  const SmallLog log(600);
  REQUIRE(export_to(out, log).value() == 600);
  std::map<std::string, std::string> sound;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    if (entry.is_regular_file()) sound[entry.path()] = file_text(entry.path());
  }
  std::vector<std::string> paths;
  REQUIRE(export_to(out, log, &paths));
  CHECK(std::count(paths.begin(), paths.end(), "records/000") == 0);
  CHECK(std::count(paths.begin(), paths.end(), "records/001") == 0);
  for (const std::string path :
       {"records/000", "tile/entries/001", "tile/0/001", "records/002.p/88", "log", "checkpoint",
        "manifest.json", "tile/1/000.p/2"}) {
    std::string bytes = file_text(out + "/" + path);
    for (const std::string& bad : {std::string(), bytes.substr(0, bytes.size() / 2), bytes + "x",
                                   bytes.substr(1) + bytes.substr(0, 1)}) {
      std::ofstream(out + "/" + path, std::ios::binary) << bad;
      CHECK_MESSAGE(export_to(out, log), path);
      for (const auto& file : sound)
        CHECK_MESSAGE(file_text(file.first) == file.second, file.first);
    }
  }
}

TEST_CASE("the folder of another log, or of a log that was changed, is left as it is") {
  const TempDir folder;
  const std::string out = folder / "out";
  const SmallLog log(600);
  const SmallLog other(600);
  REQUIRE(export_to(out, log));
  const std::string manifest = file_text(out + "/manifest.json");
  CHECK(export_to(out, other).error().code == ErrorCode::already_exists);
  // What it says of itself is gone; its events still tell.
  const std::string own = file_text(out + "/log");
  const std::string checkpoint = file_text(out + "/checkpoint");
  fs::remove(out + "/log");
  fs::remove(out + "/checkpoint");
  const auto mixed = export_to(out, other);
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().code == ErrorCode::corrupt);
  CHECK(mixed.error().position == 1);
  CHECK(file_text(out + "/manifest.json") == manifest);
  // A smaller or another tree signed by the same key.
  std::ofstream(out + "/log", std::ios::binary) << own;
  const auto with_lines = [&](const std::string& size, const std::string& root) {
    const std::size_t first = checkpoint.find('\n') + 1;
    const std::size_t second = checkpoint.find('\n', first) + 1;
    const std::size_t third = checkpoint.find('\n', second);
    return checkpoint.substr(0, first) + size + "\n" +
           (root.empty() ? checkpoint.substr(second, third - second) : root) +
           checkpoint.substr(third);
  };
  for (const std::string& held :
       {with_lines("601", ""), with_lines("600", std::string(43, 'A') + "=")}) {
    std::ofstream(out + "/checkpoint", std::ios::binary) << held;
    CHECK(export_to(out, log).error().code == ErrorCode::corrupt);
    CHECK(file_text(out + "/checkpoint") == held);
  }
  std::ofstream(out + "/checkpoint", std::ios::binary) << with_lines("599", "");
  CHECK(export_to(out, log));
  CHECK(file_text(out + "/checkpoint") == checkpoint);
  CHECK(file_text(out + "/manifest.json") == manifest);
}
