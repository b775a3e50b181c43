// Rules of users and teams: given events, when a command, then events or a refusal.
#include "core/crm/organisation.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kUma = id_of<UserId>(10);
const auto kVic = id_of<UserId>(11);
const auto kSales = id_of<TeamId>(50);
const auto kNoTeam = id_of<TeamId>(59);

struct Fixture : Spec {
  Fixture() { given(TeamDefined{kSales, "Sales", {}, {}}, uma()); }
  static UserAdded uma() { return {kUma, sealed("Uma"), sealed("uma@us.de"), {}, {}, "seller"}; }
};

AddUser addition(UserId user, std::string name) {
  AddUser command;
  command.id = user;
  command.name = std::move(name);
  return command;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a user is added once, with a name and a team that exists") {
  AddUser command = addition(kVic, "Vic");
  command.email = "vic@us.de";
  command.team = kSales;
  command.region = "";
  when(command).then(UserAdded{kVic, sealed("Vic"), sealed("vic@us.de"), kSales, {}, {}});
  when(addition(kUma, "Uma")).then_fails(ErrorCode::already_exists);
  when(addition(kVic, "")).then_refused(rules::kUserNameMissing);
  command.team = kNoTeam;
  when(command).then_refused(rules::kUserUnknownTeam);
  importing().when(command).breaking({rules::kUserUnknownTeam});
  when(addition(kVic, "")).breaking({rules::kUserNameMissing});
}

TEST_CASE_FIXTURE(Fixture, "only what differs of a user is changed") {
  const ChangeUser command{{kUma}, "Uma", "uma@us.eu", kSales, {}, ""};
  done(command).then(UserChanged{kUma, {}, sealed("uma@us.eu"), kSales, {}, ""});
  when(command).then();
  when(ChangeUser{{kUma}, {}, {}, kNoTeam, {}, {}}).then_refused(rules::kUserUnknownTeam);
  when(ChangeUser{{kVic}, {}, {}, {}, {}, {}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "a user who left is not changed until they come back") {
  done(DeactivateUser{{kUma}}).then(UserDeactivated{kUma});
  when(DeactivateUser{{kUma}}).then();
  when(ChangeUser{{kUma}, "Uma B.", {}, {}, {}, {}}).then_refused(rules::kUserInactive);
  when(DefineTeam{{{id_of<TeamId>(51)}}, "Service", kUma, {}})
      .then_refused(rules::kTeamInactiveLead);
  done(ReactivateUser{{kUma}}).then(UserReactivated{kUma});
  when(ReactivateUser{{kUma}}).then();
}

TEST_CASE_FIXTURE(Fixture, "an import changes a user who left and says so") {
  given(UserDeactivated{kUma}).importing();
  when(ChangeUser{{kUma}, "Uma B.", {}, {}, {}, {}})
      .then(UserChanged{kUma, sealed("Uma B."), {}, {}, {}, {}})
      .breaking({rules::kUserInactive});
}

TEST_CASE_FIXTURE(Fixture, "users and teams imported again yield only the differences") {
  importing();
  AddUser user = addition(kUma, "Uma");
  user.role = "lead";
  when(user).then(UserChanged{kUma, {}, {}, {}, {}, "lead"});
  when(DefineTeam{{{kSales}}, "Sales", {}, {}}).then();
  when(DefineTeam{{{kSales}}, "Sales", {}, "North"}).then(TeamChanged{kSales, {}, {}, "North"});
}

TEST_CASE_FIXTURE(Fixture, "a team is defined once, and its lead is a known user") {
  when(DefineTeam{{{kNoTeam}}, "Service", kUma, ""})
      .then(TeamDefined{kNoTeam, "Service", kUma, {}});
  when(DefineTeam{{{kSales}}, "Sales", {}, {}}).then_fails(ErrorCode::already_exists);
  when(DefineTeam{{{kNoTeam}}, "Service", kVic, {}}).then_refused(rules::kTeamUnknownLead);
  importing()
      .when(DefineTeam{{{kNoTeam}}, "Service", kVic, {}})
      .breaking({rules::kTeamUnknownLead});
}

TEST_CASE_FIXTURE(Fixture, "only what differs of a team is changed") {
  const ChangeTeam command{{kSales}, "Sales", kUma, "North"};
  done(command).then(TeamChanged{kSales, {}, kUma, "North"});
  when(command).then();
  when(ChangeTeam{{kSales}, {}, kVic, {}}).then_refused(rules::kTeamUnknownLead);
  when(ChangeTeam{{kNoTeam}, "Service", {}, {}}).then_fails(ErrorCode::not_found);
  given(UserDeactivated{kUma});
  importing().when(ChangeTeam{{kSales}, {}, kUma, {}}).then().breaking({rules::kTeamInactiveLead});
}

TEST_CASE_FIXTURE(Fixture, "users and teams are shown as their events leave them") {
  done(ChangeUser{{kUma}, {}, {}, kSales, "North", {}});
  CHECK(shown<User>(kUma) ==
        R"({"id":")" + kUma.uuid.to_string() + R"(","name":"Uma","email":"uma@us.de","team":")" +
            kSales.uuid.to_string() + R"(","region":"North","role":"seller","active":true})");
  done(ChangeTeam{{kSales}, "Sales North", {}, {}});
  CHECK(shown<Team>(kSales) ==
        R"({"id":")" + kSales.uuid.to_string() + R"(","name":"Sales North"})");
}

}  // namespace factum::crm
