#include "core/crm/organisation.hpp"

#include "core/crm/differences.hpp"

namespace factum::crm {
namespace {

const Owner kSelf{"id", {}};

Status check_team(Decision& decision, const std::optional<TeamId>& team,
                  const Folded<KnownTeam>& folded, const DecisionContext& context) {
  return decision.require(is_known(team, folded), rules::kUserUnknownTeam, context);
}

Status check_lead(Decision& decision, const std::optional<UserId>& lead,
                  const Folded<KnownUser>& folded, const DecisionContext& context) {
  FACTUM_CHECK(decision.require(is_known(lead, folded), rules::kTeamUnknownLead, context));
  return decision.require(!lead || folded.state.active, rules::kTeamInactiveLead, context);
}

Result<UserModel> load_user(ModelReader& reader, const UserId& id,
                            const std::optional<TeamId>& team) {
  UserModel model;
  FACTUM_TRY(model.self, reader.fold<User>(id));
  FACTUM_TRY(model.team, reader.fold<KnownTeam>(team));
  return model;
}

Result<TeamModel> load_team(ModelReader& reader, const TeamId& id,
                            const std::optional<UserId>& lead) {
  TeamModel model;
  FACTUM_TRY(model.self, reader.fold<Team>(id));
  FACTUM_TRY(model.lead, reader.fold<KnownUser>(lead));
  return model;
}

void change_user(Decision& decision, const Folded<User>& self, const ChangeUser& wanted,
                 const DecisionContext& context) {
  const User& now = self.state;
  UserChanged change{self.id,
                     changed(wanted.name, now.name),
                     changed(wanted.email, now.email),
                     changed(wanted.team, now.team),
                     changed(wanted.region, now.region),
                     changed(wanted.role, now.role)};
  const bool any = !change.name.is_absent() || !change.email.is_absent() || change.team ||
                   change.region || change.role;
  if (any) decision.emit(std::move(change), context);
}

void change_team(Decision& decision, const Folded<Team>& self, const ChangeTeam& wanted,
                 const DecisionContext& context) {
  const Team& now = self.state;
  TeamChanged change{self.id, changed(wanted.name, std::optional(now.name)),
                     changed(wanted.lead, now.lead), changed(wanted.region, now.region)};
  if (change.name || change.lead || change.region) decision.emit(std::move(change), context);
}

}  // namespace

// ---- users

void User::evolve(const UserAdded& e, const EventInfo& /*info*/) {
  id = e.user;
  name = e.name;
  email = e.email;
  team = e.team;
  region = e.region;
  role = e.role;
}

void User::evolve(const UserChanged& e, const EventInfo& /*info*/) {
  take_over(name, e.name);
  take_over(email, e.email);
  take_over(team, e.team);
  take_over(region, e.region);
  take_over(role, e.role);
}

void User::evolve(const UserDeactivated& /*e*/, const EventInfo& /*info*/) { active = false; }

void User::evolve(const UserReactivated& /*e*/, const EventInfo& /*info*/) { active = true; }

void User::describe(FieldVisitor& v, User& u) {
  v.shown("id", u.id, "The user");
  v.personal("name", u.name, kSelf, "Name");
  v.personal("email", u.email, kSelf, "E-mail address");
  v.shown("team", u.team, "The team");
  v.shown("region", u.region, "Coarse region");
  v.shown("role", u.role, "Function, a code");
  v.shown("active", u.active, "Works with us");
}

void AddUser::describe(FieldVisitor& v, AddUser& c) {
  v.fact("name", c.name, "Name", non_empty(500));
  v.fact("email", c.email, "E-mail address");
  v.fact("team", c.team, "The team");
  v.fact("region", c.region, "Coarse region");
  v.fact("role", c.role, "Function, a code");
}

Result<UserModel> AddUser::load(ModelReader& reader) const { return load_user(reader, id, team); }

Result<Decision> AddUser::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_team(decision, team, model.team, context));
  if (model.self.exists()) {
    change_user(decision, model.self, {{id}, given(name), email, team, region, role}, context);
    return decision;
  }
  FACTUM_CHECK(decision.require(!name.empty(), rules::kUserNameMissing, context));
  decision.emit(
      UserAdded{id, sealed_text(name), sealed_text(email), team, given(region), given(role)},
      context);
  return decision;
}

void ChangeUser::describe(FieldVisitor& v, ChangeUser& c) {
  v.fact("name", c.name, "The new name", non_empty(500));
  v.fact("email", c.email, "E-mail address; empty = none");
  v.fact("team", c.team, "The new team");
  v.fact("region", c.region, "Coarse region; empty = none");
  v.fact("role", c.role, "Function, a code; empty = none");
}

Result<UserModel> ChangeUser::load(ModelReader& reader) const {
  return load_user(reader, id, team);
}

Result<Decision> ChangeUser::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(decision.require(model.self.state.active, rules::kUserInactive, context));
  FACTUM_CHECK(check_team(decision, team, model.team, context));
  change_user(decision, model.self, *this, context);
  return decision;
}

void DeactivateUser::describe(FieldVisitor& /*v*/, DeactivateUser& /*c*/) {}

Result<Decision> DeactivateUser::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.state.active) decision.emit(UserDeactivated{id}, context);
  return decision;
}

void ReactivateUser::describe(FieldVisitor& /*v*/, ReactivateUser& /*c*/) {}

Result<Decision> ReactivateUser::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (!model.self.state.active) decision.emit(UserReactivated{id}, context);
  return decision;
}

// ---- teams

void Team::evolve(const TeamDefined& e, const EventInfo& /*info*/) {
  id = e.team;
  name = e.name;
  lead = e.lead;
  region = e.region;
}

void Team::evolve(const TeamChanged& e, const EventInfo& /*info*/) {
  if (e.name) name = *e.name;
  take_over(lead, e.lead);
  take_over(region, e.region);
}

void Team::describe(FieldVisitor& v, Team& t) {
  v.shown("id", t.id, "The team");
  v.shown("name", t.name, "Name");
  v.shown("lead", t.lead, "Who leads it");
  v.shown("region", t.region, "Coarse region");
}

void DefineTeam::describe(FieldVisitor& v, DefineTeam& c) {
  v.fact("name", c.name, "Name, not personal", non_empty(200));
  v.fact("lead", c.lead, "Who leads it");
  v.fact("region", c.region, "Coarse region");
}

Result<TeamModel> DefineTeam::load(ModelReader& reader) const {
  return load_team(reader, id, lead);
}

Result<Decision> DefineTeam::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_lead(decision, lead, model.lead, context));
  if (model.self.exists())
    change_team(decision, model.self, {{id}, given(name), lead, region}, context);
  else
    decision.emit(TeamDefined{id, name, lead, given(region)}, context);
  return decision;
}

void ChangeTeam::describe(FieldVisitor& v, ChangeTeam& c) {
  v.fact("name", c.name, "The new name", non_empty(200));
  v.fact("lead", c.lead, "The new lead");
  v.fact("region", c.region, "Coarse region; empty = none");
}

Result<TeamModel> ChangeTeam::load(ModelReader& reader) const {
  return load_team(reader, id, lead);
}

Result<Decision> ChangeTeam::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(check_lead(decision, lead, model.lead, context));
  change_team(decision, model.self, *this, context);
  return decision;
}

}  // namespace factum::crm
