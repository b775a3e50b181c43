// Imports into a log: what is recorded, and what a second, longer or broken-off import adds. See
// corrected_files_test.cpp for corrections.
#include "tests/import/import_log.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

namespace {

const char* const kCustomers = R"({
  "profile": "customers",
  "files": {"rows": {"columns": ["id", "name", "parent", "tag", "since"]}},
  "facts": [
    {"fact": "customer", "file": "rows", "key": "{id}", "steps": [
      {"command": "RegisterCustomer", "at": {"$time": "{since}", "format": "%Y-%m-%d"},
       "fields": {"kind": "organisation", "name": "{name}",
                  "external_ids": [{"system": "old", "external_id": "{name}"}]}},
      {"command": "ApplyTag", "step": "{tag}", "when": "{tag}", "fields": {"tag": "{tag}"}}]},
    {"fact": "parent", "file": "rows", "key": "{id}", "where": "{parent}", "steps": [
      {"command": "ChangeCustomerParent", "target": ["customer", "{id}"],
       "fields": {"parent": {"$ref": ["customer", "{parent}"]}}}]}
  ]})";

const std::string kHeader = "id,name,parent,tag,since\n";
const std::string kRows = kHeader + "1,Alfa,2,,2020-01-01\n2,Beta,,vip,\n3,Gamma,2,,\n";

const std::string kFirstImport =
    "CustomerRegistered CustomerExternalIdLinked CustomerRegistered? CustomerExternalIdLinked? "
    "TagApplied? CustomerRegistered? CustomerExternalIdLinked? CustomerParentChanged? "
    "CustomerParentChanged?";

}  // namespace

TEST_CASE("history is recorded as it happened: source, actor, time of the data, or none") {
  ImportLog log(kCustomers);
  const auto first = log.import(kRows);
  CHECK(first.error.empty());
  CHECK(first.rejects.empty());
  CHECK(log.events() == kFirstImport);
  CHECK(first.counts.facts_added == 5);
  CHECK(first.counts.events == 9);
  const auto all = log.store().read({}, {});
  CHECK(all->front().record.source == Source::import);
  CHECK(all->front().record.actor == "import");
  CHECK(to_string(*all->front().record.occurred_at) == "2020-01-01T00:00:00.000000Z");
  CHECK(all->front().record.correlation_id == all->back().record.correlation_id);
}

TEST_CASE("a row whose date lies far off, or whose name does not show, is rejected") {
  ImportLog log(kCustomers);
  const auto outcome = log.import(kHeader + "1,Alfa,,,1899-12-31\n2,Beta,,,9999-12-31\n" +
                                  "3,\xE2\x80\x8B,,,2020-01-01\n4,\xE7\x8E\x8B,,,1900-01-01\n");
  CHECK(outcome.error.empty());
  CHECK(outcome.rejects ==
        "2 /occurred_at import.field_range\n3 /occurred_at import.field_range\n"
        "4 /name import.field_too_short\n");
  CHECK(log.events() == "CustomerRegistered CustomerExternalIdLinked");
}

TEST_CASE("the same file again adds nothing") {
  ImportLog log(kCustomers);
  log.import(kRows);
  const auto second = log.import(kRows);
  CHECK(second.counts.events == 0);
  CHECK(second.counts.facts_unchanged == 5);
  CHECK(log.events() == kFirstImport);
}

TEST_CASE("the size of batches does not change what is recorded") {
  for (const std::size_t size : {1U, 2U, 3U, 4096U}) {
    ImportLog log(kCustomers);
    CommandSinkOptions options;
    options.batch_events = size;
    options.kept_events_max = size;
    const auto outcome = log.import(kRows, options);
    CHECK(outcome.error + outcome.rejects == "");
    CHECK(log.events() == kFirstImport);
  }
}

TEST_CASE("a longer file adds what is new") {
  ImportLog log(kCustomers);
  log.import(kRows);
  const auto longer = log.import(kRows + "4,Delta,1,,\n");
  CHECK(longer.counts.facts_added == 2);
  CHECK(longer.counts.facts_unchanged == 5);
  CHECK(log.events() == kFirstImport +
                            " CustomerRegistered? CustomerExternalIdLinked? "
                            "CustomerParentChanged?");
}

TEST_CASE("a corrected file adds the differences, once") {
  ImportLog log(kCustomers);
  log.import(kRows);
  const std::string corrected =
      kHeader + "1,Alfa,2,,2020-01-01\n2,Beta Ltd,,vip,\n3,Gamma,1,key,\n";
  const auto first = log.import(corrected);
  CHECK(first.counts.facts_corrected == 3);
  CHECK(first.counts.facts_unchanged == 2);
  CHECK(log.events() == kFirstImport +
                            " CustomerDetailsChanged? CustomerExternalIdLinked? TagApplied? "
                            "CustomerParentChanged?");
  const auto again = log.import(corrected);
  CHECK(again.counts.events == 0);
  CHECK(again.counts.facts_unchanged == 5);
}

TEST_CASE("an import that was stopped goes on where it was") {
  std::string rows = kHeader;
  for (int i = 0; i < 2'000; ++i) rows += std::to_string(i) + ",N" + std::to_string(i) + ",,,\n";
  ImportLog log(kCustomers);
  std::atomic<bool> stop{false};
  ImportSettings settings;
  settings.stop = &stop;
  settings.on_progress = [&](const ProgressState& state) {
    if (state.what == "customer" && state.rows > 3'000) stop = true;
  };
  CommandSinkOptions options;
  options.batch_events = 64;
  const auto stopped = log.import(rows, options, settings);
  CHECK(stopped.error == "the import was stopped; run it again to go on");
  const auto recorded = log.store().head().value();
  CHECK(recorded > 1'000);
  CHECK(recorded < 4'000);
  const auto rest = log.import(rows);
  CHECK(rest.error.empty());
  CHECK(rest.counts.events == 4'000 - recorded);
  CHECK(rest.counts.facts_unchanged == recorded / 2);
  CHECK(log.store().head() == Position(4'000));
}

TEST_CASE("a dry run counts the same and records nothing") {
  ImportLog log(kCustomers);
  CommandSinkOptions options;
  options.dry_run = true;
  options.batch_events = 2;
  const auto dry = log.import(kRows, options);
  CHECK(dry.error.empty());
  CHECK(dry.counts.facts_added == 5);
  CHECK(dry.counts.events == 9);
  CHECK(log.store().head() == Position(0));
  options.dry_run_events_max = 3;
  CHECK(log.import(kRows, options).error.find("too large for a dry run") != std::string::npos);
}

TEST_CASE("what no command can say is rejected by line, column and rule, and leaves no trace") {
  ImportLog log(kCustomers);
  const auto outcome = log.import(kHeader + "1,Alfa,9,,\n2,,,,\n3," + std::string(600, 'x') +
                                  ",,,\n4,Delta,,,\n4,Other,,,\n4,Delta,,,\n");
  CHECK(outcome.error.empty());
  CHECK(outcome.rejects ==
        "3 /name import.field_required\n4 /name import.field_too_long\n6  import.duplicate_key\n"
        "2 customer import.unknown_reference\n");
  CHECK(outcome.counts.facts_rejected == 4);
  CHECK(outcome.counts.facts_unchanged == 1);
  CHECK(log.events() ==
        "CustomerRegistered? CustomerExternalIdLinked? CustomerRegistered? "
        "CustomerExternalIdLinked?");
}

TEST_CASE("a fact that is rejected half-way is taken back whole") {
  ImportLog log(kCustomers);
  const std::string long_tag(200, 't');
  const auto outcome =
      log.import(kHeader + "1,Alfa,,," + "\n2,Beta,," + long_tag + ",\n3,Beta,2,,\n");
  CHECK(outcome.rejects.find("3 /tag import.field_") == 0);
  CHECK(outcome.rejects.find("4 customer import.unknown_reference\n") != std::string::npos);
  CHECK(log.events() ==
        "CustomerRegistered? CustomerExternalIdLinked? CustomerRegistered? "
        "CustomerExternalIdLinked?");
  CHECK(log.last().record.broken_rules.empty());
}

TEST_CASE("history that breaks a rule is recorded with the rule, and counted") {
  ImportLog log(kCustomers);
  const auto outcome = log.import(kHeader + "1,Alfa,,,\n2,Alfa,,,\n");
  CHECK(outcome.rejects.empty());
  CHECK(outcome.counts.broken_rules.at("customer.external_id_taken") == 1);
  CHECK(outcome.counts.facts_added == 2);
  CHECK(log.events().find("CustomerRegistered!?") != std::string::npos);
}

TEST_CASE("another writer ends the import with a clear error and nothing half done") {
  ImportLog log(kCustomers);
  ImportSettings settings;
  bool written = false;
  settings.on_progress = [&](const ProgressState& state) {
    if (state.what != "parent" || std::exchange(written, true)) return;
    CHECK(factum::test::append_and_wait(
        log.store(),
        factum::test::request_of({factum::test::test_event("TagApplied", {"customer:x"})})));
  };
  const auto outcome = log.import(kRows, {}, settings);
  CHECK(outcome.error == "something else wrote to the log during the import; run the import again");
  CHECK(log.events() == "TagApplied?");
  CHECK(log.import(kRows).counts.events == 9);
}

TEST_CASE("a profile with an unknown command ends the import; steps need an entity") {
  ImportLog log(kCustomers);
  const char* const no_command =
      R"({"profile":"p","files":{"rows":{"columns":["id"]}},"facts":[{"fact":"x","file":"rows",)"
      R"("key":"{id}","steps":[{"command":"Fly","fields":{}}]}]})";
  CHECK(log.import("id\n1\n", {}, {}, no_command).error ==
        "the profile names a command that does not exist: Fly");
  const char* const no_entity =
      R"({"profile":"p","files":{"rows":{"columns":["id"]}},"facts":[{"fact":"x","file":"rows",)"
      R"("key":"{id}","steps":[{"command":"ApplyTag","fields":{"tag":"a"}}]}]})";
  CHECK(log.import("id\n1\n", {}, {}, no_entity).rejects == "2  import.not_found\n");
}
