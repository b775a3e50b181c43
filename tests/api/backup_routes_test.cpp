// Backups over HTTP: one at a time, beside everything else, from this machine only.
#include "api/backup_job.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/support/eventually.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

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
  Result<std::vector<LogBackup>> list(std::size_t count_max) const override {
    const std::lock_guard lock(mutex_);
    listed_max_ = count_max;
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
  std::size_t listed_max() const {
    const std::lock_guard lock(mutex_);
    return listed_max_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  bool failing_ = false;
  std::vector<LogBackup> made_;
  std::size_t kept_ = 0;
  mutable std::size_t listed_max_ = 0;  // guarded by mutex_
};

// What DATA/serving says of the log and the run.
const api::ServedRun kServed{Uuid::parse("01980000-0000-7000-8000-000000000001").value(),
                             Uuid::parse("01980000-0000-7000-8000-000000000002").value()};

TestRequest post(const api::ServedRun& served, const std::string& more = {}) {
  return {"POST",
          "/v1/backups",
          "{\"log_id\":\"" + served.log_id.to_string() + "\",\"run\":\"" + served.run.to_string() +
              "\"" + more + "}",
          {{"content-type", "application/json"}}};
}

struct Fixture {
  ApiFixture api;
  SlowBackups* backups = nullptr;
  std::unique_ptr<api::BackupJob> job;

  Fixture() {
    auto slow = std::make_unique<SlowBackups>();
    backups = slow.get();
    job = std::make_unique<api::BackupJob>(std::move(slow), kServed, api.clock);
    api.services.backups = job.get();
  }
  std::string last_run() { return api.call({"GET", "/v1/backups/last"}).body; }
  void wait_for_end() {
    eventually("the end of the backup", [&] { return member(last_run(), "running") == "false"; });
  }
};

}  // namespace

TEST_CASE("a backup is begun, looked at, refused while one runs, and listed at the end") {
  Fixture fixture;
  CHECK(fixture.api.call({"GET", "/v1/backups/last"}).status == 404);
  const auto begun = fixture.api.call(post(kServed, ",\"keep\":3"));
  CHECK(begun.status == 202);
  CHECK(member(begun.body, "running") == "true");
  const auto second = fixture.api.call(post(kServed));
  CHECK(second.status == 409);
  CHECK(second.body.find("/problems/already_running") != std::string::npos);
  eventually("progress", [&] { return member(fixture.last_run(), "doing") == "root"; });
  CHECK(member(fixture.last_run(), "done") == "7");
  fixture.backups->release();
  fixture.wait_for_end();
  CHECK(member(fixture.last_run(), "id") == "1");
  CHECK(member(fixture.last_run(), "failure").empty());
  CHECK(fixture.backups->kept() == 3);
  const std::string list = fixture.api.call({"GET", "/v1/backups"}).body;
  CHECK(list.find("\"data\":[{\"id\":1,") != std::string::npos);
  CHECK(member(json_member(list, "last_run").value_or(""), "id") == "1");
  CHECK(fixture.backups->listed_max() == 100);
  CHECK(fixture.api.call(post(kServed)).status == 202);
}

TEST_CASE("why a backup failed is told, and the end of the program does not wait for one") {
  Fixture fixture;
  CHECK(fixture.api.call(post(kServed)).status == 202);
  fixture.backups->release(true);
  fixture.wait_for_end();
  CHECK(member(fixture.last_run(), "failure") == "the disk is full");
  Fixture other;
  CHECK(other.api.call(post(kServed)).status == 202);
  other.job.reset();
}

TEST_CASE("whoever waits for a backup reads a reason of many names too") {
  api::BackupRun run;
  run.failure = std::string(9'000, 'x');
  const auto read = from_json<api::BackupRun>(to_json(run), {.stored = true});
  REQUIRE(read.has_value());
  CHECK(read->failure == run.failure);
}

TEST_CASE("a list that too many long answers wait before is refused, to be asked for again") {
  Fixture fixture;
  std::promise<void> end;
  const auto ended = end.get_future().share();
  const auto begun = std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t waiting = 0;
  const auto fill = [&] {
    while (fixture.api.services.background->run([ended, begun] {
      ++*begun;
      ended.wait();
    }))
      ++waiting;
  };
  fill();
  // Whoever begins later makes room for one more.
  eventually("every thread is busy", [&] { return *begun == api::Background::kThreads; });
  fill();
  CHECK(waiting >= 64);
  const auto refused = fixture.api.call({"GET", "/v1/backups"});
  CHECK(refused.status == 503);
  CHECK(refused.body.find("too many long answers") != std::string::npos);
  CHECK(refused.header("Retry-After") != nullptr);
  end.set_value();
  eventually("room", [&] { return fixture.api.call({"GET", "/v1/backups"}).status == 200; });
}

TEST_CASE("backups are for this machine, and for a service with a folder of them") {
  Fixture fixture;
  const TestRequest list{"GET", "/v1/backups"};
  const TestRequest last{"GET", "/v1/backups/last"};
  for (TestRequest request : {list, last, post(kServed)}) {
    CAPTURE(request.target);
    ApiFixture without;
    CHECK(without.call(request).status == 503);
    request.loopback = false;
    CHECK(fixture.api.call(request).status == 403);
  }
  CHECK(fixture.api.call(post(kServed, ",\"keep\":0")).status == 400);
}

TEST_CASE("a backup is made for who names the log and the run, and for nobody else") {
  Fixture fixture;
  for (const api::ServedRun& wrong :
       {api::ServedRun{kServed.run, kServed.run}, api::ServedRun{kServed.log_id, kServed.log_id}}) {
    const auto refused = fixture.api.call(post(wrong));
    CHECK(refused.status == 409);
    CHECK(refused.body.find("/problems/another_run") != std::string::npos);
  }
  const std::vector<api::Header> json{{"content-type", "application/json"}};
  CHECK(fixture.api.call({"POST", "/v1/backups", "{}", json}).status == 400);
  CHECK(fixture.last_run().find("not_found") != std::string::npos);
}
