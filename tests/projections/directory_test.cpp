#include "projections/directory.hpp"

#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "projections/name_tokens.hpp"
#include "tests/projections/view_fixture.hpp"

#include <doctest/doctest.h>

namespace factum::projections {

using test::id_of;
using test::made;
using test::sealed;
using test::TestLog;

namespace {

void register_customer(TestLog& log, std::uint64_t number, const std::string& name,
                       std::optional<std::string> country = {},
                       std::optional<crm::UserId> owner = {}) {
  log.record(made<crm::CustomerRegistered>([&](auto& e) {
               e.customer = id_of<crm::CustomerId>(number);
               e.name = sealed(name);
               e.country = country;
               e.owner = owner;
             }),
             "2026-01-01");
}

std::string numbers(const std::vector<DirectoryEntry>& entries) {
  std::string text;
  for (const DirectoryEntry& entry : entries) {
    for (std::uint64_t number = 1; number <= 99; ++number) {
      if (entry.id == test::test_id(number)) text += std::to_string(number) + " ";
    }
  }
  return text;
}

std::string found(TestLog& log, const std::string& text, std::optional<PartyKind> party = {}) {
  const auto page =
      search_names(*test::view_of(log, "directory"), log.sealer(), {.party = party, .text = text});
  REQUIRE(page.has_value());
  return numbers(page->items);
}

std::string look(TestLog& log, const LookUp& wanted) {
  const auto entries = look_up(*test::view_of(log, "directory"), log.sealer(), wanted);
  REQUIRE(entries.has_value());
  return numbers(*entries);
}

void add_point(TestLog& log, std::uint64_t number, const char* point, crm::ContactPointKind kind,
               const char* value) {
  log.record(made<crm::CustomerContactPointAdded>([&](auto& e) {
               e.customer = id_of<crm::CustomerId>(number);
               e.point = point;
               e.kind = kind;
               e.value = sealed(value);
             }),
             "2026-01-02");
}

}  // namespace

TEST_CASE("the directory lists customers newest or oldest first, filtered, page by page") {
  TestLog log;
  const auto olga = id_of<crm::UserId>(7);
  register_customer(log, 1, "Ada", "DE", olga);
  register_customer(log, 2, "Bo", "FR");
  register_customer(log, 3, "Cy", "DE", olga);
  log.record(crm::TagApplied{id_of<crm::CustomerId>(3), "vip"}, "2026-01-02");
  log.record(crm::CustomerArchived{id_of<crm::CustomerId>(2), {}}, "2026-01-02");
  log.record(made<crm::ContactCreated>([&](auto& e) { e.contact = id_of<crm::ContactId>(9); }),
             "2026-01-02");
  const auto rows = test::view_of(log, "directory");
  const auto list = [&](const DirectoryQuery& query) {
    return numbers(directory(*rows, query)->items);
  };
  CHECK(list({}) == "3 1 ");
  CHECK(list({.with_archived = true}) == "3 2 1 ");
  CHECK(list({.with_archived = true, .oldest_first = true}) == "1 2 3 ");
  CHECK(list({.owner = olga}) == "3 1 ");
  CHECK(list({.owner = olga, .tag = "vip"}) == "3 ");
  CHECK(list({.country = "FR"}).empty());
  CHECK(list({.country = "FR", .with_archived = true}) == "2 ");
  CHECK(list({.lifecycle_stage = crm::LifecycleStage::prospect}) == "3 1 ");
  CHECK(list({.kind = crm::CustomerType::person}).empty());
  CHECK(list({.party = PartyKind::contact}) == "9 ");

  const auto first = directory(*rows, {.page = {.limit = 1}});
  CHECK(numbers(first->items) == "3 ");
  const auto second = directory(*rows, {.page = {.after = first->next, .limit = 1}});
  CHECK(numbers(second->items) == "1 ");
  CHECK(second->next.empty());
  CHECK(directory_entry(*rows, PartyKind::customer, test::test_id(2))->archived);
  CHECK(directory_entry(*rows, PartyKind::customer, test::test_id(50)).error().code ==
        ErrorCode::not_found);
}

TEST_CASE("an entry moves to the lists of its new owner and country") {
  TestLog log;
  const auto olga = id_of<crm::UserId>(7);
  const auto otto = id_of<crm::UserId>(8);
  register_customer(log, 1, "Ada", "DE", olga);
  log.record(crm::CustomerOwnerAssigned{id_of<crm::CustomerId>(1), otto, olga}, "2026-01-02");
  const auto rows = test::view_of(log, "directory");
  CHECK(directory(*rows, {.owner = olga})->items.empty());
  CHECK(directory(*rows, {.owner = otto})->items.size() == 1);
}

TEST_CASE("parties are looked up by e-mail, phone and external id, however these are typed") {
  TestLog log;
  register_customer(log, 1, "Ada");
  register_customer(log, 2, "Bo");
  add_point(log, 1, "p1", crm::ContactPointKind::email, "Ada@Example.org");
  add_point(log, 1, "p2", crm::ContactPointKind::mobile, "+49 (89) 1234-56");
  add_point(log, 2, "p1", crm::ContactPointKind::email, "ada@example.org");
  log.record(made<crm::CustomerExternalIdLinked>([&](auto& e) {
               e.customer = id_of<crm::CustomerId>(2);
               e.system = "erp";
               e.external_id = sealed("K-1");
             }),
             "2026-01-02");
  CHECK(look(log, {LookUpBy::email, {}, " ADA@example.org"}) == "1 2 ");
  CHECK(look(log, {LookUpBy::phone, {}, "0049 89 123456"}) == "1 ");
  CHECK(look(log, {LookUpBy::external_id, "erp", "K-1"}) == "2 ");
  CHECK(look(log, {LookUpBy::external_id, "crm", "K-1"}).empty());
  CHECK(look(log, {LookUpBy::email, {}, "no address"}).empty());

  log.record(crm::CustomerContactPointRemoved{id_of<crm::CustomerId>(1), "p1"}, "2026-01-03");
  add_point(log, 2, "p1", crm::ContactPointKind::email, "bo@example.org");
  CHECK(look(log, {LookUpBy::email, {}, "ada@example.org"}).empty());
  CHECK(look(log, {LookUpBy::email, {}, "bo@example.org"}) == "2 ");
}

TEST_CASE("a new external id of a system replaces the former one") {
  TestLog log;
  register_customer(log, 1, "Ada");
  const auto link = [&](const char* system, const char* id) {
    log.record(made<crm::CustomerExternalIdLinked>([&](auto& e) {
                 e.customer = id_of<crm::CustomerId>(1);
                 e.system = system;
                 e.external_id = sealed(id);
               }),
               "2026-01-02");
  };
  link("erp", "K-1");
  link("shop", "K-1");
  link("erp", "K-2");
  CHECK(look(log, {LookUpBy::external_id, "erp", "K-1"}).empty());
  CHECK(look(log, {LookUpBy::external_id, "erp", "K-2"}) == "1 ");
  CHECK(look(log, {LookUpBy::external_id, "shop", "K-1"}) == "1 ");
  link("erp", "K-1");
  CHECK(look(log, {LookUpBy::external_id, "erp", "K-1"}) == "1 ");
}

TEST_CASE("names are found by words and their beginnings, in any order") {
  TestLog log;
  register_customer(log, 1, "Ångström Anna-Maria");
  register_customer(log, 2, "Anna Berg");
  register_customer(log, 3, "Ｂｅｒｇ GmbH");
  CHECK(found(log, "anna") == "1 2 ");
  CHECK(found(log, "ANN be") == "2 ");
  CHECK(found(log, "berg") == "2 3 ");
  CHECK(found(log, "ångs") == "1 ");
  CHECK(found(log, "maria anna") == "1 ");
  CHECK(found(log, "erg").empty());
  CHECK(found(log, "a").empty());
}

TEST_CASE("Chinese names are found by single characters and by pairs") {
  TestLog log;
  register_customer(log, 1, "李小明");
  register_customer(log, 2, "李明");
  log.record(made<crm::ContactCreated>([&](auto& e) {
               e.contact = id_of<crm::ContactId>(3);
               e.name = sealed("小明 Li");
             }),
             "2026-01-01");
  CHECK(found(log, "李") == "1 2 ");
  CHECK(found(log, "小明") == "1 3 ");
  CHECK(found(log, "李小明") == "1 ");
  CHECK(found(log, "明李").empty());
  CHECK(found(log, "小明", PartyKind::contact) == "3 ");
  CHECK(found(log, "小明", PartyKind::customer) == "1 ");
}

TEST_CASE("a changed name is found no longer under the old one") {
  TestLog log;
  register_customer(log, 1, "Anna Berg");
  log.record(made<crm::CustomerDetailsChanged>([&](auto& e) {
               e.customer = id_of<crm::CustomerId>(1);
               e.name = sealed("Anna Tal");
             }),
             "2026-01-02");
  CHECK(found(log, "berg").empty());
  CHECK(found(log, "anna tal") == "1 ");
}

TEST_CASE("an erased name leaves nothing to find after a rebuild") {
  TestLog log;
  register_customer(log, 1, "Anna Berg");
  log.sealer().erase(test::test_id(1));
  CHECK(found(log, "anna").empty());
  CHECK(numbers(directory(*test::view_of(log, "directory"), {})->items) == "1 ");
}

TEST_CASE("a search for nothing is refused") {
  TestLog log;
  const auto refused =
      search_names(*test::view_of(log, "directory"), log.sealer(), {.text = " - "});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("keys of names are folded, bounded and without duplicates") {
  CHECK(name_keys("Anna ANNA") == std::vector<std::string>{"an", "ann", "anna"});
  CHECK(name_keys("x") == std::vector<std::string>{"x"});
  CHECK(name_keys("李明") == std::vector<std::string>{"明", "李", "李明"});
  CHECK(name_keys(" .-/ ").empty());
  CHECK(name_keys("donaudampfschiff").size() == kPrefixLettersMax - 1);
  CHECK(search_keys("Donaudampfschiff") == std::vector<std::string>{"donaudampfsc"});
  CHECK(search_keys("\xFF\xFE").size() <= 1);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "word" + std::to_string(i) + " ";
  CHECK(name_keys(many).size() == kNameKeysMax);
}

}  // namespace factum::projections
