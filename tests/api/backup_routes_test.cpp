// Backups over HTTP: one at a time, beside everything else, from this machine only.
#include "api/backup_job.hpp"
#include "core/es/json_reader.hpp"
#include "tests/api/api_fixture.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace factum;
using namespace factum::test;

namespace {

// Backups that end when the test says so.
class SlowBackups final : public LogBackups {
 public:
  Result<LogBackup> make(const WorkWatch& watch) override {
    watch.on_progress("root", 7, 9);
    std::unique_lock lock(mutex_);
    while (!released_ && !watch.cancelled()) changed_.wait_for(lock, std::chrono::milliseconds(1));
    if (!released_) return fail(ErrorCode::unavailable, "the backup was interrupted");
    if (failing_) return fail(ErrorCode::io_error, "the disk is full");
    LogBackup backup;
    backup.id = static_cast<std::int64_t>(made_.size()) + 1;
    made_.push_back(backup);
    return backup;
  }
  Result<std::vector<LogBackup>> list(std::size_t /*count_max*/) const override {
    const std::lock_guard lock(mutex_);
    return made_;
  }
  Result<std::size_t> keep(std::size_t count) override { return kept_ = count; }

  void release(bool failing = false) {
    const std::lock_guard lock(mutex_);
    released_ = true;
    failing_ = failing;
    changed_.notify_all();
  }
  std::size_t kept() const { return kept_; }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  bool failing_ = false;
  std::vector<LogBackup> made_;
  std::size_t kept_ = 0;
};

struct Fixture {
  ApiFixture api;
  SlowBackups* backups = nullptr;
  std::unique_ptr<api::BackupJob> job;

  Fixture() {
    auto slow = std::make_unique<SlowBackups>();
    backups = slow.get();
    job = std::make_unique<api::BackupJob>(std::move(slow), api.clock);
    api.services.backups = job.get();
  }
  std::string last_run() {
    return json_member(api.call({"GET", "/v1/backups"}).body, "last_run").value_or("");
  }
  void wait_for_end() {
    while (member(last_run(), "running") == "true") std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("a backup is begun, looked at, refused while one runs, and listed at the end") {
  Fixture fixture;
  CHECK(fixture.last_run().empty());
  const auto begun = fixture.api.call(
      {"POST", "/v1/backups", "{\"keep\":3}", {{"content-type", "application/json"}}});
  CHECK(begun.status == 202);
  CHECK(member(begun.body, "running") == "true");
  const auto second = fixture.api.call({"POST", "/v1/backups"});
  CHECK(second.status == 409);
  CHECK(second.body.find("/problems/already_running") != std::string::npos);
  while (member(fixture.last_run(), "doing") != "root") std::this_thread::yield();
  CHECK(member(fixture.last_run(), "done") == "7");
  fixture.backups->release();
  fixture.wait_for_end();
  CHECK(member(fixture.last_run(), "id") == "1");
  CHECK(member(fixture.last_run(), "failure").empty());
  CHECK(fixture.backups->kept() == 3);
  CHECK(fixture.job->list()->size() == 1);
  CHECK(fixture.api.call({"POST", "/v1/backups"}).status == 202);
}

TEST_CASE("why a backup failed is told, and the end of the program does not wait for one") {
  Fixture fixture;
  CHECK(fixture.api.call({"POST", "/v1/backups"}).status == 202);
  fixture.backups->release(true);
  fixture.wait_for_end();
  CHECK(member(fixture.last_run(), "failure") == "the disk is full");
  Fixture other;
  CHECK(other.api.call({"POST", "/v1/backups"}).status == 202);
  other.job.reset();
}

TEST_CASE("backups are for this machine, and for a service with a folder of them") {
  Fixture fixture;
  for (const std::string method : {"GET", "POST"}) {
    CAPTURE(method);
    TestRequest remote{method, "/v1/backups"};
    remote.loopback = false;
    CHECK(fixture.api.call(remote).status == 403);
    ApiFixture without;
    CHECK(without.call({method, "/v1/backups"}).status == 503);
  }
  const auto wrong = fixture.api.call(
      {"POST", "/v1/backups", "{\"keep\":0}", {{"content-type", "application/json"}}});
  CHECK(wrong.status == 400);
}
