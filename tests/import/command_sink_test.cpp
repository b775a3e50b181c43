// Imports into a log: what is recorded, and what a second, longer, corrected or broken-off import
// adds.
#include "api/import/command_sink.hpp"

#include "api/import/import_run.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/memory_event_store.hpp"
#include "tests/import/import_support.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
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

class CountingIds final : public IdSource {
 public:
  Uuid next() override { return factum::test::test_id(5'000 + ++count_); }

 private:
  std::uint64_t count_ = 0;
};

/// A log in memory that files are imported into.
class Log {
 public:
  struct Outcome {
    ImportCounts counts;
    std::string error;
    std::string rejects;
  };

  Outcome import(const std::string& rows, CommandSinkOptions options = {},
                 ImportSettings settings = {}, const char* profile = kCustomers) {
    TempFolder folder;
    const auto parsed = parse_profile(profile);
    REQUIRE(parsed);
    const auto files = match_files(*parsed, {folder.write("rows.csv", rows)});
    REQUIRE(files);
    Outcome outcome;
    settings.on_reject = [&](const Reject& reject) {
      outcome.rejects +=
          std::to_string(reject.line) + " " + reject.column + " " + reject.rule + "\n";
    };
    options.profile = parsed->name;
    CommandSink sink(bus_, crm::command_catalog(), options);
    auto counts = run_import(*parsed, *files, sink, settings);
    if (counts) {
      outcome.counts = std::move(*counts);
    } else {
      outcome.error = counts.error().message;
    }
    return outcome;
  }

  /// Types of all events, with '!' for broken rules and '?' for undated ones.
  std::string events() const {
    std::string shown;
    const auto all = store_->read({}, {.limit = 100'000});
    REQUIRE(all);
    for (const RecordedEvent& event : *all) {
      shown += shown.empty() ? "" : " ";
      shown += event.record.type;
      if (!event.record.broken_rules.empty()) shown += '!';
      if (!event.record.occurred_at) shown += '?';
    }
    return shown;
  }
  RecordedEvent last() const {
    const auto event = store_->read({}, {.backwards = true, .limit = 1});
    REQUIRE(event);
    REQUIRE_FALSE(event->empty());
    return event->front();
  }
  EventStore& store() { return *store_; }

 private:
  factum::test::ManualClock clock_;
  std::unique_ptr<EventStore> store_ = make_memory_event_store(clock_);
  factum::test::PlainSealer sealer_;
  EventCodec codec_{crm::event_catalog(), sealer_};
  CountingIds ids_;
  CommandBus bus_{*store_, codec_, clock_, ids_};
};

const std::string kFirstImport =
    "CustomerRegistered CustomerExternalIdLinked CustomerRegistered? CustomerExternalIdLinked? "
    "TagApplied? CustomerRegistered? CustomerExternalIdLinked? CustomerParentChanged? "
    "CustomerParentChanged?";

}  // namespace

TEST_CASE("history is recorded as it happened: source, actor, time of the data, or none") {
  Log log;
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
  Log log;
  const auto outcome = log.import(kHeader + "1,Alfa,,,1899-12-31\n2,Beta,,,9999-12-31\n" +
                                  "3,\xE2\x80\x8B,,,2020-01-01\n4,\xE7\x8E\x8B,,,1900-01-01\n");
  CHECK(outcome.error.empty());
  CHECK(outcome.rejects ==
        "2 /occurred_at import.field_range\n3 /occurred_at import.field_range\n"
        "4 /name import.field_too_short\n");
  CHECK(log.events() == "CustomerRegistered CustomerExternalIdLinked");
}

TEST_CASE("the same file again adds nothing") {
  Log log;
  log.import(kRows);
  const auto second = log.import(kRows);
  CHECK(second.counts.events == 0);
  CHECK(second.counts.facts_unchanged == 5);
  CHECK(log.events() == kFirstImport);
}

TEST_CASE("the size of batches does not change what is recorded") {
  for (const std::size_t size : {1U, 2U, 3U, 4096U}) {
    Log log;
    CommandSinkOptions options;
    options.batch_events = size;
    options.kept_events_max = size;
    const auto outcome = log.import(kRows, options);
    CHECK(outcome.error + outcome.rejects == "");
    CHECK(log.events() == kFirstImport);
  }
}

TEST_CASE("a longer file adds what is new") {
  Log log;
  log.import(kRows);
  const auto longer = log.import(kRows + "4,Delta,1,,\n");
  CHECK(longer.counts.facts_added == 2);
  CHECK(longer.counts.facts_unchanged == 5);
  CHECK(log.events() == kFirstImport +
                            " CustomerRegistered? CustomerExternalIdLinked? "
                            "CustomerParentChanged?");
}

TEST_CASE("a corrected file adds the differences, once") {
  Log log;
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
  Log log;
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
  Log log;
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
  Log log;
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
  Log log;
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
  Log log;
  const auto outcome = log.import(kHeader + "1,Alfa,,,\n2,Alfa,,,\n");
  CHECK(outcome.rejects.empty());
  CHECK(outcome.counts.broken_rules.at("customer.external_id_taken") == 1);
  CHECK(outcome.counts.facts_added == 2);
  CHECK(log.events().find("CustomerRegistered!?") != std::string::npos);
}

TEST_CASE("another writer ends the import with a clear error and nothing half done") {
  Log log;
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
  Log log;
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

TEST_CASE("a payment that the source has corrected is corrected, not counted twice") {
  Log log;
  const char* const orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","paid","how"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"PlaceOrder","fields":{"number":"{id}",)"
      R"("total":{"minor":900,"currency":"EUR"},"lines":[{"sku":"s","quantity":1,)"
      R"("unit_price":"9","amount":{"minor":900,"currency":"EUR"}}]}},{"command":"ReceivePayment",)"
      R"("fields":{"amount":{"$money":"{paid}","currency":"EUR"},"method":"{how}"}}]}]})";
  const auto import = [&](const char* rows) {
    return log.import("id,paid,how\n" + std::string(rows), {}, {}, orders);
  };
  CHECK(import("1,5,card\n").counts.events == 2);
  CHECK(import("1,5,card\n").counts.events == 0);
  const std::string first = "OrderPlaced? PaymentReceived?";
  CHECK(import("1,6,card\n2,7,\n").counts.events == 3);
  CHECK(log.events() == first + " PaymentCorrected? OrderPlaced? PaymentReceived?");
  CHECK(import("1,6,card\n2,7,\n").counts.events == 0);
  CHECK(import("1,5,card\n2,7,\n").counts.events == 1);
  CHECK(log.last().record.data.find(R"("amount":{"currency":"EUR","minor":500})") !=
        std::string::npos);
  CHECK(import("1,5,cash\n").rejects == "2 /method import.not_correctable\n");
}

TEST_CASE("what adds up and was booked elsewhere before is rejected") {
  Log log;
  const char* const payments =
      R"({"profile":"p","files":{"rows":{"columns":["id","order"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","rows":"first","key":"{order}","steps":[{"command":"PlaceOrder","fields":{)"
      R"("number":"{order}","total":{"minor":900,"currency":"EUR"},"lines":[{"sku":"s",)"
      R"("quantity":1,"unit_price":"9","amount":{"minor":900,"currency":"EUR"}}]}}]},)"
      R"({"fact":"payment","file":"rows","key":"{id}","steps":[{"command":"ReceivePayment",)"
      R"("target":["order","{order}"],"fields":{"amount":{"minor":100,"currency":"EUR"}}}]}]})";
  CHECK(log.import("id,order\n1,A\n2,B\n", {}, {}, payments).counts.events == 4);
  CHECK(log.import("id,order\n1,B\n2,B\n", {}, {}, payments).rejects ==
        "2  import.target_changed\n");
}

TEST_CASE("a correction touches only what the source changed") {
  Log log;
  const char* const deals =
      R"({"profile":"p","files":{"rows":{"columns":["id","amount","title","agent"]}},"facts":[)"
      R"({"fact":"agent","file":"rows","rows":"first","where":"{agent}","key":"{agent}","steps":[)"
      R"({"command":"AddUser","fields":{"name":"{agent}","role":"{title}"}}]},)"
      R"({"fact":"pipe","file":"rows","rows":"first","key":"all","steps":[{"command":)"
      R"("DefinePipeline","fields":{"name":"P","stages":[{"key":"a","name":"A","category":"open",)"
      R"("probability":10}]}}]},)"
      R"({"fact":"deal","file":"rows","key":"{id}","steps":[{"command":"OpenDeal","fields":{)"
      R"("pipeline":{"$ref":["pipe","all"]},"origin":"{title}",)"
      R"("owner":{"$ref":["agent","{agent}"]},"amount":{"$money":"{amount}","currency":"EUR"}}},)"
      R"({"command":"ChangeDealAmount","when":"{title}","fields":)"
      R"({"amount":{"minor":77,"currency":"EUR"}}}]}]})";
  const std::string header = "id,amount,title,agent\n";
  const auto import = [&](const std::string& rows) {
    return log.import(header + rows, {}, {}, deals);
  };
  CHECK(import("1,5,web,Li\n").rejects.empty());
  const std::string first = "UserAdded? PipelineDefined? DealOpened? DealAmountChanged?";
  CHECK(log.events() == first);
  // Its owner changes; the amount, which was changed since, and the rest stay.
  CHECK(import("1,5,web,Wu\n").rejects.empty());
  CHECK(log.events() == first + " UserAdded? DealOwnerAssigned?");
  CHECK(import("1,5,shop,Wu\n").rejects == "2 /origin import.not_correctable\n");
  // A text that the source empties is taken away, other fields cannot be.
  CHECK(import("1,5,,Wu\n").rejects == "2 /origin import.not_correctable\n");
  CHECK(log.last().record.type == "UserChanged");
  CHECK(log.last().record.data.find(R"("role":"")") != std::string::npos);
  CHECK(import("1,5,web,\n").rejects == "2 /owner import.not_correctable\n");
}

TEST_CASE("rows that swap what is unique swap who holds it") {
  Log log;
  const char* const people =
      R"({"profile":"p","files":{"rows":{"columns":["id","mail","ext"]}},"facts":[{"fact":"person",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"RegisterCustomer","fields":{)"
      R"("kind":"person","name":"P{id}","external_ids":[{"system":"erp","external_id":"{ext}"}],)"
      R"("contact_points":[{"kind":"email","value":"{mail}"}]}}]}]})";
  const auto import = [&](const std::string& rows) {
    return log.import("id,mail,ext\n" + rows, {}, {}, people);
  };
  const auto holder = [&](const char* space, const char* value) {
    factum::test::PlainSealer sealer;
    const auto claim = log.store().find_claim(space, sealer.digest(space, value));
    REQUIRE(claim);
    return *claim ? (*claim)->holder : std::string{};
  };
  const std::string first = "1,ann@x.org,E1\n2,bob@x.org,E2\n";
  CHECK(import(first).rejects.empty());
  const std::string ann = holder("customer.email", "ann@x.org");
  const std::string bob = holder("customer.email", "bob@x.org");
  CHECK(ann != bob);
  for (int i = 0; i < 2; ++i) {
    const auto swapped = import("1,bob@x.org,E2\n2,ann@x.org,E1\n");
    CHECK(swapped.error + swapped.rejects == "");
    CHECK(holder("customer.email", "bob@x.org") == ann);
    CHECK(holder("customer.email", "ann@x.org") == bob);
    const auto back = import(first);
    CHECK(back.error + back.rejects == "");
    CHECK(holder("customer.email", "bob@x.org") == bob);
    CHECK(import(first).counts.events == 0);
  }
}

TEST_CASE("a deal that the source calls won, lost and won again is won") {
  Log log;
  const char* const deals =
      R"({"profile":"p","files":{"rows":{"columns":["id","state","value"]}},"facts":[{"fact":"pipe",)"
      R"("file":"rows","rows":"first","key":"all","steps":[{"command":"DefinePipeline","fields":{)"
      R"("name":"P","stages":[{"key":"a","name":"A","category":"open","probability":10}]}}]},)"
      R"({"fact":"deal","file":"rows","key":"{id}","steps":[{"command":"OpenDeal","fields":{)"
      R"("pipeline":{"$ref":["pipe","all"]}}},)"
      R"({"command":"WinDeal","when":{"$is":["{state}","Won"]},)"
      R"("fields":{"amount":{"$money":"{value}","currency":"EUR"}}},)"
      R"({"command":"LoseDeal","when":{"$is":["{state}","Lost"]},"fields":{"reason":"x"}}]}]})";
  const auto import = [&](const std::string& rows) {
    return log.import("id,state,value\n" + rows, {}, {}, deals);
  };
  CHECK(import("1,Won,5\n").error.empty());
  CHECK(import("1,Lost,\n").counts.events == 1);
  CHECK(log.last().record.type == "DealLost");
  CHECK(import("1,Won,5\n").counts.events == 1);
  CHECK(log.last().record.type == "DealWon");
  CHECK(import("1,Won,5\n").counts.events == 0);
  // What is only taken back is said by no event.
  CHECK(import("1,Open,\n").rejects == "2  import.taken_back\n");
  CHECK(import("1,Won,\n").rejects == "2 /amount import.not_correctable\n");
  CHECK(import("1,Won,6\n").counts.events == 1);
  CHECK(import("1,Won,6\n").counts.events == 0);
}

TEST_CASE("a deal told won anew may be worth something else") {
  Log log;
  const char* const deals =
      R"({"profile":"p","files":{"rows":{"columns":["id","state","value"]}},"facts":[{"fact":"pipe",)"
      R"("file":"rows","rows":"first","key":"all","steps":[{"command":"DefinePipeline","fields":{)"
      R"("name":"P","stages":[{"key":"a","name":"A","category":"open","probability":10}]}}]},)"
      R"({"fact":"deal","file":"rows","key":"{id}","steps":[{"command":"OpenDeal","fields":{)"
      R"("pipeline":{"$ref":["pipe","all"]}}},)"
      R"({"command":"WinDeal","when":{"$is":["{state}","Won"]},)"
      R"("fields":{"amount":{"$money":"{value}","currency":"EUR"}}},)"
      R"({"command":"LoseDeal","when":{"$is":["{state}","Lost"]},"fields":{"reason":"x"}}]}]})";
  const auto import = [&](const std::string& rows) {
    return log.import("id,state,value\n" + rows, {}, {}, deals);
  };
  CHECK(import("1,Won,5\n").error.empty());
  CHECK(import("1,Lost,\n").counts.events == 1);
  CHECK(import("1,Won,7\n").counts.events == 1);
  CHECK(log.last().record.type == "DealWon");
  CHECK(import("1,Won,7\n").counts.events == 0);
}

TEST_CASE("facts of many steps, and many facts without an event, go in") {
  Log log;
  const char* const tags =
      R"({"profile":"p","files":{"rows":{"columns":["id","tag","since"]}},"facts":[{"fact":"c",)"
      R"("file":"rows","rows":"together","key":"{id}","steps":[{"command":"RegisterCustomer",)"
      R"("at":{"$time":"{since}","format":"%Y-%m-%d"},"fields":{"kind":"person","name":"P{id}"}},)"
      R"({"for_each":"rows","where":"{tag}","steps":[{"command":"ApplyTag","step":"{tag}",)"
      R"("fields":{"tag":"{tag}"}}]}]}]})";
  std::string rows = "id,tag,since\n";
  for (int i = 0; i < 200; ++i) rows += "1,t" + std::to_string(i) + ",2020-01-01\n";
  CHECK(log.import(rows, {}, {}, tags).counts.events == 201);
  CHECK(log.import(rows, {}, {}, tags).counts.events == 0);
  const char* const plain =
      R"({"profile":"q","files":{"rows":{"columns":["id","since"]}},"facts":[{"fact":"c",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"RegisterCustomer",)"
      R"("at":{"$time":"{since}","format":"%Y-%m-%d"},"fields":{"kind":"person","name":"P"}}]}]})";
  const auto customers = [](const char* since, int count) {
    std::string text = "id,since\n";
    for (int i = 2; i < count; ++i) text += std::to_string(i) + "," + since + "\n";
    return text;
  };
  CHECK(log.import(customers("2020-01-01", 9'000), {}, {}, plain).counts.events == 8'998);
  const auto later = log.import(customers("2020-01-02", 9'001), {}, {}, plain);
  CHECK(later.error + later.rejects == "");
  CHECK(later.counts.events == 1);
}

TEST_CASE("what a corrected file says of a move does not come after what followed it") {
  Log log;
  const char* const orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","confirmed","closed"]}},"facts":[{"fact":)"
      R"("order","file":"rows","key":"{id}","steps":[{"command":"PlaceOrder","fields":{"number":)"
      R"("{id}","total":{"minor":900,"currency":"EUR"},"lines":[{"sku":"s","quantity":1,)"
      R"("unit_price":"9","amount":{"minor":900,"currency":"EUR"}}]}},)"
      R"({"command":"ConfirmOrder","at":{"$time":"{confirmed}","format":"%Y-%m-%d"},"fields":{}},)"
      R"({"command":"CloseOrder","when":"{closed}","at":{"$time":"{closed}","format":"%Y-%m-%d"},)"
      R"("fields":{}}]}]})";
  const auto import = [&](const std::string& rows) {
    return log.import("id,confirmed,closed\n" + rows, {}, {}, orders);
  };
  CHECK(import("1,2020-01-02,2020-01-09\n").counts.events == 3);
  CHECK(import("1,2020-01-03,2020-01-09\n").rejects == "2  import.gone_on\n");
  CHECK(log.last().record.type == "OrderClosed");
  CHECK(import("1,2020-01-02,2020-01-10\n").counts.events == 1);
  CHECK(to_string(*log.last().record.occurred_at).starts_with("2020-01-10"));
  CHECK(log.last().record.broken_rules.empty());
  CHECK(import("1,2020-01-02,2020-01-10\n").counts.events == 0);
  // What comes to light later and was before is not recorded as if it were the last thing.
  CHECK(import("2,2020-02-05,\n").counts.events == 2);
  CHECK(import("2,2020-02-05,2020-02-01\n").rejects == "2  import.gone_on\n");
  CHECK(import("2,2020-02-05,2020-02-07\n").counts.events == 1);
}

TEST_CASE("a corrected contact point replaces what the import added; tags are not corrected") {
  Log log;
  const char* const people =
      R"({"profile":"p","files":{"rows":{"columns":["id","mail","tag"]}},"facts":[{"fact":"person",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"RegisterCustomer","fields":{)"
      R"("kind":"person","name":"P{id}"}},{"command":"AddCustomerContactPoint","fields":{)"
      R"("kind":"email","label":"work","value":"{mail}"}},)"
      R"({"command":"ApplyTag","fields":{"tag":"{tag}"}}]}]})";
  const auto import = [&](const std::string& rows) {
    return log.import("id,mail,tag\n" + rows, {}, {}, people);
  };
  CHECK(import("1,a@x.org,gold\n").counts.events == 3);
  CHECK(import("1,b@x.org,gold\n").counts.events == 2);
  const std::string first =
      "CustomerRegistered? CustomerContactPointAdded? TagApplied? "
      "CustomerContactPointRemoved? CustomerContactPointAdded?";
  CHECK(log.events() == first);
  CHECK(import("1,c@x.org,gold\n").counts.events == 2);
  CHECK(import("1,c@x.org,gold\n").counts.events == 0);
  CHECK(import("1,c@x.org,silver\n").rejects == "2 /tag import.not_correctable\n");
}

TEST_CASE("a time that the source corrected is recorded, or rejected where no event tells it") {
  Log log;
  const char* const facts =
      R"({"profile":"p","files":{"rows":{"columns":["id","at"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"PlaceOrder","at":{"$time":"{at}",)"
      R"("format":"%Y-%m-%d"},"fields":{"number":"{id}","total":{"minor":900,"currency":"EUR"},)"
      R"("lines":[{"sku":"s","quantity":1,"unit_price":"9","amount":{"minor":900,)"
      R"("currency":"EUR"}}]}}]},{"fact":"answer","file":"rows","key":"{id}","steps":[{"command":)"
      R"("AnswerSurvey","at":{"$time":"{at}","format":"%Y-%m-%d"},)"
      R"("fields":{"survey":"s","kind":"nps","score":9}}]}]})";
  CHECK(log.import("id,at\n1,2020-01-01\n", {}, {}, facts).counts.events == 2);
  const auto corrected = log.import("id,at\n1,2020-02-01\n", {}, {}, facts);
  CHECK(log.events() == "OrderPlaced SurveyAnswered OrderDetailsCorrected");
  CHECK(corrected.rejects == "2 /occurred_at import.not_correctable\n");
}

TEST_CASE("an adjustment that the source has corrected is booked by its difference") {
  Log log;
  const char* const orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","debt"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"PlaceOrder","fields":{"number":"{id}",)"
      R"("total":{"minor":900,"currency":"EUR"},"lines":[{"sku":"s","quantity":1,)"
      R"("unit_price":"9","amount":{"minor":900,"currency":"EUR"}}]}},{"command":)"
      R"("RecordAdjustment","fields":{"number":"n","reason":"bad_debt",)"
      R"("amount":{"$money":"{debt}","currency":"EUR"}}}]}]})";
  CHECK(log.import("id,debt\n1,-5\n", {}, {}, orders).counts.events == 2);
  const auto corrected = log.import("id,debt\n1,-7\n", {}, {}, orders);
  CHECK(corrected.rejects.empty());
  CHECK(corrected.counts.events == 1);
  CHECK(log.import("id,debt\n1,-7\n", {}, {}, orders).counts.events == 0);
}
