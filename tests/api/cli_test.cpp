// The program as a process: exit codes, messages, settings from line, environment and file.
#include "tests/api/program.hpp"
#include "tests/api/running_app.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;

namespace {

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("a wrong command line ends with 2 and one line that says what to do") {
  const TempDir folder;
  for (const std::string arguments : {"", "fly", "demo --size many", "serve --bind 0.0.0.0",
                                      "import", "demo --until yesterday"}) {
    CAPTURE(arguments);
    const Outcome outcome = run(folder, arguments);
    CHECK(outcome.code == 2);
    CHECK(lines(outcome.errors) == 1);
    CHECK(outcome.errors.starts_with("factum: "));
    CHECK(outcome.output.empty());
  }
}

TEST_CASE("a witness without an address that can be asked ends with 2, and nothing is made") {
  const TempDir folder;
  const std::string key =
      "witness.example+3ac253b8+BAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const std::string address : {"http://", "http://:80", "http://a:seven"}) {
    const Outcome outcome = run(folder, "serve --witness " + key + "=" + address);
    CHECK(outcome.code == 2);
    CHECK(lines(outcome.errors) == 1);
    CHECK(outcome.errors.starts_with("factum: a witness: " + address + " is no http address: "));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "data"));
}

TEST_CASE("an unknown command or profile is answered with those there are") {
  const TempDir folder;
  const Outcome fly = run(folder, "fly");
  CHECK(fly.errors.find("no command fly; there are: serve demo import") != std::string::npos);
  CHECK(run(folder, "--fly").errors.find("no option --fly; there are: ") != std::string::npos);
  const Outcome import = run(folder, "import --profile fly nothing.csv");
  CHECK(import.code == 2);
  CHECK(import.errors.find("no file fly; profiles: ") != std::string::npos);
}

TEST_CASE("what cannot be printed is a failure, told unless the reader has gone") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 5 --quiet").code == 0);
  const Outcome first = run(folder, "replay --data d | head -n 1");
  CHECK(lines(first.output) == 1);
  CHECK(first.errors.empty());
  for (const std::string arguments : {"openapi", "--help", "demo --data e --size 1 --quiet"}) {
    CAPTURE(arguments);
    const Outcome outcome = run(folder, arguments + " >/dev/full");
    CHECK(outcome.code == 1);
    CHECK(lines(outcome.errors) == 1);
    CHECK(outcome.errors.find("output cannot be written") != std::string::npos);
  }
}

TEST_CASE("help says what each subcommand takes and what the exit codes mean") {
  const TempDir folder;
  CHECK(run(folder, "--help").output.find("Exit codes") != std::string::npos);
  for (const std::string command :
       {"serve", "demo", "import", "replay", "rebuild", "backup", "doctor", "openapi"}) {
    const Outcome outcome = run(folder, command + " --help");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("--data") != std::string::npos);
    CHECK(outcome.output.find("FACTUM_KEYS") != std::string::npos);
  }
}

TEST_CASE("a demo is filled once, replayed as lines and rebuilt") {
  const TempDir folder;
  const Outcome demo = run(folder, "demo --data d --size 5 --quiet");
  REQUIRE_MESSAGE(demo.code == 0, demo.errors);
  CHECK(demo.output.find("customer ") != std::string::npos);
  CHECK(run(folder, "demo --data d --size 5 --quiet").code == 1);
  const Outcome events = run(folder, "replay --data d");
  CHECK(events.code == 0);
  CHECK(events.output.starts_with("{\"position\":1,"));
  CHECK(std::to_string(lines(events.output)) + " events" ==
        demo.output.substr(0, demo.output.find('\n')));
  CHECK(lines(run(folder, "replay --data d --type CustomerRegistered").output) == 5);
  CHECK(lines(run(folder, "replay --data d --from 3 --to 7").output) == 5);
  CHECK(lines(run(folder, "replay --data d --as-of 2000-01-01T00:00:00Z").output) == 0);
  CHECK(run(folder, "rebuild --data d --view funnel --quiet").code == 0);
  const Outcome shoes = run(folder, "rebuild --data d --view shoes --quiet");
  CHECK(shoes.code == 2);
  CHECK(shoes.errors.find("no view shoes; there are: ") != std::string::npos);
  CHECK(shoes.errors.find("funnel") != std::string::npos);
  const Outcome lost = run(folder, "replay --data d >/dev/full");
  CHECK(lost.code == 1);
  CHECK(lines(lost.errors) == 1);
}

TEST_CASE("the same seed gives the same company") {
  const TempDir folder;
  const Outcome one = run(folder, "demo --data a --size 5 --quiet");
  const Outcome two = run(folder, "demo --data b --size 5 --quiet");
  CHECK(one.code == 0);
  CHECK(one.output == two.output);
  CHECK(run(folder, "demo --data c --size 5 --seed 2 --quiet").output != one.output);
}

TEST_CASE("options come from the environment and from a settings file too") {
  const TempDir folder;
  std::ofstream(folder / "factum.toml") << "[demo]\ndata = \"from_file\"\nsize = 3\nquiet = true\n";
  CHECK(run(folder, "--config factum.toml demo").code == 0);
  CHECK(lines(run(folder, "replay --type CustomerRegistered", "FACTUM_DATA=from_file").output) ==
        3);
  CHECK(run(folder, "demo --quiet", "FACTUM_DATA=d FACTUM_SIZE=none").code == 2);
  CHECK(run(folder, "openapi", "FACTUM_CONFIG=nowhere.toml").code == 2);
  CHECK(run(folder, "openapi", "FACTUM_CONFIG=factum.toml").code == 0);
}

TEST_CASE("a settings file with something that is no option is refused, and it is named") {
  const TempDir folder;
  const auto complaint = [&](const std::string& text) {
    std::ofstream(folder / "f.toml") << text;
    const Outcome outcome = run(folder, "--config f.toml demo --data d --size 1 --quiet");
    CHECK(outcome.code == (outcome.errors.empty() ? 0 : 2));
    return outcome.errors;
  };
  CHECK(complaint("[demo]\nsise = 3\n").find("demo.sise") != std::string::npos);
  CHECK(complaint("prot = 80\n").find("prot") != std::string::npos);
  CHECK(complaint("[server]\nport = 80\n").find("server") != std::string::npos);
  CHECK(complaint("size = 1\nthis is no TOML\n").find("line 2 is not TOML") != std::string::npos);
  CHECK(complaint("\x7f\x45LF\x01\n").find("line 1 is not TOML") != std::string::npos);
  CHECK(complaint("[serve]\nport =\n").find("line 2 is not TOML") != std::string::npos);
  CHECK(complaint("[demo]\nsize = 08:00:00\n").find("demo.size") != std::string::npos);
  CHECK(complaint("[demo]\nsize = 1\nsize = 2\n").find("line 3 is not TOML") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "d"));
  CHECK(complaint("[serve]\nport = 80\nhost-name = [\"a\", \"b\"]\n").empty());
  CHECK(run(folder, "serve --data d --host-name 'a b'").code == 2);
}

TEST_CASE("numbers without a sense, unknown types and turned periods are refused") {
  const TempDir folder;
  CHECK(run(folder, "demo --data d --size 1 --seed -1 --quiet").code == 2);
  CHECK_FALSE(std::filesystem::exists(folder / "d"));
  REQUIRE(run(folder, "demo --data d --size 1 --quiet").code == 0);
  for (const std::string wrong :
       {"--type Nope", "--type CustomerRegistered,Nope", "--limit 18446744073709551616",
        "--from 10 --to 5", "--limit -1", "--from 1e3", "--as-of yesterday"}) {
    CAPTURE(wrong);
    const Outcome outcome = run(folder, "replay --data d " + wrong);
    CHECK(outcome.code == 2);
    CHECK(outcome.output.empty());
    CHECK(lines(outcome.errors) == 1);
  }
  CHECK(run(folder, "import --data e --profile nope x.csv").code != 0);
  CHECK_FALSE(std::filesystem::exists(folder / "e"));
}

TEST_CASE("own event types come from a file, and from nothing else") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 1 --quiet").code == 0);
  std::filesystem::create_directory(folder / "d/event_types.json");
  CHECK(run(folder, "replay --data d").errors.find("is not a file") != std::string::npos);
  std::filesystem::remove(folder / "d/event_types.json");
  std::ofstream(folder / "d/event_types.json") << "\xEF\xBB\xBF{\"types\":[]}";
  CHECK(run(folder, "replay --data d").code == 0);
}

TEST_CASE("a wrong root key is told from damage") {
  const TempDir folder;
  const std::string right = "FACTUM_ROOT_KEY=" + std::string(64, 'a');
  REQUIRE(run(folder, "demo --data d --size 1 --quiet", right).code == 0);
  const Outcome wrong = run(folder, "replay --data d", "FACTUM_ROOT_KEY=" + std::string(64, 'b'));
  CHECK(wrong.code == 2);
  CHECK(lines(wrong.errors) == 1);
  CHECK(wrong.errors.find("root key does not open the keys in d.keys") != std::string::npos);
  CHECK(wrong.errors.find("FACTUM_ROOT_KEY") != std::string::npos);
  CHECK(run(folder, "replay --data d", right).code == 0);
}

TEST_CASE("a folder without a log is not replayed, and not made") {
  const TempDir folder;
  const Outcome outcome = run(folder, "replay --data nothing");
  CHECK(outcome.code == 1);
  CHECK(outcome.errors.find("--data") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "nothing"));
  CHECK(run(folder, "rebuild --data nothing").code == 1);
}

TEST_CASE("a wrong definition of own event types ends with 2 and one line that names it") {
  const TempDir folder;
  std::filesystem::create_directory(folder / "d");
  std::ofstream(folder / "d/event_types.json")
      << R"({"types":[{"name":"ext.Held","schema":1,"doc":"D","fields":[]}]})";
  const Outcome outcome = run(folder, "demo --data d --size 1 --quiet");
  CHECK(outcome.code == 2);
  CHECK(lines(outcome.errors) == 1);
  CHECK(outcome.errors.find("event_types.json: type ext.Held: ") != std::string::npos);
}

TEST_CASE("a folder that is in use ends with 3") {
  RunningApp app;
  const TempDir folder;
  const Outcome outcome = run(folder, "replay --data " + (app.folder() / "data") + " --keys other");
  CHECK(outcome.code == 3);
  CHECK(lines(outcome.errors) == 1);
}

TEST_CASE("the description needs no data and is the one in docs") {
  const TempDir folder;
  const Outcome outcome = run(folder, "openapi");
  CHECK(outcome.code == 0);
  const bool same = outcome.output == file_text(FACTUM_SOURCE_DIR "/docs/openapi.json");
  CHECK(same);
}
