#include "projections/people.hpp"

#include "core/crm/differences.hpp"
#include "core/crm/organisation_events.hpp"
#include "projections/merged_scan.hpp"

namespace factum::projections {
namespace {

// Tables: 'u' user; 't' team.

// Slots are opened to see this; no value is kept.
bool is_emptied(const Sealed<std::string>& text) { return text.is_open() && text.get().empty(); }

template <class E>
void set_user(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  UserEntry& user = rows.edit<UserEntry>(ViewKey('u').id(e.user));
  user.user = e.user;
  if (!e.name.is_absent()) user.name = at.sealed("name");
  if (is_emptied(e.email))
    user.email = {};
  else if (!e.email.is_absent())
    user.email = at.sealed("email");
  crm::take_over(user.team, e.team);
  crm::take_over(user.region, e.region);
  crm::take_over(user.role, e.role);
}

template <class E>
void set_active(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  UserEntry& user = rows.edit<UserEntry>(ViewKey('u').id(e.user));
  user.user = e.user;
  user.active = std::is_same_v<E, crm::UserReactivated>;
}

void team_defined(ViewBatch& rows, const crm::TeamDefined& e, const DecodedEvent& /*at*/) {
  TeamEntry& team = rows.edit<TeamEntry>(ViewKey('t').id(e.team));
  team = {e.team, e.name, e.lead, e.region};
}

void team_changed(ViewBatch& rows, const crm::TeamChanged& e, const DecodedEvent& /*at*/) {
  TeamEntry& team = rows.edit<TeamEntry>(ViewKey('t').id(e.team));
  team.team = e.team;
  if (e.name) team.name = *e.name;
  crm::take_over(team.lead, e.lead);
  crm::take_over(team.region, e.region);
}

template <class Row>
Result<Page<Row>> list(const ViewReader& rows, char table, const PageRequest& request) {
  Page<Row> page;
  const MergedScan scan{.prefixes = {std::string(1, table)}, .from = {}, .to = {}, .page = request};
  const auto take = [&](std::string_view /*key*/, std::string_view value) -> Result<bool> {
    FACTUM_TRY(Row row, decode_row<Row>(value));
    page.items.push_back(std::move(row));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

}  // namespace

Projection people_projection() {
  Projection projection("people", 2, "Users and teams, for names beside ids");
  projection.open_slots();
  projection.on<crm::UserAdded>(&set_user<crm::UserAdded>);
  projection.on<crm::UserChanged>(&set_user<crm::UserChanged>);
  projection.on<crm::UserDeactivated>(&set_active<crm::UserDeactivated>);
  projection.on<crm::UserReactivated>(&set_active<crm::UserReactivated>);
  projection.on<crm::TeamDefined>(&team_defined);
  projection.on<crm::TeamChanged>(&team_changed);
  return projection;
}

Result<Page<UserEntry>> users(const ViewReader& rows, const PageRequest& page) {
  return list<UserEntry>(rows, 'u', page);
}

Result<Page<TeamEntry>> teams(const ViewReader& rows, const PageRequest& page) {
  return list<TeamEntry>(rows, 't', page);
}

void UserEntry::describe(FieldVisitor& v, UserEntry& u) {
  v.shown("user", u.user, "The user");
  v.shown("name", u.name, "Name");
  v.shown("email", u.email, "E-mail address");
  v.shown("team", u.team, "The team");
  v.shown("region", u.region, "Coarse region");
  v.shown("role", u.role, "Function, a code");
  v.shown("active", u.active, "Whether the user works with us");
}

void TeamEntry::describe(FieldVisitor& v, TeamEntry& t) {
  v.shown("team", t.team, "The team");
  v.shown("name", t.name, "Name");
  v.shown("lead", t.lead, "Who leads it");
  v.shown("region", t.region, "Coarse region");
}

}  // namespace factum::projections
