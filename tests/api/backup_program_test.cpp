// Backups, restores and doctor as an operator meets them: the real program, killed and starved too.
#include "core/es/json_reader.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/program.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

const std::string kPerson = R"({"kind":"person","name":"Wang Fang"})";

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What it says when it fails is what one wants to see.
Outcome must(const TempDir& folder, const std::string& arguments) {
  const Outcome outcome = run(folder, arguments);
  REQUIRE_MESSAGE(outcome.code == 0, arguments << ": " << outcome.errors << outcome.output);
  return outcome;
}

// Writes customers from several connections and records, outside the program, what it promised.
class Recorder {
 public:
  explicit Recorder(std::uint16_t port) {
    for (int i = 0; i < 3; ++i) threads_.emplace_back([this, port] { write(port); });
  }
  ~Recorder() { stop(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  // Customer ids by position.
  std::map<std::uint64_t, std::string> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  void wait_for(std::size_t count) const {
    eventually("acknowledgements", [&] { return acknowledged().size() >= count; });
  }

 private:
  void write(std::uint16_t port) {
    HttpClient client(port);
    while (!stopping_) {
      const auto answer = client.call("POST", "/v1/customers", kPerson, write_headers());
      if (answer.status != 201) return;  // the program is gone
      const std::lock_guard lock(mutex_);
      acknowledged_.emplace(number_of(member(answer.body, "position")), member(answer.body, "id"));
    }
  }

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::string> acknowledged_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

std::uint64_t newest_head(const TempDir& folder) {
  std::string newest;
  for (const auto& entry : fs::directory_iterator(folder / "d.backups/manifests")) {
    // What a kill left unfinished is no manifest.
    if (entry.path().extension() != ".new") newest = std::max(newest, entry.path().string());
  }
  return number_of(member(file_text(newest), "head"));
}

// Answers of all lists, reports and views of the customers, by their path.
std::map<std::string, std::string> answers_of(ServedProgram& program,
                                              const std::vector<std::string>& customers) {
  ApiFixture api;
  std::map<std::string, std::string> answers;
  const auto ask = [&](const std::string& path) {
    const auto response = program.call("GET", path + "?min_position=1");
    const auto plain = response.status == 200 ? response : program.call("GET", path);
    if (plain.status == 200) answers[path] = plain.body;
  };
  for (const auto& route : api.router.routes()) {
    const std::string& path = route->pattern;
    if (route->method != "GET" || !path.starts_with("/v1/") || path.starts_with("/v1/audit") ||
        path.starts_with("/v1/backups"))
      continue;
    if (path.find('{') == std::string::npos) ask(path);
    if (!path.starts_with("/v1/customers/{id}")) continue;
    for (const std::string& id : customers) ask("/v1/customers/" + id + path.substr(18));
  }
  return answers;
}

// The views of these customers as of a position, by their path.
std::map<std::string, std::string> as_of_answers(ServedProgram& program,
                                                 const std::vector<std::string>& customers,
                                                 std::uint64_t position) {
  std::map<std::string, std::string> answers;
  for (const std::string& id : customers) {
    for (const std::string view : {"360", "timeline", "purchases"}) {
      const std::string path =
          "/v1/customers/" + id + "/" + view + "?as_of=" + std::to_string(position);
      const auto response = program.call("GET", path);
      if (response.status == 200) answers[path] = response.body;
    }
  }
  return answers;
}

std::uint64_t signed_size(ServedProgram& program) {
  const auto lines = lines_of(program.call("GET", "/v1/audit/checkpoint").body);
  return lines.size() < 2 ? 0 : number_of(lines[1]);
}

void wait_for_views(ServedProgram& program, std::uint64_t position) {
  eventually("the views", [&] {
    const auto ready = program.call("GET", "/readyz");
    bool there = ready.status == 200;
    for (std::size_t at = ready.body.find("\"lag\":"); at != std::string::npos;
         at = ready.body.find("\"lag\":", at + 1))
      there = there && ready.body[at + 6] == '0';
    return there && number_of(member(ready.body, "head")) >= position;
  });
}

}  // namespace

TEST_CASE("a busy server backs itself up; after its end everything acknowledged by then is there") {
  const TempDir folder;
  std::map<std::uint64_t, std::string> acknowledged;
  std::size_t before = 0;
  {
    ServedProgram server(folder, "d", "keys");
    Recorder recorder(server.port());
    recorder.wait_for(60);
    before = recorder.acknowledged().size();
    const auto first = must(folder, "backup --data d --keys keys");
    CHECK(first.output.starts_with("backup 1: "));
    must(folder, "backup --data d --keys keys --keep 1");
    // Signed beyond the backup, so that what is restored is older than what was signed.
    eventually("a checkpoint", [&] { return signed_size(server) > newest_head(folder); });
    server.kill();
    recorder.stop();
    acknowledged = recorder.acknowledged();
  }
  CHECK(lines_of(must(folder, "backup --data d --list").output).size() == 1);
  fs::copy_file(folder / "d/vkey", folder / "vkey");
  fs::remove_all(folder / "d");
  const auto restored = must(folder, "restore --from d.backups --to back --quiet");
  must(folder, "verify --data back --quiet --vkey \"$(cat vkey)\"");
  CHECK(restored.output.find("the same log") != std::string::npos);
  const std::uint64_t head = newest_head(folder);
  std::map<std::uint64_t, std::string> recorded;
  for (const std::string& line : lines_of(must(folder, "replay --data back --keys keys").output))
    recorded.emplace(number_of(member(line, "position")), line);
  CHECK(recorded.size() == head);
  std::size_t found = 0;
  for (const auto& [position, id] : acknowledged) {
    if (position > head) continue;
    CHECK(recorded.at(position).find(id) != std::string::npos);
    ++found;
  }
  CHECK(found >= before);
  CHECK(found < acknowledged.size());

  // It is older than what was signed: it reads and writes, signs nothing, and says so.
  ServedProgram server(folder, "back", "keys");
  CHECK(server.call("GET", "/v1/customers/" + acknowledged.begin()->second).status == 200);
  CHECK(server.call("POST", "/v1/customers", kPerson).status == 201);
  CHECK(server.call("GET", "/v1/audit/checkpoint").status == 503);
  const auto ready = server.call("GET", "/readyz");
  CHECK(ready.status == 200);
  CHECK(member(ready.body, "status") == "warn");
  CHECK(member(ready.body, "reason").find("from a backup") != std::string::npos);
  MESSAGE(before << " acknowledged before the backup, " << head << " events in it, "
                 << acknowledged.size() << " acknowledged at the end");
}

TEST_CASE("a log restored to an earlier point answers in every view as it did then") {
  const TempDir folder;
  must(folder, "demo --data d --size 20 --quiet");
  std::map<std::string, std::string> then;
  std::map<std::string, std::string> as_of;
  std::vector<std::string> customers;
  std::uint64_t cut = 0;
  const std::string tag = must(folder, "replay --data d --type UserAdded --limit 1").output;
  const std::string user = tag.substr(tag.find("user:"), 41);
  {
    ServedProgram server(folder, "d", "d.keys");
    server.act_as(user);
    for (int i = 0; i < 3; ++i) {
      const auto made = server.call("POST", "/v1/customers",
                                    R"({"kind":"person","name":"Li )" + std::to_string(i) +
                                        R"(","contact_points":[{"kind":"email","value":"li)" +
                                        std::to_string(i) + "@example.com\"}]}");
      REQUIRE_MESSAGE(made.status == 201, made.body);
      customers.push_back(member(made.body, "id"));
      cut = number_of(member(made.body, "position"));
    }
    wait_for_views(server, cut);
    then = answers_of(server, customers);
    CHECK(then.size() > 15);
    for (int i = 0; i < 5; ++i) CHECK(server.call("POST", "/v1/customers", kPerson).status == 201);
    for (const std::string& id : customers) {
      const auto called =
          server.call("POST", "/v1/interactions",
                      R"({"customer":")" + id + R"(","channel":"call","direction":"inbound"})");
      CHECK_MESSAGE(called.status == 201, called.body);
    }
    CHECK(answers_of(server, customers) != then);
    as_of = as_of_answers(server, customers, cut);
    CHECK(as_of.size() == 3 * customers.size());
    must(folder, "backup --data d");
  }
  must(folder,
       "restore --from d.backups --to back --keys d.keys --to-position " + std::to_string(cut));
  CHECK_FALSE(fs::exists(folder / "back.keys/signed"));
  CHECK_FALSE(fs::exists(folder / "back.keys/signing.key"));
  ServedProgram server(folder, "back", "back.keys");
  server.act_as(user);
  wait_for_views(server, cut);
  const auto now = answers_of(server, customers);
  CHECK(now.size() == then.size());
  for (const auto& [path, body] : then) {
    CAPTURE(path);
    CHECK(now.at(path) == body);
  }
  CHECK(as_of_answers(server, customers, cut) == as_of);
  // Another log: another origin and key, and an address that is taken stays taken.
  const auto checkpoint = server.call("GET", "/v1/audit/checkpoint");
  CHECK(checkpoint.status == 200);
  CHECK(checkpoint.body.substr(0, 60) != file_text(folder / "d/checkpoint").substr(0, 60));
  CHECK(member(server.call("GET", "/readyz").body, "status") == "pass");
  const auto twice = server.call(
      "POST", "/v1/customers",
      R"({"kind":"person","name":"Li","contact_points":[{"kind":"email","value":"li0@example.com"}]})");
  CHECK(twice.status == 422);
  CHECK_MESSAGE(twice.body.find("taken") != std::string::npos, twice.body);
}

namespace {

// Kills a restore; afterwards there is the whole log, or the same command works. True if killed.
bool kill_a_restore(const TempDir& folder, const std::string& to, const std::string& more,
                    const std::string& begun, std::chrono::microseconds after) {
  const std::string command = "restore --quiet --from d.backups --to " + to + more;
  const bool killed = run_and_kill_program(folder, command, begun, after);
  const bool part = !more.empty();
  if (!fs::exists(folder / (to + "/log"))) {
    CHECK(run(folder, "replay --keys d.keys --data " + to).code == 1);
    must(folder, command);
  }
  const auto again = run(folder, command);
  CHECK(again.code == 1);
  CHECK_MESSAGE(again.errors.find("never overwrites") != std::string::npos, again.errors);
  must(folder, "doctor --data " + to + " --keys " + (part ? to + ".keys" : "d.keys") +
                   (part ? " --backups none" : " --backups d.backups") + " --quiet");
  return killed;
}

// Kills backups and restores at random moments; what is there afterwards is whole or nothing.
void kill_in_the_middle(int rounds, std::uint64_t seed) {
  const TempDir folder;
  must(folder, "demo --data d --size 30 --quiet");
  must(folder, "backup --data d");
  std::mt19937_64 random(seed);
  const auto moment = [&] {
    return std::chrono::microseconds(random() % 3 == 0 ? 0 : random() % 60'000);
  };
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const std::string number = std::to_string(round);
    if (run_and_kill_program(folder, "backup --data d --quiet", "d.backups/unfinished", moment()))
      ++killed;
    if (kill_a_restore(folder, "back" + number, "", "back" + number + "/log.restoring", moment()))
      ++killed;
    const std::string early = "early" + number;
    const std::string phases[] = {".keys.part", ".keys", "/log.restoring"};
    const std::string part =
        " --to-position " + std::to_string(newest_head(folder)) + " --keys d.keys";
    if (kill_a_restore(folder, early, part, early + phases[round % 3], moment())) ++killed;
  }
  must(folder, "backup --data d");
  for (const std::string& line : lines_of(must(folder, "backup --data d --list").output)) {
    const std::string id = line.substr(7, line.find(':') - 7);
    must(folder, "restore --quiet --from d.backups --to check" + id + " --backup " + id);
  }
  MESSAGE(killed << " of " << 3 * rounds << " were killed before their end");
}

}  // namespace

TEST_CASE("a backup or restore that is killed leaves nothing that looks whole") {
  kill_in_the_middle(3, 1);
}

TEST_SUITE("slow") {
  TEST_CASE("a hundred backups and restores that are killed leave nothing that looks whole") {
    kill_in_the_middle(50, 20261122);
  }
}

TEST_CASE("a full disk ends a backup with a sentence, and the next one works") {
  const TempDir folder;
  must(folder, "demo --data d --size 120 --quiet");
  // Files beyond 200 KiB fail to grow, like files on a full disk; the log itself has smaller ones.
  const auto full = run(folder, "backup --data d --quiet", "trap '' XFSZ; ulimit -f 400;");
  CHECK(full.code == 1);
  CHECK(lines_of(full.errors).size() == 1);
  CHECK(run(folder, "backup --data d --list").output.empty());
  must(folder, "backup --data d");
  const auto restore =
      run(folder, "restore --from d.backups --to back --quiet", "trap '' XFSZ; ulimit -f 400;");
  CHECK(restore.code == 1);
  CHECK_FALSE(fs::exists(folder / "back/log"));
  must(folder, "restore --from d.backups --to back --quiet");
}

TEST_CASE("a file of a server that is gone leads to no other server's backup") {
  const TempDir folder;
  ServedProgram other(folder, "other", "other.keys");
  ServedProgram server(folder, "d", "keys");
  must(folder, "backup --data d --keys keys");
  // As a crash leaves it: the port was taken by another server since.
  const auto stale = lines_of(file_text(folder / "d/serving"));
  REQUIRE(stale.size() == 5);
  const auto tell = [&](const std::string& log_id, const std::string& run_id) {
    std::ofstream(folder / "d/serving") << stale[0] << "\n"
                                        << other.port() << "\n"
                                        << stale[2] << "\n"
                                        << log_id << "\n"
                                        << run_id << "\n";
    return run(folder, "backup --data d --keys keys --quiet");
  };
  const auto refused = tell(stale[3], stale[4]);
  CHECK(refused.code != 0);
  CHECK(refused.errors.find("another run of the program") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "other.backups"));
  // Even a server that says it made the backup is not believed: the one here is of another log.
  const auto theirs = lines_of(file_text(folder / "other/serving"));
  const auto foreign = tell(theirs[3], theirs[4]);
  CHECK(foreign.code != 0);
  CHECK_MESSAGE(foreign.errors.find("is not the one the server made") != std::string::npos,
                foreign.errors);
}

TEST_CASE("backups, data and keys lie apart, and every refusal says why") {
  const TempDir folder;
  must(folder, "demo --data d --size 1 --quiet");
  must(folder, "backup --data d");
  for (const std::string wrong :
       {"backup --data d --backups d/backups", "backup --data d --backups d.keys/b",
        "backup --data d --backups d", "backup --data d --keys-to d.backups/keys",
        "backup --data d --keys-to d/keys", "serve --data d --backups d/log",
        "restore --from d.backups --to x --to-position 1",
        "restore --from d.backups --to x --as-of yesterday",
        "restore --from d.backups --to d.backups/x", "backup --data d --keep 0"}) {
    CAPTURE(wrong);
    const auto refused = run(folder, wrong);
    CHECK(refused.code == 2);
    CHECK(lines_of(refused.errors).size() == 1);
  }
  CHECK(run(folder, "backup --data nothing").code == 1);
  CHECK(run(folder, "backup --data nothing --list").code == 1);
  CHECK(run(folder, "restore --from d.backups --backup 9 --to x").code == 1);
  CHECK_FALSE(fs::exists(folder / "x"));
}

TEST_CASE("copied keys open the log, without the root key only with it") {
  const TempDir folder;
  must(folder, "demo --data d --size 3 --quiet");
  must(folder, "backup --data d --keys-to safe/keys");
  CHECK_FALSE(fs::exists(folder / "safe/keys/root.key"));
  CHECK(run(folder, "backup --data d --keys-to safe/keys").code == 1);
  CHECK(run(folder, "rebuild --data d --keys safe/keys --quiet").code == 1);
  for (const char* name : {"root.key", "epoch.keys"})
    fs::copy(folder.path() / "d.keys" / name, folder.path() / "safe/keys" / name);
  must(folder, "rebuild --data d --keys safe/keys --quiet");
  must(folder, "backup --data d --keys-to all --with-root-key");
  CHECK(file_text(folder / "all/root.key") == file_text(folder / "d.keys/root.key"));
  CHECK(fs::status(folder / "all").permissions() == fs::perms::owner_all);
}

TEST_CASE("doctor finds nothing in a sound folder, and changes nothing") {
  const TempDir folder;
  must(folder, "demo --data d --size 5 --quiet");
  must(folder, "rebuild --data d --quiet");
  must(folder, "backup --data d");
  const auto bytes = [&] {
    std::map<std::string, std::string> files;
    for (const std::string name : {"d", "d.keys", "d.backups"})
      for (const auto& entry : fs::recursive_directory_iterator(folder / name))
        files[entry.path().string()] =
            entry.is_regular_file() ? file_text(entry.path().string()) : std::string("folder");
    return files;
  };
  const auto before = bytes();
  const auto outcome = must(folder, "doctor --data d");
  CHECK(before == bytes());
  for (const std::string& line : lines_of(outcome.output)) {
    const bool fine = line.starts_with("ok ") || line.starts_with("warning   disk");
    CHECK_MESSAGE(fine, line);
  }
  const auto json = must(folder, "doctor --data d --json");
  CHECK(lines_of(json.output).size() == lines_of(outcome.output).size());
  for (const std::string& line : lines_of(json.output)) CHECK(check_json_object(line));
}

TEST_CASE("doctor works beside a server and says what it could not look at") {
  const TempDir folder;
  ServedProgram server(folder, "d", "d.keys");
  Recorder recorder(server.port());
  recorder.wait_for(20);
  const auto outcome = run(folder, "doctor --data d --quiet");
  CHECK_MESSAGE(outcome.code == 0, outcome.output << outcome.errors);
  CHECK(outcome.output.find("a program has the folder open") != std::string::npos);
  CHECK(outcome.output.find("unchecked tail") != std::string::npos);
  CHECK(outcome.output.find("there is no backup") != std::string::npos);
  recorder.stop();
  CHECK(server.call("POST", "/v1/customers", kPerson).status == 201);
}

TEST_CASE("doctor names what is wrong") {
  const TempDir folder;
  must(folder, "demo --data d --size 20 --quiet");
  const auto finding = [&](const std::string& text) {
    const auto outcome = run(folder, "doctor --data d --quiet");
    CHECK_MESSAGE(outcome.output.find(text) != std::string::npos, outcome.output);
    return outcome.code;
  };
  CHECK(finding("warning   backups") == 0);
  fs::permissions(folder / "d.keys/epoch.keys", fs::perms::others_read, fs::perm_options::add);
  CHECK(finding("others have rights on d.keys/epoch.keys") == 4);
  fs::permissions(folder / "d.keys/epoch.keys", fs::perms::others_read, fs::perm_options::remove);
  must(folder, "demo --data e --size 1 --quiet");
  fs::rename(folder / "d.keys", folder / "kept");
  CHECK(finding("there are no keys in d.keys") == 4);
  fs::rename(folder / "e.keys", folder / "d.keys");
  CHECK(finding("are those of another log") == 4);
  fs::remove_all(folder / "d.keys");
  fs::rename(folder / "kept", folder / "d.keys");
  {
    std::fstream slots(folder / "d.keys/slots.keys",
                       std::ios::in | std::ios::out | std::ios::binary);
    slots.seekp(60);
    slots.put('\x55');
  }
  CHECK(finding("1 slots do not read") == 4);
  for (const auto& entry : fs::directory_iterator(folder / "d/log")) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 20'000) continue;
    std::fstream table(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(5000);
    table.write("damage", 6);
  }
  CHECK(finding("error     blocks") == 4);
  CHECK(run(folder, "doctor --data nothing").code == 4);
}
