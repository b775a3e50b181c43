// Rows and keys of the view directory, shared by its fold and its queries.
#pragma once

#include "core/es/sealer.hpp"
#include "core/es/view_key.hpp"
#include "projections/directory.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::projections::directory_rows {

// Tables: 'p' party; 'l' list, position, party: nothing; 'k' digest, party, point: nothing; 'n'
// digest of a name key, party: nothing; 'q' party, point: digest of its value. A list is all
// parties of a kind, or those with one owner, tag, stage or country.

/// Bytes of a digest that name keys keep: 2^64 names until two keys are taken for one.
inline constexpr std::size_t kNameDigestBytes = 16;

struct PartyRow {
  DirectoryEntry entry;
  std::vector<std::string> name_digests;

  static void describe(FieldVisitor& v, PartyRow& p);
};

/// The party part of keys, and back from the end of a key.
std::string party_bytes(PartyKind party, const Uuid& id);
std::string_view party_of_key(std::string_view key);

std::string party_key(std::string_view party);
std::string list_all(PartyKind party);
std::string list_by_owner(PartyKind party, const crm::UserId& owner);
std::string list_by_tag(PartyKind party, const std::string& tag);
std::string list_by_stage(PartyKind party, crm::LifecycleStage stage);
std::string list_by_country(PartyKind party, const std::string& country);
/// Every list the entry is in.
std::vector<std::string> lists_of(const DirectoryEntry& entry);
/// The end of a list for all that was created up to `position`: later ones were not known then, and
/// need not be passed over one by one.
std::string listed_behind(Position position);
std::string listed_key(const std::string& list, Position created, std::string_view party);

/// Digest of a value to be looked up; empty if it has no normal form.
std::string look_up_digest(LookUpBy by, std::string_view system, std::string_view value,
                           const std::function<Digest(std::string_view, std::string_view)>& digest);
std::string look_up_prefix(std::string_view digest);
std::string look_up_key(std::string_view digest, std::string_view point, std::string_view party);
std::string name_prefix(std::string_view digest);
std::string name_key(std::string_view digest, std::string_view party);
/// The kept part of a digest as text.
std::string name_digest(const Digest& digest);

inline constexpr std::string_view kNamePurpose = "directory.name";

}  // namespace factum::projections::directory_rows
