// No personal value is at rest in the clear: planted through the API, looked for in every file.
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"
#include "tests/support/needle_scan.hpp"
#include "tests/support/plain_sealer.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kName = "Needle Nightingale";
const std::string kChineseName = "欧阳针叶测试";
const std::string kEmail = "needle.nightingale@example.org";
const std::string kPhone = "+442079460958";
const std::string kExternalId = "EXT-NEEDLE-4711";
const std::string kStreet = "17 Needlework Lane";
const std::string kCall = "She asked about needle exchange";
const std::string kNote = "Prefers needle-point deliveries";
const std::string kTitle = "Needle machines for Nightingale";
const std::string kReply = "Dear needle customer";
const std::string kBirthday = "1971-03-29";
const std::string kComment = "needles were too blunt";
const std::string kImpression = "Needle-sharp, she said";
const std::string kKey = "needle-idempotency-key-1";

const std::vector<std::string> kNeedles{kName,     kChineseName, kEmail,      kPhone, kExternalId,
                                        kStreet,   kCall,        kNote,       kTitle, kReply,
                                        kBirthday, kComment,     kImpression, kKey};

const std::string kOwnTypes =
    R"({"types":[{"name":"ext.DemoHeld","schema":1,"doc":"Shown","fields":[)"
    R"({"name":"customer","doc":"Who","kind":"id","entity":"customer"},)"
    R"({"name":"impression","doc":"Said","kind":"text","class":"sensitive","owner":"customer"}]}]})";

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// Every kind of personal field that the API takes, in requests that succeed and that are refused.
void plant(RunningApp& app) {
  const std::string customer =
      app.create("/v1/customers",
                 R"({"kind":"person","name":)" + quoted(kName) + R"(,"attributes":{"note":)" +
                     quoted(kNote) + R"(},"external_ids":[{"system":"crm","external_id":)" +
                     quoted(kExternalId) + R"(}],"contact_points":[{"kind":"email","value":)" +
                     quoted(kEmail) + R"(},{"kind":"phone","value":)" + quoted(kPhone) +
                     R"(},{"kind":"address","address":{"street":)" + quoted(kStreet) +
                     R"(,"city":"London","postal_code":"","region":"","country":"GB"}}]})");
  const std::string contact = app.create(
      "/v1/contacts", R"({"name":)" + quoted(kChineseName) + R"(,"birthday":)" + quoted(kBirthday) +
                          R"(,"links":[{"customer":)" + quoted(customer) + R"(,"role":"buyer"}]})");
  const std::string about = R"("customer":)" + quoted(customer) + ",";
  app.create("/v1/interactions", "{" + about + R"("contact":)" + quoted(contact) +
                                     R"(,"channel":"call","direction":"inbound","text":)" +
                                     quoted(kCall) + "}");
  const std::string pipeline =
      app.create("/v1/pipelines", R"({"name":"Sales","stages":[{"key":"new","name":"New",)"
                                  R"("category":"open","probability":10}]})");
  app.create("/v1/deals", "{" + about + R"("pipeline":)" + quoted(pipeline) + R"(,"title":)" +
                              quoted(kTitle) + "}");
  const std::string ticket =
      app.create("/v1/tickets", "{" + about + R"("kind":"question","priority":"normal",)" +
                                    R"("subject":)" + quoted(kTitle) + "}");
  app.write("/v1/tickets/" + ticket + ":add_note", R"({"text":)" + quoted(kNote) + "}");
  app.write("/v1/tickets/" + ticket + ":start", "");
  app.write("/v1/tickets/" + ticket + ":reply", R"({"text":)" + quoted(kReply) + "}");
  app.create("/v1/responses", "{" + about + R"("kind":"nps","survey":"yearly","score":3,)" +
                                  R"("comment":)" + quoted(kComment) + "}");
  app.write("/v1/customers", R"({"kind":"person","name":)" + quoted(kName) + "}",
            {{"Idempotency-Key", kKey}});
  app.write("/v1/events:append", R"({"events":[{"type":"ext.DemoHeld","data":{)" + about +
                                     R"("impression":)" + quoted(kImpression) + "}}]}");
  // Refused: unknown fields, wrong values, an address that is taken, look-ups in a URL.
  app.write("/v1/customers", "{" + quoted(kName) + ":" + quoted(kEmail) + "}");
  app.write("/v1/events:append", R"({"events":[{"type":"ext.DemoHeld","data":{"impression":)" +
                                     quoted(kImpression) + "}}]}");
  app.write("/v1/contacts", R"({"name":5,"birthday":)" + quoted(kName) + "}");
  app.call("GET", "/v1/customers/" + customer + "/360");
  app.call("GET", "/v1/customers/" + customer + "/timeline");
  app.call("GET", "/v1/events");
}

// The needles that are found below the folder once the program has ended.
std::vector<NeedleHit> hits_after_a_load(const api::OpenSealer& open_sealer) {
  RunningApp app(open_sealer);
  std::ofstream(app.folder() / "data/event_types.json") << kOwnTypes;
  app.restart();
  plant(app);
  app.restart();
  app.call("GET", "/v1/events");
  const std::string logged = app.logged();
  app.stop();
  std::ofstream(app.folder() / "logged.txt") << logged;
  return scan_for_needles({app.folder().path().string()}, kNeedles);
}

}  // namespace

TEST_CASE("planted personal values are in no file of data, keys and logs") {
  const auto hits = hits_after_a_load({});
  CHECK_MESSAGE(hits.empty(), show(hits));
}

TEST_CASE("the same load without sealing leaves every planted value to be found") {
  const auto hits = hits_after_a_load([](const api::SealerOptions&) {
    return Result<std::unique_ptr<Sealer>>(std::make_unique<PlainSealer>());
  });
  for (const std::string& needle : kNeedles) {
    CAPTURE(needle);
    const bool found = std::any_of(hits.begin(), hits.end(),
                                   [&](const NeedleHit& hit) { return hit.needle == needle; });
    CHECK(found == (needle != kKey));
  }
}
