// Our own organisation: users and teams, their commands and rules.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/known.hpp"
#include "core/crm/organisation_events.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace factum::crm {

/// A colleague as their own events leave them.
struct User {
  using Id = UserId;
  using Events = TypeList<UserAdded, UserChanged, UserDeactivated, UserReactivated>;
  static constexpr bool kIsSubject = true;
  static constexpr bool kOpensSlots = true;  // changes are found by comparing personal values

  UserId id;
  Sealed<std::string> name;
  Sealed<std::string> email;
  std::optional<TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;
  bool active = true;

  void evolve(const UserAdded& e, const EventInfo& info);
  void evolve(const UserChanged& e, const EventInfo& info);
  void evolve(const UserDeactivated& e, const EventInfo& info);
  void evolve(const UserReactivated& e, const EventInfo& info);
  static void describe(FieldVisitor& v, User& u);
};

/// A team as its own events leave it.
struct Team {
  using Id = TeamId;
  using Events = TypeList<TeamDefined, TeamChanged>;

  TeamId id;
  std::string name;
  std::optional<UserId> lead;
  std::optional<std::string> region;

  void evolve(const TeamDefined& e, const EventInfo& info);
  void evolve(const TeamChanged& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Team& t);
};

/// What a command about a user looks at.
struct UserModel {
  Folded<User> self;
  Folded<KnownTeam> team;
};

struct AddUser : CreationOf<User> {
  static constexpr std::string_view kName = "AddUser";
  static constexpr std::string_view kDoc = "Adds a colleague";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"name", "email", "team", "region", "role", "occurred_at"});
  using Model = UserModel;

  std::string name;
  std::optional<std::string> email;
  std::optional<TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;

  static void describe(FieldVisitor& v, AddUser& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeUser : CommandOn<User> {
  static constexpr std::string_view kName = "ChangeUser";
  static constexpr std::string_view kDoc = "Changes details of a colleague; absent fields stay";
  using Model = UserModel;

  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;

  static void describe(FieldVisitor& v, ChangeUser& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct DeactivateUser : CommandOn<User> {
  static constexpr std::string_view kName = "DeactivateUser";
  static constexpr std::string_view kDoc = "Records that a colleague left";

  static void describe(FieldVisitor& v, DeactivateUser& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReactivateUser : CommandOn<User> {
  static constexpr std::string_view kName = "ReactivateUser";
  static constexpr std::string_view kDoc = "Records that a colleague came back";

  static void describe(FieldVisitor& v, ReactivateUser& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

/// What a command about a team looks at.
struct TeamModel {
  Folded<Team> self;
  Folded<KnownUser> lead;
};

struct DefineTeam : CreationOf<Team> {
  static constexpr std::string_view kName = "DefineTeam";
  static constexpr std::string_view kDoc = "Adds a team";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"name", "lead", "region", "occurred_at"});
  using Model = TeamModel;

  std::string name;
  std::optional<UserId> lead;
  std::optional<std::string> region;

  static void describe(FieldVisitor& v, DefineTeam& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeTeam : CommandOn<Team> {
  static constexpr std::string_view kName = "ChangeTeam";
  static constexpr std::string_view kDoc = "Changes details of a team; absent fields stay";
  using Model = TeamModel;

  std::optional<std::string> name;
  std::optional<UserId> lead;
  std::optional<std::string> region;

  static void describe(FieldVisitor& v, ChangeTeam& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kUserNameMissing{"user.name_missing", "a user needs a name"};
inline constexpr Rule kUserInactive{"user.inactive", "the user has left; reactivate them first"};
inline constexpr Rule kUserUnknownTeam{"user.unknown_team", "the team does not exist"};
inline constexpr Rule kTeamUnknownLead{"team.unknown_lead", "the lead is not a known user"};
inline constexpr Rule kTeamInactiveLead{"team.inactive_lead",
                                        "the lead has left; choose an active user"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using OrganisationCommands =
    TypeList<AddUser, ChangeUser, DeactivateUser, ReactivateUser, DefineTeam, ChangeTeam>;
using OrganisationEntities = TypeList<User, Team>;

}  // namespace factum::crm
