// Events of our own organisation: users and teams.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct UserAdded {
  static constexpr std::string_view kName = "UserAdded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A colleague works with us";

  UserId user;
  Sealed<std::string> name;
  Sealed<std::string> email;
  std::optional<TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;

  static void describe(FieldVisitor& v, UserAdded& e) {
    v.id("user", e.user, "The user");
    v.personal("name", e.name, by("user", e.user), "Name", non_empty(500));
    v.personal("email", e.email, by("user", e.user), "E-mail address");
    v.fact("team", e.team, "The team");
    v.fact("region", e.region, "Coarse region");
    v.fact("role", e.role, "Function, a code");
  }
};

struct UserChanged {
  static constexpr std::string_view kName = "UserChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Details of a colleague changed; absent fields stay";

  UserId user;
  Sealed<std::string> name;
  Sealed<std::string> email;
  std::optional<TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;

  static void describe(FieldVisitor& v, UserChanged& e) {
    v.id("user", e.user, "The user");
    v.personal("name", e.name, by("user", e.user), "Name", non_empty(500));
    v.personal("email", e.email, by("user", e.user), "E-mail address");
    v.fact("team", e.team, "The team");
    v.fact("region", e.region, "Coarse region");
    v.fact("role", e.role, "Function, a code");
  }
};

struct UserDeactivated {
  static constexpr std::string_view kName = "UserDeactivated";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A colleague left";

  UserId user;

  static void describe(FieldVisitor& v, UserDeactivated& e) { v.id("user", e.user, "The user"); }
};

struct UserReactivated {
  static constexpr std::string_view kName = "UserReactivated";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A colleague came back";

  UserId user;

  static void describe(FieldVisitor& v, UserReactivated& e) { v.id("user", e.user, "The user"); }
};

struct TeamDefined {
  static constexpr std::string_view kName = "TeamDefined";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A team exists";

  TeamId team;
  std::string name;
  std::optional<UserId> lead;
  std::optional<std::string> region;

  static void describe(FieldVisitor& v, TeamDefined& e) {
    v.id("team", e.team, "The team");
    v.fact("name", e.name, "Name, not personal", non_empty(200));
    v.fact("lead", e.lead, "Who leads it");
    v.fact("region", e.region, "Coarse region");
  }
};

struct TeamChanged {
  static constexpr std::string_view kName = "TeamChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Details of a team changed; absent fields stay";

  TeamId team;
  std::optional<std::string> name;
  std::optional<UserId> lead;
  std::optional<std::string> region;

  static void describe(FieldVisitor& v, TeamChanged& e) {
    v.id("team", e.team, "The team");
    v.fact("name", e.name, "Name, not personal");
    v.fact("lead", e.lead, "Who leads it");
    v.fact("region", e.region, "Coarse region");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using OrganisationEvents =
    TypeList<UserAdded, UserChanged, UserDeactivated, UserReactivated, TeamDefined, TeamChanged>;

}  // namespace factum::crm
