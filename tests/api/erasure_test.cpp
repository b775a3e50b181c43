// Erasures through the API: what is gone, what stays, races, and a program that is stopped
// half-way.
#include "api/demo/demo_writer.hpp"
#include "api/services.hpp"
#include "core/es/event_codec.hpp"
#include "projections/projector.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/needle_scan.hpp"
#include "tests/support/plain_sealer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <thread>

using namespace factum;
using namespace factum::test;
namespace fs = std::filesystem;

namespace {

const std::string kName = "Needle Nightingale";
const std::string kChineseName = "欧阳针叶测试";
const std::string kEmail = "needle.nightingale@example.org";
const std::string kCall = "She asked about needle exchange";
const std::string kSubject = "Needles arrived blunt";
const std::string kStaysName = "Otto Stays Here";
const std::string kStaysCall = "Otto wants to stay with us";

const std::vector<std::string> kGone{kName, kChineseName, kEmail, kCall, kSubject};
const std::vector<std::string> kStays{kStaysName, kStaysCall};

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

struct Erased : RunningApp {
  explicit Erased(api::OpenSealer open_sealer = {}) : RunningApp(std::move(open_sealer)) {
    officer = create("/v1/users", R"({"name":"Officer"})");
    second = made("/v1/users", R"({"name":"Second"})");
    gone = person(kName, kEmail);
    stays = person(kStaysName, "otto@example.org");
    contact =
        made("/v1/contacts", R"({"name":)" + in_quotes(kChineseName) + R"(,"links":[{"customer":)" +
                                 in_quotes(gone) + R"(,"role":"buyer"}]})");
    log_call(gone, kCall);
    log_call(stays, kStaysCall);
    made("/v1/tickets", R"({"customer":)" + in_quotes(gone) +
                            R"(,"kind":"complaint","priority":"normal","subject":)" +
                            in_quotes(kSubject) + "}");
  }

  std::string person(const std::string& name, const std::string& email) {
    return made("/v1/customers", R"({"kind":"person","name":)" + in_quotes(name) +
                                     R"(,"contact_points":[{"kind":"email","value":)" +
                                     in_quotes(email) + "}]}");
  }
  ClientResponse log_call(const std::string& customer, const std::string& text) {
    return as(officer, "/v1/interactions",
              R"({"customer":)" + in_quotes(customer) +
                  R"(,"channel":"call","direction":"inbound","text":)" + in_quotes(text) + "}");
  }
  /// The id of an entity that the officer makes.
  std::string made(const std::string& target, const std::string& body) {
    const auto response = as(officer, target, body);
    REQUIRE_MESSAGE(response.status == 201, response.body);
    return member(response.body, "id");
  }
  ClientResponse as(const std::string& user, const std::string& target, const std::string& body) {
    return call("POST", target, body,
                {{"content-type", "application/json"}, {"factum-actor", "user:" + user}});
  }
  std::string request(const std::string& subjects) {
    return made("/v1/erasures", "{" + subjects + R"(,"ground":"consent_withdrawn"})");
  }
  std::string both() {
    return R"("customers":[)" + in_quotes(gone) + R"(],"contacts":[)" + in_quotes(contact) + "]";
  }
  std::string approve_both() {
    const std::string erasure = request(both());
    const auto approved = as(second, "/v1/erasures/" + erasure + ":approve", "");
    REQUIRE_MESSAGE(approved.status == 200, approved.body);
    return erasure;
  }
  std::string status_of(const std::string& erasure) {
    return member(call("GET", "/v1/erasures/" + erasure).body, "status");
  }
  void wait_for(const std::string& erasure, const std::string& status) {
    eventually("an erasure is " + status, [&] { return status_of(erasure) == status; });
  }
  std::string body_of(const std::string& target) {
    const auto response = call("GET", target);
    CHECK(response.status == 200);
    return response.body;
  }
  std::string search(const std::string& text) {
    const auto response =
        call("POST", "/v1/customers:search", R"({"name":)" + in_quotes(text) + "}",
             {{"content-type", "application/json"}});
    CHECK(response.status == 200);
    return response.body;
  }
  std::string find(const std::string& email) {
    const auto response =
        call("POST", "/v1/customers:search", R"({"email":)" + in_quotes(email) + "}",
             {{"content-type", "application/json"}});
    CHECK(response.status == 200);
    return response.body;
  }
  std::vector<Digest> leaves(std::size_t count) {
    return services().store.tree_row(0, 0, count).value();
  }

  std::string officer;
  std::string second;
  std::string gone;
  std::string stays;
  std::string contact;
};

std::string without_position(std::string body) {
  const auto at = body.find("\"position\":");
  return at == std::string::npos ? body : body.erase(at, body.find_first_of(",}", at) - at);
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  REQUIRE(std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc());
  return number;
}

bool holds_any(const std::string& text, const std::vector<std::string>& needles) {
  return std::any_of(needles.begin(), needles.end(), [&](const std::string& needle) {
    return text.find(needle) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("an erased person is nowhere, and everybody else is as before") {
  Erased app;
  const std::vector<std::string> views{"/v1/customers/" + app.gone + "/360",
                                       "/v1/customers/" + app.gone + "/timeline",
                                       "/v1/customers?limit=100",
                                       "/v1/contacts?limit=100",
                                       "/v1/customers/" + app.gone,
                                       "/v1/contacts/" + app.contact,
                                       "/v1/tickets?state=new",
                                       "/v1/events?limit=100"};
  const std::string neighbour =
      without_position(app.body_of("/v1/customers/" + app.stays + "/timeline"));
  const auto head = app.services().store.head();
  const auto leaves = app.leaves(head.value());
  CHECK(app.find(kEmail).find(app.gone) != std::string::npos);
  CHECK(app.search("Needle").find(app.gone) != std::string::npos);

  const std::string erasure = app.approve_both();
  app.wait_for(erasure, "certified");
  const std::string shown = app.body_of("/v1/erasures/" + erasure);
  CHECK(member(shown, "ciphertexts") != "0");

  for (const std::string& view : views) {
    CAPTURE(view);
    CHECK_FALSE(holds_any(app.body_of(view), kGone));
    CHECK_FALSE(holds_any(app.call("GET", view + (view.find('?') == std::string::npos ? "?" : "&") +
                                              "as_of=" + std::to_string(head.value()))
                              .body,
                          kGone));
  }
  CHECK(app.find(kEmail).find(app.gone) == std::string::npos);
  CHECK(app.search("Needle").find(app.gone) == std::string::npos);
  CHECK(without_position(app.body_of("/v1/customers/" + app.stays + "/timeline")) == neighbour);
  CHECK(app.leaves(head.value()) == leaves);

  const auto refused = app.log_call(app.gone, "again");
  CHECK(refused.status == 410);
  CHECK(app.log_call(app.stays, "again").status == 201);
  const std::string returned = app.person(kName, kEmail);
  CHECK(returned != app.gone);
  CHECK(app.find(kEmail).find(returned) != std::string::npos);
  app.restart();
  CHECK(app.log_call(app.gone, "again").status == 410);
  CHECK(app.status_of(erasure) == "certified");
}

// With a sealer that hides nothing every value lies in the files until it is removed.
TEST_CASE("what is erased is in no file, and what is not erased is where it was") {
  PlainSealer plain;
  Erased app([&plain](const api::SealerOptions&) {
    return Result<std::unique_ptr<Sealer>>(std::make_unique<BorrowedSealer>(plain));
  });
  const std::string folder = app.folder().path().string();
  SUBCASE("with everything in write-ahead logs") {}
  SUBCASE("with everything in tables") { app.restart(); }
  const auto found = [&](const std::vector<std::string>& needles) {
    std::vector<std::string> seen;
    const auto hits = scan_for_needles({folder}, needles);
    for (const std::string& needle : needles) {
      if (std::any_of(hits.begin(), hits.end(),
                      [&](const NeedleHit& hit) { return hit.needle == needle; }))
        seen.push_back(needle);
    }
    return seen;
  };
  CHECK(found(kGone) == kGone);
  const std::string erasure = app.approve_both();
  app.wait_for(erasure, "certified");
  // Files come and go in a folder that is in use.
  eventually("a look at every file", [&] {
    try {
      const auto while_running = scan_for_needles({folder}, kGone);
      CHECK_MESSAGE(while_running.empty(), show(while_running));
      return true;
    } catch (const fs::filesystem_error&) {
      return false;
    }
  });
  app.stop();
  const auto afterwards = scan_for_needles({folder}, kGone);
  CHECK_MESSAGE(afterwards.empty(), show(afterwards));
  CHECK(found(kStays) == kStays);
}

TEST_CASE("a hold stops an erasure that was approved, until it is lifted") {
  Erased app;
  const auto placed = app.as(app.officer, "/v1/holds", "{" + app.both() + R"(,"matter":"case-7"})");
  REQUIRE(placed.status == 201);
  const std::string erasure = app.request(app.both());
  const auto refused = app.as(app.second, "/v1/erasures/" + erasure + ":approve", "");
  CHECK(refused.status == 422);
  CHECK(refused.body.find("erasure.held") != std::string::npos);
  CHECK(app.as(app.officer, "/v1/holds/" + member(placed.body, "id") + ":lift", "").status == 200);
  CHECK(app.as(app.officer, "/v1/erasures/" + erasure + ":approve", "").status == 422);
  CHECK(app.as(app.second, "/v1/erasures/" + erasure + ":approve", "").status == 200);
  app.wait_for(erasure, "certified");
}

TEST_CASE("of two erasures of one person the later one is refused, and nobody is opened again") {
  Erased app;
  const std::string subjects = "\"customers\":[" + in_quotes(app.gone) + "]";
  std::vector<std::string> erasures;
  for (int i = 0; i < 4; ++i) erasures.push_back(app.request(subjects));
  for (const std::string& erasure : erasures)
    app.as(app.second, "/v1/erasures/" + erasure + ":approve", "");
  const auto with = [&](const std::string& status) {
    return std::count_if(erasures.begin(), erasures.end(), [&](const std::string& erasure) {
      return app.status_of(erasure) == status;
    });
  };
  eventually("one is certified", [&] {
    CHECK(app.log_call(app.gone, "again").status != 500);
    return with("certified") == 1;
  });
  eventually("the others are over", [&] { return with("approved") == 0; });
  CHECK(with("certified") == 1);
  CHECK(app.log_call(app.gone, "again").status == 410);
  ReadOptions all;
  all.limit = SIZE_MAX;
  const auto events = app.services().store.read(Query{{{{}, {"customer:" + app.gone}}}}, all);
  REQUIRE(events);
  for (const RecordedEvent& event : *events) {
    for (std::size_t i = 0; i < event.ciphertexts.size(); ++i) {
      // Her contact's stay.
      if (event.record.slots[i].name.starts_with("customer.")) CHECK_FALSE(event.ciphertexts[i]);
    }
  }
}

TEST_CASE("writers race an erasure: nothing is sealed for the person behind the fence") {
  Erased app;
  std::atomic<bool> ends{false};
  std::atomic<int> written{0};
  std::atomic<int> refused{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&] {
      while (!ends) {
        const int status = app.log_call(app.gone, "one more call").status;
        if (status == 201)
          ++written;
        else if (status == 410)
          ++refused;
        else
          ++wrong;
      }
    });
  }
  eventually("some calls", [&] { return written > 50; });
  const std::string erasure = app.approve_both();
  app.wait_for(erasure, "certified");
  eventually("refusals", [&] { return refused > 50; });
  ends = true;
  for (std::thread& writer : writers) writer.join();
  CHECK(wrong == 0);
  const auto fence = number_of(member(app.body_of("/v1/erasures/" + erasure), "fence"));
  const std::string tag = "customer:" + app.gone;
  ReadOptions all;
  all.limit = SIZE_MAX;
  const auto events = app.services().store.read(Query{{{{}, {tag}}}}, all);
  REQUIRE(events);
  std::size_t sealed = 0;
  for (const RecordedEvent& event : *events) {
    for (const auto& ciphertext : event.ciphertexts) {
      CHECK_FALSE(ciphertext);
      CHECK(event.position.value() < fence);
      ++sealed;
    }
  }
  CHECK(sealed >= static_cast<std::size_t>(written.load()));
}

TEST_CASE("an erasure that is stopped again and again ends all the same") {
  Erased app;
  const std::string erasure = app.approve_both();
  for (int stops = 0; stops < 6; ++stops) app.restart();
  app.wait_for(erasure, "certified");
  CHECK_FALSE(holds_any(app.body_of("/v1/customers/" + app.gone + "/360"), kGone));
  CHECK(app.body_of("/v1/customers/" + app.stays + "/360").find(kStaysName) != std::string::npos);
}

TEST_CASE("old keys that come back are closed before anything is read, and destroyed again") {
  Erased app;
  app.stop();
  const std::string keys = app.folder() / "keys";
  fs::copy(keys, app.folder() / "old.keys", fs::copy_options::recursive);
  app.begin();
  const std::string erasure = app.approve_both();
  app.wait_for(erasure, "certified");
  app.stop();
  fs::remove_all(keys);
  fs::copy(app.folder() / "old.keys", keys, fs::copy_options::recursive);
  app.begin();
  CHECK_FALSE(holds_any(app.body_of("/v1/customers/" + app.gone + "/360"), kGone));
  eventually("the keys are destroyed again",
             [&] { return app.logged().find("were destroyed again") != std::string::npos; });
  CHECK(app.log_call(app.gone, "again").status == 410);
  CHECK(app.log_call(app.stays, "again").status == 201);
}

TEST_CASE("figures about everybody are the same before and after, now and as of then") {
  RunningApp app;
  const auto written =
      demo::write_demo(app.services().bus, {3, 40, *parse_timestamp("2026-01-01T00:00:00Z")},
                       [](std::size_t) { return true; });
  REQUIRE(written.has_value());
  const auto body_of = [&](const std::string& target) {
    const auto response = app.call("GET", target);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return response.body;
  };
  const std::string users =
      body_of("/v1/users?limit=2&min_position=" + std::to_string(written->events));
  const auto user = [&](std::size_t from) {
    const auto at = users.find("\"user\":\"", from) + 8;
    return std::pair("user:" + users.substr(at, 36), at);
  };
  const auto [first, end] = user(0);
  const auto second = user(end).first;
  const std::string pipeline = "/v1/pipelines/" + written->pipeline.uuid.to_string();
  const std::vector<std::string> figures{
      pipeline + "/funnel", pipeline + "/board_totals",  "/v1/revenue",
      "/v1/tickets:count",  "/v1/satisfaction?kind=nps", "/v1/satisfaction?kind=csat"};
  const std::string then = std::to_string(app.services().store.head().value());
  const auto all = [&](const std::string& as_of) {
    std::string text;
    for (const std::string& figure : figures) {
      const char join = figure.find('?') == std::string::npos ? '?' : '&';
      text += body_of(figure + (as_of.empty() ? "" : join + ("as_of=" + as_of))) + '\n';
    }
    return text;
  };
  const std::string now_before = all("");
  const std::string then_before = all(then);
  const std::string customers = body_of("/v1/customers?limit=10");
  std::string ids;
  for (std::size_t at = customers.find("\"id\":\""); at != std::string::npos;
       at = customers.find("\"id\":\"", at + 1))
    ids += (ids.empty() ? "" : ",") + customers.substr(at + 5, 38);
  const auto as = [&](const std::string& actor, const std::string& target,
                      const std::string& body) {
    return app.call("POST", target, body,
                    {{"content-type", "application/json"}, {"factum-actor", actor}});
  };
  const auto requested =
      as(first, "/v1/erasures", R"({"customers":[)" + ids + R"(],"ground":"unlawful"})");
  REQUIRE_MESSAGE(requested.status == 201, requested.body);
  const std::string erasure = "/v1/erasures/" + member(requested.body, "id");
  REQUIRE(as(second, erasure + ":approve", "").status == 200);
  eventually("the erasure", [&] { return member(body_of(erasure), "status") == "certified"; });
  CHECK(number_of(member(member(body_of(erasure), "certificate"), "ciphertexts")) > 50);
  CHECK(all("") == now_before);
  CHECK(all(then) == then_before);
}

TEST_CASE("a log that comes back from before an erasure loses the person again") {
  Erased app;
  app.stop();
  const std::string data = app.folder() / "data";
  fs::copy(data, app.folder() / "old.data", fs::copy_options::recursive);
  app.begin();
  app.wait_for(app.approve_both(), "certified");
  app.stop();
  fs::remove_all(data);
  fs::copy(app.folder() / "old.data", data, fs::copy_options::recursive);
  app.begin();
  CHECK_FALSE(holds_any(app.body_of("/v1/customers/" + app.gone + "/360"), kGone));
  eventually("both are erased again", [&] {
    const std::string body = app.body_of("/v1/erasures?status=certified");
    return body.find(app.gone) != std::string::npos && body.find(app.contact) != std::string::npos;
  });
  CHECK(app.find(kEmail).find(app.gone) == std::string::npos);
  CHECK(app.find("otto@example.org").find(app.stays) != std::string::npos);
  CHECK(member(app.body_of("/v1/erasures?status=certified&limit=1"), "data").find("restored") !=
        std::string::npos);
  const auto before = app.services().store.head();
  app.restart();
  CHECK(app.status_of(app.request("\"customers\":[" + in_quotes(app.stays) + "]")) == "requested");
  CHECK(app.services().store.head() == Position(before.value() + 1));
}
