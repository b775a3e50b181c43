// The view customer_360: everything that matters about one customer in one row.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/tally.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// Lists inside the row hold at most this many; the totals count all.
inline constexpr std::size_t kListed360Max = 50;

struct ExternalId360 {
  std::string system;
  SealedField<std::string> external_id;

  static void describe(FieldVisitor& v, ExternalId360& e) {
    v.shown("system", e.system, "The other system, a code");
    v.shown("external_id", e.external_id, "The id there");
  }
};

struct ContactPoint360 {
  std::string point;
  crm::ContactPointKind kind{};
  std::optional<std::string> label;
  SealedField<std::string> value;
  SealedField<crm::PostalAddress> address;

  static void describe(FieldVisitor& v, ContactPoint360& p) {
    v.shown("point", p.point, "Id of the contact point, unique within the customer");
    v.shown("kind", p.kind, "What kind it is");
    v.shown("label", p.label, "work, home, billing");
    v.shown("value", p.value, "E-mail address, number or link");
    v.shown("address", p.address, "Postal address");
  }
};

struct Person360 {
  crm::ContactId contact;
  crm::ContactRole role{};
  SealedField<std::string> name;
  bool archived = false;

  static void describe(FieldVisitor& v, Person360& p) {
    v.shown("contact", p.contact, "The contact");
    v.shown("role", p.role, "The role at this customer");
    v.shown("name", p.name, "Name");
    v.shown("archived", p.archived, "The contact is not worked with any more");
  }
};

struct Deals360 {
  std::int64_t open = 0;
  Tallies open_value;
  std::int64_t won = 0;
  Tallies won_value;
  std::int64_t lost = 0;
  std::optional<std::string> last_lost_reason;
  std::optional<Timestamp> last_lost_at;
  std::optional<Timestamp> last_won_at;

  static void describe(FieldVisitor& v, Deals360& d) {
    v.shown("open", d.open, "Open deals, archived ones left out");
    v.shown("open_value", d.open_value, "Their value by currency; deals without amount left out");
    v.shown("won", d.won, "Won deals");
    v.shown("won_value", d.won_value, "Their value by currency");
    v.shown("lost", d.lost, "Lost deals");
    v.shown("last_lost_reason", d.last_lost_reason, "Why the latest lost deal was lost, a code");
    v.shown("last_lost_at", d.last_lost_at, "When that was");
    v.shown("last_won_at", d.last_won_at, "When a deal was won last");
  }
};

struct Orders360 {
  std::int64_t count = 0;
  std::int64_t cancelled = 0;
  std::int64_t returns = 0;
  Tallies placed;
  MoneySums net_revenue;
  MoneySums average_value;
  std::optional<Timestamp> first_at;
  std::optional<Timestamp> last_at;
  MoneySums paid;
  MoneySums refunded;

  static void describe(FieldVisitor& v, Orders360& o) {
    v.shown("count", o.count, "Orders that were not cancelled");
    v.shown("cancelled", o.cancelled, "Cancelled orders");
    v.shown("returns", o.returns, "Returns");
    v.shown("placed", o.placed, "Value of the orders that were not cancelled, by currency");
    v.shown("net_revenue", o.net_revenue,
            "Orders - cancelled orders - returns + adjustments, by currency");
    v.shown("average_value", o.average_value,
            "Value of the orders that were not cancelled / their number, by currency");
    v.shown("first_at", o.first_at, "Date of the first order; undated ones left out");
    v.shown("last_at", o.last_at, "Date of the last order; undated ones left out");
    v.shown("paid", o.paid, "Payments received, by currency");
    v.shown("refunded", o.refunded, "Money paid back, by currency");
  }
};

struct Tickets360 {
  std::int64_t open = 0;
  std::int64_t total = 0;
  std::int64_t complaints = 0;
  std::optional<Timestamp> last_opened_at;

  static void describe(FieldVisitor& v, Tickets360& t) {
    v.shown("open", t.open, "Tickets that are new, open, pending or on hold");
    v.shown("total", t.total, "All tickets");
    v.shown("complaints", t.complaints, "Tickets that are complaints");
    v.shown("last_opened_at", t.last_opened_at, "When one was opened last; undated left out");
  }
};

struct Interactions360 {
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> by_channel;
  std::optional<Timestamp> last_at;

  static void describe(FieldVisitor& v, Interactions360& i) {
    v.shown("total", i.total, "All interactions");
    v.shown("by_channel", i.by_channel, "Number by channel");
    v.shown("last_at", i.last_at, "When the latest happened; undated ones left out");
  }
};

struct Survey360 {
  crm::SurveyKind kind{};
  std::string survey;
  crm::ResponseId response;
  std::optional<std::int64_t> score;
  std::optional<Timestamp> answered_at;

  static void describe(FieldVisitor& v, Survey360& s) {
    v.shown("kind", s.kind, "What was measured");
    v.shown("survey", s.survey, "Key of the survey");
    v.shown("response", s.response, "The response");
    v.shown("score", s.score, "The score; absent = the main question was left out");
    v.shown("answered_at", s.answered_at, "When; absent = undated");
  }
};

/// The row, and the answer: as it is stored, with sealed values to be opened (`open_all`).
struct Customer360 {
  crm::CustomerId customer;
  bool registered = false;
  crm::CustomerType kind{};
  SealedField<std::string> name;
  crm::LifecycleStage lifecycle_stage{};
  bool archived = false;
  std::optional<std::string> sector;
  std::optional<std::string> segment;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> language;
  std::optional<std::string> origin;
  std::optional<crm::CustomerId> parent;
  std::optional<crm::UserId> owner;
  std::optional<Timestamp> registered_at;
  std::vector<std::string> tags;
  std::vector<SealedField<crm::AttributeMap>> attributes;
  std::vector<ExternalId360> external_ids;
  std::int64_t external_ids_total = 0;
  std::vector<ContactPoint360> contact_points;
  std::int64_t contact_points_total = 0;
  std::vector<Person360> people;
  std::int64_t people_total = 0;
  Deals360 deals;
  Orders360 orders;
  Tickets360 tickets;
  Interactions360 interactions;
  std::vector<Survey360> surveys;

  static void describe(FieldVisitor& v, Customer360& c);
};

/// Folds events that are tagged with the customer; the registry names the others that it needs.
Projection customer_360_projection();

/// The answer, sealed values closed. One row read, whatever the size of the customer. Errors:
/// not_found, corrupt, io_error.
Result<Customer360> customer_360(const ViewReader& rows, const crm::CustomerId& customer);

}  // namespace factum::projections
