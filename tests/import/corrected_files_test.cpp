// What a corrected file adds: its differences, once, and nothing that would bend what came later.
#include "tests/import/import_log.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

namespace {

// Parts of profiles: an order of 9 euros, and a pipeline of one stage.
const std::string kPlaceOrder =
    R"({"command":"PlaceOrder","fields":{"number":"{id}","total":{"minor":900,"currency":"EUR"},)"
    R"("lines":[{"sku":"s","quantity":1,"unit_price":"9",)"
    R"("amount":{"minor":900,"currency":"EUR"}}]}})";
const std::string kPipeline = R"({"fact":"pipe","file":"rows","rows":"first","key":"all","steps":[)"
                              R"({"command":"DefinePipeline","fields":{"name":"P","stages":[)"
                              R"({"key":"a","name":"A","category":"open","probability":10}]}}]})";

// Deals with their state.
const std::string kDeals =
    R"({"profile":"p","files":{"rows":{"columns":["id","state","value"]}},"facts":[)" + kPipeline +
    R"(,{"fact":"deal","file":"rows","key":"{id}","steps":[{"command":"OpenDeal",)"
    R"("fields":{"pipeline":{"$ref":["pipe","all"]}}},{"command":"WinDeal",)"
    R"("when":{"$is":["{state}","Won"]},"fields":{"amount":{"$money":"{value}",)"
    R"("currency":"EUR"}}},{"command":"LoseDeal","when":{"$is":["{state}","Lost"]},)"
    R"("fields":{"reason":"x"}}]}]})";

}  // namespace

TEST_CASE("a payment that the source has corrected is corrected, not counted twice") {
  const std::string orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","paid","how"]}},)"
      R"("facts":[{"fact":"order","file":"rows","key":"{id}","steps":[)" +
      kPlaceOrder +
      R"(,{"command":"ReceivePayment","fields":{"amount":{"$money":"{paid}","currency":"EUR"},)"
      R"("method":"{how}"}}]}]})";
  ImportLog log(orders);
  const auto import = [&](const char* rows) {
    return log.import("id,paid,how\n" + std::string(rows));
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
  const std::string payments =
      R"({"profile":"p","files":{"rows":{"columns":["id","order"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","rows":"first","key":"{order}","steps":[{"command":"PlaceOrder",)"
      R"("fields":{"number":"{order}","total":{"minor":900,"currency":"EUR"},)"
      R"("lines":[{"sku":"s","quantity":1,"unit_price":"9","amount":{"minor":900,)"
      R"("currency":"EUR"}}]}}]},{"fact":"payment","file":"rows","key":"{id}",)"
      R"("steps":[{"command":"ReceivePayment","target":["order","{order}"],)"
      R"("fields":{"amount":{"minor":100,"currency":"EUR"}}}]}]})";
  ImportLog log(payments);
  CHECK(log.import("id,order\n1,A\n2,B\n").counts.events == 4);
  CHECK(log.import("id,order\n1,B\n2,B\n").rejects == "2  import.target_changed\n");
}

TEST_CASE("a correction touches only what the source changed") {
  const std::string deals =
      R"({"profile":"p","files":{"rows":{"columns":["id","amount","title","agent"]}},)"
      R"("facts":[{"fact":"agent","file":"rows","rows":"first","where":"{agent}",)"
      R"("key":"{agent}","steps":[{"command":"AddUser","fields":{"name":"{agent}",)"
      R"("role":"{title}"}}]},)" +
      kPipeline +
      R"(,{"fact":"deal","file":"rows","key":"{id}","steps":[{"command":"OpenDeal",)"
      R"("fields":{"pipeline":{"$ref":["pipe","all"]},"origin":"{title}",)"
      R"("owner":{"$ref":["agent","{agent}"]},"amount":{"$money":"{amount}",)"
      R"("currency":"EUR"}}},{"command":"ChangeDealAmount","when":"{title}",)"
      R"("fields":{"amount":{"minor":77,"currency":"EUR"}}}]}]})";
  ImportLog log(deals);
  const std::string header = "id,amount,title,agent\n";
  const auto import = [&](const std::string& rows) { return log.import(header + rows); };
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
  const std::string people =
      R"({"profile":"p","files":{"rows":{"columns":["id","mail","ext"]}},)"
      R"("facts":[{"fact":"person","file":"rows","key":"{id}",)"
      R"("steps":[{"command":"RegisterCustomer","fields":{"kind":"person","name":"P{id}",)"
      R"("external_ids":[{"system":"erp","external_id":"{ext}"}],)"
      R"("contact_points":[{"kind":"email","value":"{mail}"}]}}]}]})";
  ImportLog log(people);
  const auto import = [&](const std::string& rows) { return log.import("id,mail,ext\n" + rows); };
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
  ImportLog log(kDeals);
  const auto import = [&](const std::string& rows) {
    return log.import("id,state,value\n" + rows);
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
  ImportLog log(kDeals);
  const auto import = [&](const std::string& rows) {
    return log.import("id,state,value\n" + rows);
  };
  CHECK(import("1,Won,5\n").error.empty());
  CHECK(import("1,Lost,\n").counts.events == 1);
  CHECK(import("1,Won,7\n").counts.events == 1);
  CHECK(log.last().record.type == "DealWon");
  CHECK(import("1,Won,7\n").counts.events == 0);
}

TEST_CASE("facts of many steps, and many facts without an event, go in") {
  const std::string tags =
      R"({"profile":"p","files":{"rows":{"columns":["id","tag","since"]}},"facts":[{"fact":"c",)"
      R"("file":"rows","rows":"together","key":"{id}","steps":[{"command":"RegisterCustomer",)"
      R"("at":{"$time":"{since}","format":"%Y-%m-%d"},"fields":{"kind":"person",)"
      R"("name":"P{id}"}},{"for_each":"rows","where":"{tag}","steps":[{"command":"ApplyTag",)"
      R"("step":"{tag}","fields":{"tag":"{tag}"}}]}]}]})";
  ImportLog log(tags);
  std::string rows = "id,tag,since\n";
  for (int i = 0; i < 200; ++i) rows += "1,t" + std::to_string(i) + ",2020-01-01\n";
  CHECK(log.import(rows).counts.events == 201);
  CHECK(log.import(rows).counts.events == 0);
  const std::string plain =
      R"({"profile":"q","files":{"rows":{"columns":["id","since"]}},"facts":[{"fact":"c",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"RegisterCustomer",)"
      R"("at":{"$time":"{since}","format":"%Y-%m-%d"},"fields":{"kind":"person",)"
      R"("name":"P"}}]}]})";
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
  const std::string orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","confirmed","closed"]}},)"
      R"("facts":[{"fact":"order","file":"rows","key":"{id}","steps":[)" +
      kPlaceOrder +
      R"(,{"command":"ConfirmOrder","at":{"$time":"{confirmed}","format":"%Y-%m-%d"},)"
      R"("fields":{}},{"command":"CloseOrder","when":"{closed}","at":{"$time":"{closed}",)"
      R"("format":"%Y-%m-%d"},"fields":{}}]}]})";
  ImportLog log(orders);
  const auto import = [&](const std::string& rows) {
    return log.import("id,confirmed,closed\n" + rows);
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

TEST_CASE("a list of steps that grows too long is given up, and nothing is told again for it") {
  const std::string payments =
      R"({"profile":"p","files":{"rows":{"columns":["id","paid"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","rows":"together","key":"{id}","steps":[)" +
      kPlaceOrder +
      R"(,{"for_each":"rows","steps":[{"command":"ReceivePayment","fields":)"
      R"({"amount":{"$money":"{paid}","currency":"EUR"}}}]}]}]})";
  ImportLog log(payments);
  CommandSinkOptions options;
  options.step_list_bytes_max = 20;
  const auto import = [&](int paid) {
    std::string rows = "id,paid\n";
    for (int i = 1; i <= paid; ++i) rows += "1," + std::to_string(i) + "\n";
    return log.import(rows, options).counts.events;
  };
  CHECK(import(2) == 3);
  CHECK(import(5) == 3);
  CHECK(import(5) == 0);
  CHECK(import(6) == 1);
  CHECK(import(6) == 0);
}

TEST_CASE("a step that had nothing to record is not told again either") {
  const std::string tags =
      R"({"profile":"p","files":{"rows":{"columns":["id","tag","more"]}},"facts":[{"fact":"c",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"RegisterCustomer","fields":)"
      R"({"kind":"person","name":"P"}},{"command":"ApplyTag","step":"{tag}","fields":)"
      R"({"tag":"{tag}"}},{"command":"ApplyTag","step":"again","when":"{more}","fields":)"
      R"({"tag":"{more}"}},{"command":"RemoveTag","when":"{more}","fields":{"tag":"{tag}"}}]}]})";
  ImportLog log(tags);
  const auto import = [&](const std::string& rows) {
    return log.import("id,tag,more\n" + rows).counts.events;
  };
  CHECK(import("1,vip,\n") == 2);
  CHECK(import("1,vip,vip\n") == 1);
  CHECK(log.last().record.type == "TagRemoved");
  CHECK(import("1,vip,vip\n") == 0);
}

TEST_CASE("a corrected contact point replaces what the import added; tags are not corrected") {
  const std::string people =
      R"({"profile":"p","files":{"rows":{"columns":["id","mail","tag"]}},)"
      R"("facts":[{"fact":"person","file":"rows","key":"{id}",)"
      R"("steps":[{"command":"RegisterCustomer","fields":{"kind":"person","name":"P{id}"}},)"
      R"({"command":"AddCustomerContactPoint","fields":{"kind":"email","label":"work",)"
      R"("value":"{mail}"}},{"command":"ApplyTag","fields":{"tag":"{tag}"}}]}]})";
  ImportLog log(people);
  const auto import = [&](const std::string& rows) { return log.import("id,mail,tag\n" + rows); };
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
  const std::string facts =
      R"({"profile":"p","files":{"rows":{"columns":["id","at"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","key":"{id}","steps":[{"command":"PlaceOrder","at":{"$time":"{at}",)"
      R"("format":"%Y-%m-%d"},"fields":{"number":"{id}","total":{"minor":900,"currency":"EUR"},)"
      R"("lines":[{"sku":"s","quantity":1,"unit_price":"9","amount":{"minor":900,)"
      R"("currency":"EUR"}}]}}]},{"fact":"answer","file":"rows","key":"{id}",)"
      R"("steps":[{"command":"AnswerSurvey","at":{"$time":"{at}","format":"%Y-%m-%d"},)"
      R"("fields":{"survey":"s","kind":"nps","score":9}}]}]})";
  ImportLog log(facts);
  CHECK(log.import("id,at\n1,2020-01-01\n").counts.events == 2);
  const auto corrected = log.import("id,at\n1,2020-02-01\n");
  CHECK(log.events() == "OrderPlaced SurveyAnswered OrderDetailsCorrected");
  CHECK(corrected.rejects == "2 /occurred_at import.not_correctable\n");
}

TEST_CASE("an adjustment that the source has corrected is booked by its difference") {
  const std::string orders =
      R"({"profile":"p","files":{"rows":{"columns":["id","debt"]}},"facts":[{"fact":"order",)"
      R"("file":"rows","key":"{id}","steps":[)" +
      kPlaceOrder +
      R"(,{"command":"RecordAdjustment","fields":{"number":"n","reason":"bad_debt",)"
      R"("amount":{"$money":"{debt}","currency":"EUR"}}}]}]})";
  ImportLog log(orders);
  CHECK(log.import("id,debt\n1,-5\n").counts.events == 2);
  const auto corrected = log.import("id,debt\n1,-7\n");
  CHECK(corrected.rejects.empty());
  CHECK(corrected.counts.events == 1);
  CHECK(log.import("id,debt\n1,-7\n").counts.events == 0);
}
