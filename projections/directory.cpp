#include "projections/directory.hpp"

#include "projections/directory_rows.hpp"
#include "projections/merged_scan.hpp"
#include "projections/name_tokens.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

using namespace directory_rows;

constexpr std::size_t kLookUpMax = 100;

Result<std::optional<DirectoryEntry>> entry_of(const ViewReader& rows, std::string_view party) {
  FACTUM_TRY(const auto bytes, rows.get(party_key(party)));
  if (!bytes) return std::optional<DirectoryEntry>{};
  FACTUM_TRY(PartyRow row, decode_row<PartyRow>(*bytes));
  return std::optional(std::move(row.entry));
}

// The shortest list the query names; what else it asks for is looked at entry by entry.
std::string list_of(const DirectoryQuery& query) {
  if (query.owner) return list_by_owner(query.party, *query.owner);
  if (query.tag) return list_by_tag(query.party, *query.tag);
  if (query.country) return list_by_country(query.party, *query.country);
  if (query.lifecycle_stage) return list_by_stage(query.party, *query.lifecycle_stage);
  return list_all(query.party);
}

bool is_wanted(const DirectoryQuery& query, const DirectoryEntry& entry) {
  return (!query.kind || entry.kind == query.kind) &&
         (!query.owner || entry.owner == query.owner) &&
         (!query.tag || std::binary_search(entry.tags.begin(), entry.tags.end(), *query.tag)) &&
         (!query.country || entry.country == query.country) &&
         (!query.lifecycle_stage || entry.lifecycle_stage == query.lifecycle_stage) &&
         (query.with_archived || !entry.archived);
}

// Whether the party's name has all the other keys too.
Result<bool> has_all(const ViewReader& rows, const std::vector<std::string>& digests,
                     std::string_view party) {
  for (const std::string& digest : digests) {
    FACTUM_TRY(const auto found, rows.get(name_key(digest, party)));
    if (!found) return false;
  }
  return true;
}

}  // namespace

Result<DirectoryEntry> directory_entry(const ViewReader& rows, PartyKind party, const Uuid& id) {
  FACTUM_TRY(auto entry, entry_of(rows, party_bytes(party, id)));
  if (!entry || entry->created.value() == 0)
    return fail(ErrorCode::not_found, "there is no such entry in the directory");
  return std::move(*entry);
}

Result<Page<DirectoryEntry>> directory(const ViewReader& rows, const DirectoryQuery& query) {
  const MergedScan scan{.prefixes = {list_of(query)},
                        .from = {},
                        .to = listed_behind(rows.position()),
                        .page = query.page,
                        .backwards = !query.oldest_first};
  Page<DirectoryEntry> page;
  const auto take = [&](std::string_view key, std::string_view /*value*/) -> Result<bool> {
    FACTUM_TRY(auto entry, entry_of(rows, party_of_key(key)));
    if (!entry) return fail(ErrorCode::corrupt, "a listed party has no row");
    if (!is_wanted(query, *entry)) return false;
    page.items.push_back(std::move(*entry));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

Result<std::vector<DirectoryEntry>> look_up(const ViewReader& rows, Sealer& sealer,
                                            const LookUp& wanted) {
  std::vector<DirectoryEntry> found;
  const std::string digest =
      look_up_digest(wanted.by, wanted.system, wanted.value,
                     [&sealer](std::string_view purpose, std::string_view normal) {
                       return sealer.digest(purpose, normal);
                     });
  if (digest.empty()) return found;
  std::vector<std::string> parties;
  RowRange range = rows_with_prefix(look_up_prefix(digest));
  range.limit = kLookUpMax;
  FACTUM_CHECK(rows.scan(range, [&](std::string_view key, std::string_view /*value*/) {
    parties.emplace_back(party_of_key(key));
    return true;
  }));
  std::sort(parties.begin(), parties.end());
  parties.erase(std::unique(parties.begin(), parties.end()), parties.end());
  for (const std::string& party : parties) {
    FACTUM_TRY(auto entry, entry_of(rows, party));
    if (entry && entry->created.value() != 0) found.push_back(std::move(*entry));
  }
  return found;
}

Result<Page<DirectoryEntry>> search_names(const ViewReader& rows, Sealer& sealer,
                                          const NameSearch& search) {
  std::vector<std::string> keys = search_keys(search.text);
  if (keys.empty()) return fail(ErrorCode::invalid_argument, "there is nothing to search for");
  // The longest key is the rarest, as a rule: its list is read, the others are asked.
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<std::string> digests;
  for (const std::string& key : keys)
    digests.push_back(name_digest(sealer.digest(kNamePurpose, key)));
  std::string prefix = name_prefix(digests.front());
  digests.erase(digests.begin());
  MergedScan scan{.prefixes = {}, .from = {}, .to = {}, .page = search.page};
  scan.prefixes.push_back(std::move(prefix));
  if (search.party) {
    scan.from = std::string(1, static_cast<char>(*search.party));
    scan.to = rows_with_prefix(scan.from).to;
  }
  Page<DirectoryEntry> page;
  const auto take = [&](std::string_view key, std::string_view /*value*/) -> Result<bool> {
    const std::string_view party = party_of_key(key);
    FACTUM_TRY(const bool matches, has_all(rows, digests, party));
    if (!matches) return false;
    FACTUM_TRY(auto entry, entry_of(rows, party));
    if (!entry || entry->created.value() == 0) return false;
    page.items.push_back(std::move(*entry));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

void DirectoryEntry::describe(FieldVisitor& v, DirectoryEntry& e) {
  v.shown("party", e.party, "Customer or contact");
  v.shown("id", e.id, "Its id");
  v.shown("kind", e.kind, "Customers: organisation or person");
  v.shown("name", e.name, "Name");
  v.shown("lifecycle_stage", e.lifecycle_stage, "Customers: where the relation stands");
  v.shown("sector", e.sector, "Line of business, a code");
  v.shown("country", e.country, "Country");
  v.shown("owner", e.owner, "The user who looks after it");
  v.shown("tags", e.tags, "Labels");
  v.shown("archived", e.archived, "Kept but not worked with");
  v.shown("created", e.created, "Position of its first event");
  v.shown("created_at", e.created_at, "When it became known; absent = undated");
}

}  // namespace factum::projections
