// Profiles as a whole: files, joins, steps, rejects, and what a broken file leaves behind.
#include "tests/import/fact_recorder.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

namespace {

const char* const kTickets = R"({
  "profile": "tickets",
  "files": {"log": {"names": ["log.csv"], "columns": ["id", "state", "who", "at"]}},
  "facts": [{
    "fact": "ticket", "file": "log", "rows": "together", "key": "{id}",
    "where": {"$not": {"$is": ["{state}", "skip"]}},
    "steps": [
      {"command": "Open", "at": {"$time": "{at}", "format": "%Y-%m-%d"},
       "fields": {"number": "{id}"}},
      {"for_each": "rows", "steps": [
        {"command": "Assign", "when": {"$changed": "{who}"},
         "fields": {"to": {"$ref": ["user", "{who}"]}}},
        {"command": "Move", "step": "{state}", "when": {"$changed": "{state}"},
         "at": {"$time": "{at}", "format": "%Y-%m-%d"},
         "fields": {"from": {"$before": "{state}"}, "to": "{state}"}}
      ]},
      {"command": "Tag", "target": ["user", "{who}"], "fields": {"tag": "busy"}}
    ]}]})";

const char* const kPeople = R"({
  "profile": "people",
  "files": {
    "people": {"names": ["people.csv"], "columns": ["id", "name"], "header": false,
               "delimiter": "|", "quotes": false},
    "links": {"names": ["links.tsv"], "columns": ["person", "place"], "header": false,
              "delimiter": "\t"},
    "places": {"names": ["places.csv"], "columns": ["place.id", "city", "country"],
               "optional": true}
  },
  "facts": [{
    "fact": "person", "file": "people", "key": "{id}",
    "joins": [
      {"as": "link", "file": "links", "on": "{id}", "match": "person"},
      {"as": "place", "file": "places", "on": "{link.place}", "match": "place.id"}
    ],
    "steps": [
      {"command": "Register", "fields": {"name": "{name}", "home": "{place.city}"}},
      {"for_each": "link", "where": {"$not": {"$empty": "{place.city}"}}, "steps": [
        {"command": "AddAddress", "step": "{link.place}", "fields": {"city": "{place.city}"}}]}
    ]}]})";

}  // namespace

TEST_CASE("rows of one key become steps of one fact, each with its own time and name") {
  const RunShown shown = run_profile(kTickets, {{"log.csv",
                                                 "id,state,who,at,more\n"
                                                 "T1,new,ann,2020-01-01,x\n"
                                                 "T1,open,ann,2020-01-02,x\n"
                                                 "T1,skip,zoe,2020-01-02,x\n"
                                                 "T1,new,bob,2020-01-03,x\n"
                                                 "T1,open,bob,2020-01-04,x\n"
                                                 "T2,new,bob,2020-01-05,x\n"}});
  CHECK(shown.error.empty());
  CHECK(
      shown.facts ==
      "ticket T1/ Open {\"number\":\"T1\"} @2020-01-01T00:00:00.000000Z\n"
      "ticket T1/Move/open Move {\"from\":\"new\",\"to\":\"open\"} @2020-01-02T00:00:00.000000Z\n"
      "ticket T1/Assign Assign {\"to\":<user:bob>}\n"
      "ticket T1/Move/new Move {\"from\":\"open\",\"to\":\"new\"} @2020-01-03T00:00:00.000000Z\n"
      "ticket T1/Move/open#2 Move {\"from\":\"new\",\"to\":\"open\"} @2020-01-04T00:00:00.000000Z\n"
      "ticket T1/Tag Tag {\"tag\":\"busy\"} ->user:ann\n"
      "ticket T2/ Open {\"number\":\"T2\"} @2020-01-05T00:00:00.000000Z\n"
      "ticket T2/Tag Tag {\"tag\":\"busy\"} ->user:bob\n");
  CHECK(shown.counts.rows == 6);
  CHECK(shown.counts.facts_added == 2);
  CHECK(shown.counts.events == 8);
}

TEST_CASE("files are joined, one after the other, and an optional file may be missing") {
  const std::string people = "1|Tim \"T\"\r\n2|Ann\r\n";
  const std::string links = "1\tA\n1\tB\n2\tC\n";
  const std::string places = "place.id,city,country\nB,Rome,IT\nA,Bonn,DE\n";
  const RunShown all = run_profile(
      kPeople, {{"people.csv", people}, {"links.tsv", links}, {"places.csv.gz", gzip(places)}});
  CHECK(all.error.empty());
  CHECK(all.facts ==
        "person 1/ Register {\"home\":\"Bonn\",\"name\":\"Tim \\\"T\\\"\"}\n"
        "person 1/AddAddress/A AddAddress {\"city\":\"Bonn\"}\n"
        "person 1/AddAddress/B AddAddress {\"city\":\"Rome\"}\n"
        "person 2/ Register {\"name\":\"Ann\"}\n");
  const RunShown without = run_profile(kPeople, {{"people.csv", people}, {"links.tsv", links}});
  CHECK(without.facts ==
        "person 1/ Register {\"name\":\"Tim \\\"T\\\"\"}\nperson 2/ Register {\"name\":\"Ann\"}\n");
}

TEST_CASE("files are found by name, role, folder, or by being the only one") {
  TempFolder folder;
  const auto people = parse_profile(kPeople);
  const auto tickets = parse_profile(kTickets);
  REQUIRE(people);
  REQUIRE(tickets);
  const std::string one = folder.write("people.csv", "1|x\n");
  const std::string two = folder.write("other.tsv", "1\tx\n");
  const auto by_role = match_files(*people, {one, "links=" + two});
  REQUIRE(by_role);
  CHECK(find_source(*by_role, "links")->path == two);
  CHECK(find_source(*by_role, "places") == nullptr);
  CHECK(match_files(*tickets, {two}));
  CHECK(match_files(*people, {one}).error().message ==
        "the file \"links\" is missing; the profile takes links=links.tsv, people=people.csv, "
        "places=places.csv");
  CHECK(match_files(*people, {two}).error().message.find("does not know what this file is for") !=
        std::string::npos);
  CHECK(match_files(*people, {one, one}).error().message.find("already taken") !=
        std::string::npos);
}

TEST_CASE("what cannot be understood is rejected by line and column, and the rest goes in") {
  const RunShown shown = run_profile(kTickets, {{"log.csv",
                                                 "id,state,who,at\n"
                                                 "T1,new,ann,2020-01-01\n"
                                                 "T1,open\n"
                                                 "T2,new,ann,yesterday\n"
                                                 ",new,ann,2020-01-01\n"
                                                 "T3,new,ann,2020-01-01\n"
                                                 "T3,open,ann,2020-02-30\n"
                                                 "T4,new,,2020-01-01\n"}});
  CHECK(shown.error.empty());
  CHECK(shown.facts ==
        "ticket T1/ Open {\"number\":\"T1\"} @2020-01-01T00:00:00.000000Z\n"
        "ticket T1/Tag Tag {\"tag\":\"busy\"} ->user:ann\n");
  CHECK(shown.rejects ==
        "log.csv:3  import.ragged_row\n"
        "log.csv:5 id import.missing_key\n"
        "log.csv:4 at import.not_a_time\n"
        "log.csv:7 at import.not_a_time\n"
        "log.csv:8 who import.missing_key\n");
  CHECK(shown.counts.rows == 7);
  CHECK(shown.counts.rows_rejected == 2);
  CHECK(shown.counts.facts_rejected == 3);
  CHECK(shown.counts.rejects.at("import.not_a_time") == 2);
}

TEST_CASE("a file that cannot be read to its end changes nothing and names file and line") {
  const std::string good = "id,state,who,at\nT1,new,ann,2020-01-01\n";
  const auto error_of = [&](const std::string& name, const std::string& bytes) {
    const RunShown shown = run_profile(kTickets, {{name, bytes}});
    CHECK(shown.facts.empty());
    CHECK(shown.code == ErrorCode::invalid_argument);
    return shown.error;
  };
  CHECK(error_of("log.csv", good + "T2,new") ==
        "log.csv: line 3, column 7: the file is cut off in its last row; fetch it again");
  CHECK(error_of("log.csv", good + "T2,\"new").find("log.csv: line 3, column 4") == 0);
  CHECK(error_of("log.csv", good + "T2,\xB3\xAC,ann,2020-01-01\n") ==
        "log.csv: line 3, column 4: this is not UTF-8 text; name the file's encoding with "
        "--encoding");
  CHECK(error_of("log.csv", "id,state,who\n1,2,3\n") ==
        "log.csv: line 1: the column \"at\" is missing; is this the right file, encoding and "
        "profile?");
  const std::string packed = gzip(good);
  CHECK(error_of("log.csv.gz", packed.substr(0, packed.size() - 3)) ==
        "log.csv.gz: the gzip data ends in the middle: the file is cut off; fetch it again");
}

TEST_CASE("an encoding given for the run overrides the profile's") {
  ImportSettings settings;
  settings.encoding = Encoding::gb18030;
  const RunShown shown = run_profile(
      kTickets, {{"log.csv", "id,state,who,at\n\xB3\xAC,new,ann,2020-01-01\n"}}, settings);
  CHECK(shown.facts.find("ticket 超/ Open") == 0);
}

TEST_CASE("tables that must stay in memory have a limit, and a run can be stopped") {
  ImportSettings small;
  small.table_bytes_max = 100;
  const std::string rows = "id,state,who,at\nT1,new,ann,2020-01-01\nT1,open,ann,2020-01-01\n";
  const RunShown limited = run_profile(kTickets, {{"log.csv", rows}}, small);
  CHECK(limited.code == ErrorCode::limit_exceeded);
  const std::atomic<bool> stop{true};
  ImportSettings stopped;
  stopped.stop = &stop;
  const RunShown none = run_profile(kTickets, {{"log.csv", rows}}, stopped);
  CHECK(none.code == ErrorCode::unavailable);
  CHECK(none.facts.empty());
}

TEST_CASE("a profile refuses rows by rules of its own, and knows texts that mean nothing") {
  const char* const profile = R"({
    "profile": "p", "files": {"rows": {"names": ["rows.csv"], "columns": ["id", "state"],
                                       "absent": ["?", "n/a"]}},
    "facts": [{"fact": "t", "file": "rows", "key": "{id}", "rows": "together",
      "refuse": [{"when": {"$is": ["{state}", "-100"]}, "rule": "import.unknown_state"}],
      "steps": [{"command": "Do", "fields": {"states": {"$list": "{state}", "over": "rows"}}}]}]})";
  const RunShown shown =
      run_profile(profile, {{"rows.csv", "id,state\n1,new\n1,-100\n1,?\n1,done\n?,new\n2,n/a\n"}});
  CHECK(shown.error.empty());
  CHECK(shown.facts == "t 1/ Do {\"states\":[\"new\",\"done\"]}\nt 2/ Do {}\n");
  CHECK(shown.rejects ==
        "rows.csv:3 state import.unknown_state\nrows.csv:6 id import.missing_key\n");
  CHECK(shown.counts.rows_rejected == 2);
}

TEST_CASE("a profile with a wrong structure says where") {
  const auto error = [](const char* json) {
    const auto profile = parse_profile(json);
    return profile ? std::string() : profile.error().message;
  };
  CHECK(error("{") == "profile, at /: this is not JSON");
  CHECK(error("[]") == "profile, at /: an object is expected");
  CHECK(error(R"({"profile":"x","extra":1})") == "profile, at /extra: no such member");
  CHECK(error(R"({"profile":"x"})") == "profile, at /files: an object with the files is expected");
  CHECK(error(R"({"profile":"x","files":{"f":{}},"facts":[]})") ==
        "profile, at /files/f/columns: the columns are expected");
  CHECK(error(R"({"profile":"x","files":{"f":{"columns":["a"],"delimiter":"ab"}},"facts":[]})") ==
        "profile, at /files/f/delimiter: one of , ; tab | is expected");
  CHECK(error(R"({"profile":"x","files":{"f":{"columns":["a"]}},"facts":[]})") ==
        "profile, at /facts: a list of facts is expected");
  const std::string start = R"({"profile":"x","files":{"f":{"columns":["a"]}},"facts":[{)";
  const auto fact = [&](const std::string& rest) { return error((start + rest + "}]}").c_str()); };
  CHECK(fact(R"("fact":"t","file":"g")") ==
        "profile, at /facts/0/file: no such file in this profile");
  CHECK(fact(R"("fact":"t","file":"f","rows":"some")") ==
        "profile, at /facts/0/rows: one of each, first, group, together is expected");
  CHECK(fact(R"("fact":"t","file":"f","key":"{a}","refuse":[{"when":"{a}","rule":"bad"}])") ==
        "profile, at /facts/0/refuse/0: \"when\" and a rule that starts with import. are "
        "expected");
  CHECK(fact(R"("fact":"t","file":"f")") == "profile, at /facts/0/key: the key is expected");
  CHECK(fact(R"("fact":"t","file":"f","key":"{a}")") ==
        "profile, at /facts/0/steps: a list of steps is expected");
  CHECK(fact(R"("fact":"t","file":"f","key":"{a}","steps":[{"command":"x"}]})") != "");
  CHECK(fact(R"("fact":"t","file":"f","key":"{a}",)"
             R"("joins":[{"as":"j","file":"f","on":"{a}","match":"z"}])") ==
        "profile, at /facts/0/joins/0/match: no column \"z\"");
}

TEST_CASE("the profiles that come with the program can be read; others are named") {
  CHECK_FALSE(builtin_profiles().empty());
  for (const std::string& name : builtin_profiles()) {
    const auto profile = load_profile(name);
    INFO(name << ": " << (profile ? "" : profile.error().message));
    REQUIRE(profile);
    CHECK(profile->name == name);
    CHECK_FALSE(profile->about.empty());
  }
  const auto unknown = load_profile("no-such-profile");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::invalid_argument);
  CHECK(unknown.error().message.find("sfo-survey-2017") != std::string::npos);
  TempFolder folder;
  CHECK(load_profile(folder.write("mine.json", kTickets))->name == "tickets");
}
