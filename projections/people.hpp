// The view people: users and teams, for names beside ids.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"

#include <optional>
#include <string>

namespace factum::projections {

struct UserEntry {
  crm::UserId user;
  SealedField<std::string> name;
  SealedField<std::string> email;
  std::optional<crm::TeamId> team;
  std::optional<std::string> region;
  std::optional<std::string> role;
  bool active = true;

  static void describe(FieldVisitor& v, UserEntry& u);
};

struct TeamEntry {
  crm::TeamId team;
  std::string name;
  std::optional<crm::UserId> lead;
  std::optional<std::string> region;

  static void describe(FieldVisitor& v, TeamEntry& t);
};

Projection people_projection();

/// By id, which is the order of adding. Errors: corrupt, io_error.
Result<Page<UserEntry>> users(const ViewReader& rows, const PageRequest& page);
Result<Page<TeamEntry>> teams(const ViewReader& rows, const PageRequest& page);

}  // namespace factum::projections
