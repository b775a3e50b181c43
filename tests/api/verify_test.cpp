// `factum verify` on a folder, beside a server, and over HTTP: what it says and ends with.
#include "api/app_verify.hpp"
#include "tests/api/program.hpp"
#include "tests/api/running_app.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace factum;
using namespace factum::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void fill(RunningApp& app, int customers) {
  for (int i = 0; i < customers; ++i)
    app.create("/v1/customers",
               R"({"kind":"organisation","name":"Firm )" + std::to_string(i) + "\"}");
}

}  // namespace

TEST_CASE("a folder that verifies ends with 0, one that does not with 6, and says why") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 20 --quiet").code == 0);
  const Outcome claimed = run(folder, "verify --data d");
  CHECK(claimed.code == 0);
  CHECK(contains(claimed.output, "the log's own claim"));
  CHECK(contains(claimed.output, "good: every check"));
  const std::string vkey = "--vkey \"$(cat d/vkey)\" ";
  const Outcome good = run(folder, "verify --data d " + vkey + "--held d/checkpoint");
  CHECK(good.code == 0);
  CHECK_FALSE(contains(good.output, "claim"));
  CHECK(contains(good.output, "contained"));
  const Outcome json = run(folder, "verify --data d --json " + vkey);
  CHECK(json.code == 0);
  CHECK(json.output.starts_with(R"({"good":true,"source":"d",)"));
  raw_log_delete(folder / "d/log", "records", std::string("\0\0\0\0\0\0\0\7", 8));
  const Outcome wrong = run(folder, "verify --data d");
  CHECK(wrong.code == 6);
  CHECK(contains(wrong.output, "WRONG: position 7: the record is missing"));
  const Outcome wrong_json = run(folder, "verify --data d --json");
  CHECK(wrong_json.code == 6);
  CHECK(contains(wrong_json.output, R"("wrong":{"position":7,"message":)"));
}

TEST_CASE("what cannot be read ends with 1 and a wrong command line with 2") {
  const TempDir folder;
  CHECK(run(folder, "verify --data nowhere").code == 1);
  CHECK(run(folder, "verify --bundle nowhere").code == 1);
  CHECK(run(folder, "verify --url http://127.0.0.1:1/v1/audit").code == 1);
  CHECK(run(folder, "verify --url ftp://127.0.0.1/").code == 2);
  CHECK(run(folder, "verify --url http://a/ --bundle b").code == 2);
  std::ofstream(folder / "file") << "no ZIP file";
  CHECK(run(folder, "verify --bundle file").code == 1);
  CHECK(run(folder, "verify --bundle file --held nowhere").code == 1);
}

TEST_CASE("a server's log verifies over HTTP, and its folder beside it") {
  RunningApp app;
  fill(app, 300);
  app.restart();
  const std::string address = "http://127.0.0.1:" + std::to_string(app.port()) + "/v1/audit";
  VerifyOptions options;
  options.vkey = app.services().audit.identity()->vkey;
  options.held = app.services().audit.checkpoint().value();
  fill(app, 20);
  app.restart();
  const std::string again = "http://127.0.0.1:" + std::to_string(app.port()) + "/v1/audit/";
  for (const api::LogPlace& place :
       {api::LogPlace{{}, again, {}}, api::LogPlace{app.folder() / "data", {}, {}}}) {
    const auto verdict = api::verify_log(place, options);
    REQUIRE_MESSAGE(verdict, verdict.error().message);
    CHECK_MESSAGE(verdict->good(), verdict->fault->message);
    CHECK(verdict->checkpoint->size == 320);
    CHECK(verdict->held_found);
    CHECK(verdict->notes.empty());
  }
  VerifyOptions stranger;
  stranger.vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const auto verdict = api::verify_log({{}, again, {}}, stranger);
  REQUIRE(verdict);
  CHECK(verdict->fault->message == "the note has no signature by the key");
}

TEST_CASE("who knows an earlier key follows to the one that signs now") {
  const TempDir folder;
  REQUIRE(run(folder, "demo --data d --size 5 --quiet").code == 0);
  const Outcome first = run(folder, "checkpoint --data d");
  const std::string vkey = first.output.substr(5, first.output.find('\n') - 5);
  std::ofstream(folder / "held") << first.output.substr(first.output.find("\n\n") + 2);
  REQUIRE(run(folder, "checkpoint --data d --rotate-key").code == 0);
  REQUIRE(run(folder, "checkpoint --data d --rotate-key").code == 0);
  REQUIRE(run(folder, "export --data d --out b --vkey '" + vkey + "'").code == 0);
  const std::string known = " --quiet --held held --vkey '" + vkey + "'";
  for (const std::string source : {"--data d", "--bundle b"}) {
    CAPTURE(source);
    const Outcome good = run(folder, "verify " + source + known);
    CHECK_MESSAGE(good.code == 0, good.output);
    CHECK(good.output.find(vkey) == std::string::npos);
  }
  const std::string chain = file_text(folder / "d/handovers");
  std::ofstream(folder / "d/handovers") << chain.substr(0, chain.find("\",\"")) + "\"]}";
  CHECK(run(folder, "verify --data d" + known).code == 6);
  std::ofstream(folder / "d/handovers") << "{}";
  CHECK(run(folder, "verify --data d" + known).code == 6);
  CHECK(run(folder, "checkpoint --data nothing --rotate-key").code == 1);
}
