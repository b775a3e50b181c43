// The view directory: customers and contacts, listed, looked up and found by name.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "core/es/sealer.hpp"
#include "projections/page.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections {

enum class PartyKind : std::uint8_t { customer, contact };

struct DirectoryEntry {
  PartyKind party{};
  Uuid id;
  std::optional<crm::CustomerType> kind;
  SealedField<std::string> name;
  std::optional<crm::LifecycleStage> lifecycle_stage;
  std::optional<std::string> sector;
  std::optional<std::string> country;
  std::optional<crm::UserId> owner;
  std::vector<std::string> tags;
  bool archived = false;
  Position created;
  std::optional<Timestamp> created_at;

  static void describe(FieldVisitor& v, DirectoryEntry& e);
};

struct DirectoryQuery {
  PartyKind party = PartyKind::customer;
  std::optional<crm::CustomerType> kind = {};
  std::optional<crm::UserId> owner = {};
  std::optional<std::string> tag = {};
  std::optional<crm::LifecycleStage> lifecycle_stage = {};
  std::optional<std::string> country = {};
  bool with_archived = false;
  bool oldest_first = false;
  PageRequest page = {};
};

enum class LookUpBy : std::uint8_t { email, phone, external_id };

struct LookUp {
  LookUpBy by{};
  std::string system = {};  ///< external_id: whose id it is
  std::string value = {};   ///< as typed; normalised here
};

struct NameSearch {
  std::optional<PartyKind> party = {};
  std::string text = {};  ///< words or beginnings of words, in any order; all must match
  PageRequest page = {};
};

Projection directory_projection();

/// Newest or oldest first. Cost: the page, and parties that further filters skip. Errors: corrupt,
/// io_error.
Result<Page<DirectoryEntry>> directory(const ViewReader& rows, const DirectoryQuery& query);
/// Everybody who has exactly this e-mail address, phone number or external id; at most 100. Errors:
/// corrupt, io_error.
Result<std::vector<DirectoryEntry>> look_up(const ViewReader& rows, Sealer& sealer,
                                            const LookUp& wanted);
/// Parties whose name has all the words or their beginnings (two letters at least), Chinese by
/// characters. By id, archived ones included. Errors: invalid_argument (nothing to search for),
/// corrupt, io_error.
Result<Page<DirectoryEntry>> search_names(const ViewReader& rows, Sealer& sealer,
                                          const NameSearch& search);
/// One entry. Errors: not_found, corrupt, io_error.
Result<DirectoryEntry> directory_entry(const ViewReader& rows, PartyKind party, const Uuid& id);

}  // namespace factum::projections

template <>
struct factum::Symbols<factum::projections::PartyKind> {
  static constexpr auto kNames = std::to_array<std::string_view>({"customer", "contact"});
};
