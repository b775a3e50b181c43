// What is known of customers: the directory, look-ups, the 360° view, the timeline, purchases.
#include "api/view_route.hpp"
#include "projections/customer_360.hpp"
#include "projections/directory.hpp"
#include "projections/purchase_history.hpp"
#include "projections/timeline.hpp"

namespace factum::api {
namespace {

using namespace projections;

struct ListCustomers {
  std::optional<crm::CustomerType> kind;
  std::optional<crm::UserId> owner;
  std::optional<std::string> tag;
  std::optional<crm::LifecycleStage> lifecycle_stage;
  std::optional<std::string> country;
  std::optional<bool> with_archived;
  std::optional<bool> oldest_first;

  static void describe(FieldVisitor& v, ListCustomers& q) {
    v.shown("kind", q.kind, "Organisations or persons only");
    v.shown("owner", q.owner, "Looked after by this user");
    v.shown("tag", q.tag, "With this label", non_empty(200));
    v.shown("lifecycle_stage", q.lifecycle_stage, "At this point of the relation");
    v.shown("country", q.country, "In this country", non_empty(200));
    v.shown("with_archived", q.with_archived, "Archived ones too");
    v.shown("oldest_first", q.oldest_first, "In the order of registering");
  }
};

struct ListContacts {
  std::optional<bool> with_archived;
  std::optional<bool> oldest_first;

  static void describe(FieldVisitor& v, ListContacts& q) {
    v.shown("with_archived", q.with_archived, "Archived ones too");
    v.shown("oldest_first", q.oldest_first, "In the order of creation");
  }
};

struct WantedExternalId {
  std::string system;
  std::string external_id;

  static void describe(FieldVisitor& v, WantedExternalId& e) {
    v.shown("system", e.system, "The other system, a code", non_empty(100));
    v.shown("external_id", e.external_id, "The id there", non_empty(500));
  }
};

struct Search {
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<WantedExternalId> external_id;
  std::optional<std::string> name;

  static void describe(FieldVisitor& v, Search& s) {
    v.shown("email", s.email, "Exactly this e-mail address", non_empty(500));
    v.shown("phone", s.phone, "Exactly this phone number", non_empty(100));
    v.shown("external_id", s.external_id, "Exactly this id of another system");
    v.shown("name", s.name, "Words of the name or their beginnings", non_empty(500));
  }
};

struct TimelineFilter {
  std::vector<TimelineKind> kind;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;

  static void describe(FieldVisitor& v, TimelineFilter& q) {
    v.shown("kind", q.kind, "Only entries of these kinds", at_most(10));
    v.shown("from", q.from, "Happened at or after");
    v.shown("to", q.to, "Happened before");
  }
};

struct Period {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;

  static void describe(FieldVisitor& v, Period& p) {
    v.shown("from", p.from, "Happened at or after");
    v.shown("to", p.to, "Happened before");
  }
};

Result<crm::CustomerId> customer_of(const ViewCall& at) {
  FACTUM_TRY(const Uuid id, at.call.path_id());
  return crm::CustomerId{id};
}

std::vector<LookUp> look_ups(const Search& wanted) {
  std::vector<LookUp> all;
  if (wanted.email) all.push_back({LookUpBy::email, {}, *wanted.email});
  if (wanted.phone) all.push_back({LookUpBy::phone, {}, *wanted.phone});
  if (wanted.external_id) {
    all.push_back(
        {LookUpBy::external_id, wanted.external_id->system, wanted.external_id->external_id});
  }
  return all;
}

// Exactly one way of searching; personal values stand in the body, never in the address.
Result<Page<DirectoryEntry>> search(const ViewCall& at, const Search& wanted, PartyKind party) {
  const auto exact = look_ups(wanted);
  if (exact.size() + (wanted.name ? 1 : 0) != 1) {
    return fail(ErrorCode::invalid_argument,
                "search by exactly one of email, phone, external_id and name");
  }
  Sealer& sealer = at.services.codec.sealer();
  if (wanted.name) return search_names(at.rows, sealer, {party, *wanted.name, at.page});
  Page<DirectoryEntry> page;
  FACTUM_TRY(page.items, look_up(at.rows, sealer, exact.front()));
  std::erase_if(page.items, [&](const DirectoryEntry& entry) { return entry.party != party; });
  return page;
}

Result<Page<DirectoryEntry>> search_customers(const ViewCall& at, const Search& wanted) {
  return search(at, wanted, PartyKind::customer);
}

Result<Page<DirectoryEntry>> search_contacts(const ViewCall& at, const Search& wanted) {
  return search(at, wanted, PartyKind::contact);
}

Result<Page<DirectoryEntry>> list_customers(const ViewCall& at, const ListCustomers& asked) {
  return directory(at.rows, {.kind = asked.kind,
                             .owner = asked.owner,
                             .tag = asked.tag,
                             .lifecycle_stage = asked.lifecycle_stage,
                             .country = asked.country,
                             .with_archived = asked.with_archived.value_or(false),
                             .oldest_first = asked.oldest_first.value_or(false),
                             .page = at.page});
}

Result<Page<DirectoryEntry>> list_contacts(const ViewCall& at, const ListContacts& asked) {
  DirectoryQuery query;
  query.party = PartyKind::contact;
  query.with_archived = asked.with_archived.value_or(false);
  query.oldest_first = asked.oldest_first.value_or(false);
  query.page = at.page;
  return directory(at.rows, query);
}

Result<Customer360> read_360(const ViewCall& at, const NoQuery&) {
  FACTUM_TRY(const auto customer, customer_of(at));
  return customer_360(at.rows, customer);
}

Result<Page<TimelineEntry>> read_timeline(const ViewCall& at, const TimelineFilter& asked) {
  FACTUM_TRY(const auto customer, customer_of(at));
  return timeline(at.rows, {customer, asked.kind, asked.from, asked.to, at.page});
}

Result<Page<PurchaseEntry>> read_purchases(const ViewCall& at, const Period& asked) {
  FACTUM_TRY(const auto customer, customer_of(at));
  return purchase_history(at.rows, {customer, asked.from, asked.to, at.page});
}

}  // namespace

void add_customer_view_routes(Routes& routes) {
  list<ListCustomers, DirectoryEntry>(
      routes, {"GET", "/v1/customers", "list_customers", "Customers, newest first", "directory"},
      &list_customers);
  list<Search, DirectoryEntry>(routes,
                               {"POST", "/v1/customers:search", "search_customers",
                                "Customers by e-mail, phone, external id or name", "directory"},
                               &search_customers);
  list<Search, DirectoryEntry>(routes,
                               {"QUERY", "/v1/customers", "query_customers",
                                "The same by the method QUERY (RFC 10008)", "directory"},
                               &search_customers);
  list<ListContacts, DirectoryEntry>(
      routes, {"GET", "/v1/contacts", "list_contacts", "Contacts, newest first", "directory"},
      &list_contacts);
  list<Search, DirectoryEntry>(routes,
                               {"POST", "/v1/contacts:search", "search_contacts",
                                "Contacts by e-mail, phone, external id or name", "directory"},
                               &search_contacts);
  view<NoQuery, Customer360>(
      routes,
      explained({"GET", "/v1/customers/{id}/360", "read_customer_360",
                 "Everything that matters about a customer", "customer_360", "customer",
                 /*from_one_row=*/true}),
      &read_360);
  list<TimelineFilter, TimelineEntry>(
      routes,
      {"GET", "/v1/customers/{id}/timeline", "read_timeline",
       "What happened with a customer, newest first", "timeline", "customer"},
      &read_timeline);
  list<Period, PurchaseEntry>(routes,
                              {"GET", "/v1/customers/{id}/purchases", "read_purchases",
                               "Orders, returns, payments and refunds of a customer, newest first",
                               "purchase_history", "customer"},
                              &read_purchases);
}

}  // namespace factum::api
