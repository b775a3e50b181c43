#include "projections/directory_rows.hpp"

#include "core/crm/normalise.hpp"

namespace factum::projections::directory_rows {
namespace {

constexpr std::size_t kPartyBytes = 17;

ViewKey list_key(PartyKind party, char by) {
  return ViewKey('l').byte(static_cast<std::uint8_t>(party)).byte(static_cast<std::uint8_t>(by));
}

std::string text_of(const Digest& digest, std::size_t bytes) {
  return {reinterpret_cast<const char*>(digest.data()), bytes};
}

std::string normal_form(LookUpBy by, std::string_view system, std::string_view value) {
  switch (by) {
    case LookUpBy::email: return crm::normalise_email(value);
    case LookUpBy::phone: return crm::normalise_phone(value);
    case LookUpBy::external_id: return crm::external_id_claim(system, value);
  }
  return {};
}

std::string_view purpose_of(LookUpBy by) {
  switch (by) {
    case LookUpBy::email: return "directory.email";
    case LookUpBy::phone: return "directory.phone";
    case LookUpBy::external_id: return "directory.external_id";
  }
  return {};
}

}  // namespace

void PartyRow::describe(FieldVisitor& v, PartyRow& p) {
  v.shown("entry", p.entry, "The entry");
  v.shown("name_digests", p.name_digests, "Under which keys the name is found");
}

std::string party_bytes(PartyKind party, const Uuid& id) {
  return ViewKey(static_cast<char>(party)).id(id).str();
}

std::string_view party_of_key(std::string_view key) {
  return key.substr(key.size() - std::min(key.size(), kPartyBytes));
}

std::string party_key(std::string_view party) { return ViewKey('p').raw(party).str(); }

std::string list_all(PartyKind party) { return list_key(party, 'a').str(); }
std::string list_by_owner(PartyKind party, const crm::UserId& owner) {
  return list_key(party, 'o').id(owner).str();
}
std::string list_by_tag(PartyKind party, const std::string& tag) {
  return list_key(party, 't').text(tag).str();
}
std::string list_by_stage(PartyKind party, crm::LifecycleStage stage) {
  return list_key(party, 's').byte(static_cast<std::uint8_t>(stage)).str();
}
std::string list_by_country(PartyKind party, const std::string& country) {
  return list_key(party, 'c').text(country).str();
}

std::vector<std::string> lists_of(const DirectoryEntry& entry) {
  std::vector<std::string> lists;
  if (entry.created.value() == 0) return lists;
  lists.push_back(list_all(entry.party));
  if (entry.owner) lists.push_back(list_by_owner(entry.party, *entry.owner));
  for (const std::string& tag : entry.tags) lists.push_back(list_by_tag(entry.party, tag));
  if (entry.lifecycle_stage) lists.push_back(list_by_stage(entry.party, *entry.lifecycle_stage));
  if (entry.country) lists.push_back(list_by_country(entry.party, *entry.country));
  return lists;
}

std::string listed_behind(Position position) {
  return ViewKey('-').u64(position.value() + 1).str().substr(1);
}

std::string listed_key(const std::string& list, Position created, std::string_view party) {
  return list + ViewKey('-').u64(created.value()).raw(party).str().substr(1);
}

std::string look_up_digest(
    LookUpBy by, std::string_view system, std::string_view value,
    const std::function<Digest(std::string_view, std::string_view)>& digest) {
  const std::string normal = normal_form(by, system, value);
  if (normal.empty()) return {};
  const Digest made = digest(purpose_of(by), normal);
  return text_of(made, made.size());
}

std::string look_up_prefix(std::string_view digest) { return ViewKey('k').raw(digest).str(); }

std::string look_up_key(std::string_view digest, std::string_view point, std::string_view party) {
  return ViewKey('k').raw(digest).text(point).raw(party).str();
}

std::string name_prefix(std::string_view digest) { return ViewKey('n').raw(digest).str(); }

std::string name_key(std::string_view digest, std::string_view party) {
  return ViewKey('n').raw(digest).raw(party).str();
}

std::string name_digest(const Digest& digest) { return text_of(digest, kNameDigestBytes); }

}  // namespace factum::projections::directory_rows
