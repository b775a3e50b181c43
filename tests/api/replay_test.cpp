// factum replay: events by filters, as lines and as a table; a view from moment to moment, also
// under another definition.
#include "api/json_pointer.hpp"
#include "tests/api/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace factum;
using namespace factum::test;

namespace {

struct DemoFolder {
  DemoFolder() { REQUIRE(run(folder, "demo --data d --size 20 --quiet").code == 0); }

  Outcome replay(const std::string& arguments) {
    return run(folder, "replay --data d " + arguments);
  }
  std::vector<std::string> lines(const std::string& arguments) {
    const Outcome outcome = replay(arguments);
    CHECK_MESSAGE(outcome.code == 0, outcome.errors);
    std::vector<std::string> all;
    std::istringstream text(outcome.output);
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }

  TempDir folder;
};

std::string at(const std::string& json, const std::string& pointer) {
  const auto value = api::json_at(json, pointer);
  REQUIRE(value);
  return *value;
}

std::string unquoted(const std::string& json) { return json.substr(1, json.size() - 2); }

}  // namespace

TEST_CASE("events are replayed by actor and period") {
  DemoFolder demo;
  const auto all = demo.lines("");
  CHECK(demo.lines("--actor system") == all);
  CHECK(demo.lines("--actor user:nobody").empty());
  CHECK(demo.lines("--actor system --limit 3") ==
        std::vector<std::string>(all.begin(), all.begin() + 3));
  // Several events may share an instant: bounds keep them together.
  const std::string instant = unquoted(at(all[all.size() / 2], "/recorded_at"));
  auto parts = demo.lines("--until " + instant);
  const auto rest = demo.lines("--since " + instant);
  CHECK_FALSE(rest.empty());
  CHECK(at(rest.front(), "/recorded_at") == '"' + instant + '"');
  parts.insert(parts.end(), rest.begin(), rest.end());
  CHECK(parts == all);
  CHECK(demo.lines("--since 2999-01-01T00:00:00Z").empty());
  CHECK(demo.replay("--since yesterday").code == 2);
}

TEST_CASE("events are a table too, with every column quoted as a spreadsheet reads it") {
  DemoFolder demo;
  const auto rows = demo.lines("--format csv --type PipelineDefined");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] ==
        "position,recorded_at,type,schema,event_id,occurred_at,actor,on_behalf_of,source,"
        "correlation_id,causation_id,event_hash,tags,broken_rules,data\r");
  CHECK(rows[1].find(",PipelineDefined,1,") != std::string::npos);
  CHECK(rows[1].find(R"(,"{""name"":)") != std::string::npos);
  CHECK(demo.replay("--format xml").code == 2);
}

TEST_CASE("a view is replayed from moment to moment, as it was then") {
  DemoFolder demo;
  const auto head = demo.lines("").size();
  const auto moments = demo.lines("--view /v1/tickets:count --every 100");
  REQUIRE(moments.size() > 3);
  CHECK(at(moments.front(), "/position") == "1");
  CHECK(at(moments.front(), "/answer/total") == "0");
  CHECK(at(moments.back(), "/position") == std::to_string(head));
  for (const std::string& moment : moments) {
    const auto opened = demo.lines("--type TicketOpened --to " + at(moment, "/position")).size();
    CHECK(at(moment, "/answer/total") == std::to_string(opened));
  }
  const auto table = demo.lines("--view /v1/tickets:count --every 100 --format csv");
  REQUIRE(table.size() == moments.size() + 1);
  CHECK(table[0].starts_with("position,as_of,/by_state_and_priority/0/priority"));
  CHECK(demo.lines("--view /v1/tickets:count --every 1d").size() == 1);
  for (const std::string wrong :
       {"--view /v1/ships", "--view /v1/events", "--view /v1/revenue --every 0d",
        "--view /v1/revenue --every week", "--every 5", "--view /v1/revenue --type DealWon",
        "--view /v1/satisfaction", "--view /v1/revenue --what-if nothing.json",
        "--view '/v1/revenue?as_of=5'", "--view ''", "--tag x",
        "--tag deal:", "--as-of 2999-01-01T00:00:00Z"}) {
    CAPTURE(wrong);
    const Outcome refused = demo.replay(wrong);
    CHECK(refused.code != 0);
    CHECK(refused.output.empty());
    CHECK(std::count(refused.errors.begin(), refused.errors.end(), '\n') == 1);
  }
}

TEST_CASE("a view under another definition stands beside the one that was") {
  DemoFolder demo;
  const std::string defined = demo.lines("--type PipelineDefined").front();
  const std::string pipeline = unquoted(at(defined, "/data/pipeline"));
  const auto write = [&](const std::vector<std::string>& keys, const std::string& probability) {
    std::ofstream file(demo.folder / "what-if.json");
    file << R"({"pipelines":[{"pipeline":")" << pipeline << R"(","stages":[)";
    for (const std::string& key : keys) {
      file << (key == keys.front() ? "" : ",") << R"({"key":")" << key << R"(","probability":)"
           << probability << "}";
    }
    file << "]}]}";
  };
  std::vector<std::string> stages;
  for (int i = 0; at(defined, "/data/stages/" + std::to_string(i)) != "null"; ++i)
    stages.push_back(unquoted(at(defined, "/data/stages/" + std::to_string(i) + "/key")));
  const std::string funnel =
      "--view /v1/pipelines/" + pipeline + "/funnel --every 1000000 --what-if what-if.json";
  write(stages, "77");
  const std::string last = demo.lines(funnel).back();
  CHECK(at(last, "/what_if/stages/0/probability") == "77");
  CHECK(at(last, "/answer/stages/0/probability") == at(defined, "/data/stages/0/probability"));
  CHECK(at(last, "/what_if/stages/0/entered") == at(last, "/answer/stages/0/entered"));
  CHECK(at(last, "/what_if/forecast") != at(last, "/answer/forecast"));
  CHECK(at(last, "/what_if/closed") == at(last, "/answer/closed"));
  write({"unheard_of"}, "77");
  CHECK(demo.replay(funnel).errors.find("never had a stage unheard_of") != std::string::npos);
  write(stages, "101");
  CHECK(demo.replay(funnel).errors.find("/pipelines/0/stages/0/probability") != std::string::npos);
}
