#include "projections/erasures.hpp"

#include "projections/merged_scan.hpp"

namespace factum::projections {
namespace {

// Tables: 'e' erasure; 'u' erasure that is not finished: nothing; 'h' hold.

ErasureEntry& entry_of(ViewBatch& rows, const crm::ErasureId& id, crm::ErasureStatus status) {
  ErasureEntry& entry = rows.edit<ErasureEntry>(ViewKey('e').id(id));
  entry.erasure = id;
  entry.status = status;
  return entry;
}

std::string unfinished_key(const crm::ErasureId& id) { return ViewKey('u').id(id).str(); }

void requested(ViewBatch& rows, const crm::ErasureRequested& e, const DecodedEvent& at) {
  ErasureEntry& entry = entry_of(rows, e.erasure, crm::ErasureStatus::requested);
  entry.subjects = crm::subjects_of(e);
  entry.ground = e.ground;
  entry.requested_at = at.recorded->recorded_at;
}

void approved(ViewBatch& rows, const crm::ErasureApproved& e, const DecodedEvent& /*at*/) {
  entry_of(rows, e.erasure, crm::ErasureStatus::approved);
  rows.put_bytes(unfinished_key(e.erasure), {});
}

void refused(ViewBatch& rows, const crm::ErasureRefused& e, const DecodedEvent& /*at*/) {
  entry_of(rows, e.erasure, crm::ErasureStatus::refused);
  rows.erase(unfinished_key(e.erasure));
}

void started(ViewBatch& rows, const crm::ErasureStarted& e, const DecodedEvent& /*at*/) {
  entry_of(rows, e.erasure, crm::ErasureStatus::started).keys = e.keys;
}

void destroyed(ViewBatch& rows, const crm::SubjectKeyDestroyed& e, const DecodedEvent& /*at*/) {
  entry_of(rows, e.erasure, crm::ErasureStatus::destroyed);
}

void certified(ViewBatch& rows, const crm::ErasureCertified& e, const DecodedEvent& at) {
  entry_of(rows, e.erasure, crm::ErasureStatus::certified).certified_at = at.recorded->recorded_at;
  rows.erase(unfinished_key(e.erasure));
}

void placed(ViewBatch& rows, const crm::LegalHoldPlaced& e, const DecodedEvent& /*at*/) {
  HoldEntry& hold = rows.edit<HoldEntry>(ViewKey('h').id(e.hold));
  hold = {e.hold, crm::subjects_of(e), e.matter, e.review_on, hold.lifted};
}

void lifted(ViewBatch& rows, const crm::LegalHoldLifted& e, const DecodedEvent& /*at*/) {
  rows.edit<HoldEntry>(ViewKey('h').id(e.hold)).lifted = true;
}

// Rows of a table, in order, that `wanted` takes.
template <class Entry, class Wanted>
Result<Page<Entry>> page_of(const ViewReader& rows, char table, const PageRequest& request,
                            Wanted wanted) {
  const MergedScan scan{.prefixes = {std::string(1, table)}, .from = {}, .to = {}, .page = request};
  Page<Entry> page;
  const auto take = [&](std::string_view /*key*/, std::string_view value) -> Result<bool> {
    FACTUM_TRY(Entry entry, decode_row<Entry>(value));
    if (!wanted(entry)) return false;
    page.items.push_back(std::move(entry));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

}  // namespace

Projection erasures_projection() {
  Projection projection("erasures", 1, "Erasures and legal holds");
  projection.on<crm::ErasureRequested>(&requested);
  projection.on<crm::ErasureApproved>(&approved);
  projection.on<crm::ErasureRefused>(&refused);
  projection.on<crm::ErasureStarted>(&started);
  projection.on<crm::SubjectKeyDestroyed>(&destroyed);
  projection.on<crm::ErasureCertified>(&certified);
  projection.on<crm::LegalHoldPlaced>(&placed);
  projection.on<crm::LegalHoldLifted>(&lifted);
  return projection;
}

Result<Page<ErasureEntry>> erasures(const ViewReader& rows, const ErasureQuery& query) {
  return page_of<ErasureEntry>(rows, 'e', query.page, [&](const ErasureEntry& entry) {
    return !query.status || entry.status == *query.status;
  });
}

Result<Page<HoldEntry>> legal_holds(const ViewReader& rows, const HoldQuery& query) {
  return page_of<HoldEntry>(rows, 'h', query.page, [&](const HoldEntry& entry) {
    return query.with_lifted || !entry.lifted;
  });
}

Result<std::vector<ErasureEntry>> unfinished_erasures(const ViewReader& rows) {
  std::vector<std::string> keys;
  FACTUM_CHECK(rows.scan(rows_with_prefix("u"), [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    keys.back().front() = 'e';
    return true;
  }));
  std::vector<ErasureEntry> unfinished;
  for (const std::string& key : keys) {
    FACTUM_TRY(const auto bytes, rows.get(key));
    if (!bytes) return fail(ErrorCode::corrupt, "an erasure is missing in its view");
    FACTUM_TRY(ErasureEntry entry, decode_row<ErasureEntry>(*bytes));
    unfinished.push_back(std::move(entry));
  }
  return unfinished;
}

void ErasureEntry::describe(FieldVisitor& v, ErasureEntry& e) {
  v.shown("erasure", e.erasure, "The erasure");
  v.shown("status", e.status, "How far it is");
  v.shown("subjects", e.subjects, "Who is erased");
  v.shown("ground", e.ground, "Why");
  v.shown("requested_at", e.requested_at, "When it was asked for");
  v.shown("certified_at", e.certified_at, "When it was certified");
  v.shown("keys", e.keys, "The keys that are fenced");
}

void HoldEntry::describe(FieldVisitor& v, HoldEntry& h) {
  v.shown("hold", h.hold, "The hold");
  v.shown("subjects", h.subjects, "Whose data is kept");
  v.shown("matter", h.matter, "Number of the matter");
  v.shown("review_on", h.review_on, "When to look at it again");
  v.shown("lifted", h.lifted, "Whether it has ended");
}

}  // namespace factum::projections
