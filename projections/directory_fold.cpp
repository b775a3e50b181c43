// The fold of the view directory. It opens slots to derive keyed digests; no value is kept.
#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/differences.hpp"
#include "projections/directory.hpp"
#include "projections/directory_rows.hpp"
#include "projections/name_tokens.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

using namespace directory_rows;

constexpr std::size_t kTagsMax = 200;

struct PointRow {
  std::string digest;

  static void describe(FieldVisitor& v, PointRow& p) {
    v.shown("digest", p.digest, "Under which the value is found");
  }
};

// ---- parties and lists --------------------------------------------------------------------------

// Changes an entry and moves it between lists.
template <class Change>
void change(ViewBatch& rows, PartyKind party, const Uuid& id, Change make_change) {
  const std::string bytes = party_bytes(party, id);
  PartyRow& row = rows.edit<PartyRow>(party_key(bytes));
  const std::vector<std::string> before = lists_of(row.entry);
  row.entry.party = party;
  row.entry.id = id;
  make_change(row);
  const std::vector<std::string> after = lists_of(row.entry);
  if (before == after) return;
  for (const std::string& list : before) rows.erase(listed_key(list, row.entry.created, bytes));
  for (const std::string& list : after)
    rows.put_bytes(listed_key(list, row.entry.created, bytes), {});
}

void set_created(PartyRow& row, const DecodedEvent& at) {
  if (row.entry.created.value() != 0) return;
  row.entry.created = at.position();
  row.entry.created_at = at.record().occurred_at;
}

// ---- names --------------------------------------------------------------------------------------

// The former name is found no longer. A name whose key is gone is found no longer either.
void set_name(ViewBatch& rows, PartyRow& row, const Sealed<std::string>& name,
              const DecodedEvent& at) {
  if (name.is_absent()) return;
  row.entry.name = at.sealed("name");
  const std::string party = party_bytes(row.entry.party, row.entry.id);
  for (const std::string& digest : row.name_digests) rows.erase(name_key(digest, party));
  row.name_digests.clear();
  if (!name.is_open()) return;
  for (const std::string& key : name_keys(name.get())) {
    row.name_digests.push_back(name_digest(rows.digest(kNamePurpose, key)));
    rows.put_bytes(name_key(row.name_digests.back(), party), {});
  }
}

// ---- values to look up --------------------------------------------------------------------------

std::string point_key(std::string_view party, std::string_view point) {
  return ViewKey('q').raw(party).text(point).str();
}

void forget_point(ViewBatch& rows, std::string_view party, std::string_view point) {
  const std::string key = point_key(party, point);
  const PointRow* known = rows.find<PointRow>(key);
  if (known == nullptr) return;
  rows.erase(look_up_key(known->digest, point, party));
  rows.erase(key);
}

void set_point(ViewBatch& rows, std::string_view party, std::string_view point, LookUpBy by,
               std::string_view system, const Sealed<std::string>& value) {
  forget_point(rows, party, point);
  if (!value.is_open()) return;
  const std::string digest = look_up_digest(
      by, system, value.get(), [&rows](std::string_view purpose, std::string_view normal) {
        return rows.digest(purpose, normal);
      });
  if (digest.empty()) return;
  rows.edit<PointRow>(point_key(party, point)).digest = digest;
  rows.put_bytes(look_up_key(digest, point, party), {});
}

void set_contact_point(ViewBatch& rows, std::string_view party, const std::string& point,
                       crm::ContactPointKind kind, const Sealed<std::string>& value) {
  if (kind == crm::ContactPointKind::email)
    set_point(rows, party, point, LookUpBy::email, {}, value);
  else if (kind == crm::ContactPointKind::phone || kind == crm::ContactPointKind::mobile)
    set_point(rows, party, point, LookUpBy::phone, {}, value);
  else
    forget_point(rows, party, point);
}

// ---- customers ----------------------------------------------------------------------------------

std::string customer_bytes(const crm::CustomerId& customer) {
  return party_bytes(PartyKind::customer, customer.uuid);
}

void customer_registered(ViewBatch& rows, const crm::CustomerRegistered& e,
                         const DecodedEvent& at) {
  change(rows, PartyKind::customer, e.customer.uuid, [&](PartyRow& row) {
    set_created(row, at);
    set_name(rows, row, e.name, at);
    row.entry.kind = e.kind;
    row.entry.lifecycle_stage = e.lifecycle_stage;
    row.entry.sector = e.sector;
    row.entry.country = e.country;
    row.entry.owner = e.owner;
  });
}

void customer_changed(ViewBatch& rows, const crm::CustomerDetailsChanged& e,
                      const DecodedEvent& at) {
  change(rows, PartyKind::customer, e.customer.uuid, [&](PartyRow& row) {
    set_name(rows, row, e.name, at);
    crm::take_over(row.entry.sector, e.sector);
    crm::take_over(row.entry.country, e.country);
  });
}

// A customer has one id of each system: the last one.
void external_id_linked(ViewBatch& rows, const crm::CustomerExternalIdLinked& e,
                        const DecodedEvent& /*at*/) {
  set_point(rows, customer_bytes(e.customer), "external:" + e.system, LookUpBy::external_id,
            e.system, e.external_id);
}

void customer_point_added(ViewBatch& rows, const crm::CustomerContactPointAdded& e,
                          const DecodedEvent& /*at*/) {
  set_contact_point(rows, customer_bytes(e.customer), "point:" + e.point, e.kind, e.value);
}

void customer_point_removed(ViewBatch& rows, const crm::CustomerContactPointRemoved& e,
                            const DecodedEvent& /*at*/) {
  forget_point(rows, customer_bytes(e.customer), "point:" + e.point);
}

void owner_assigned(ViewBatch& rows, const crm::CustomerOwnerAssigned& e,
                    const DecodedEvent& /*at*/) {
  change(rows, PartyKind::customer, e.customer.uuid,
         [&](PartyRow& row) { row.entry.owner = e.owner; });
}

void stage_changed(ViewBatch& rows, const crm::LifecycleStageChanged& e,
                   const DecodedEvent& /*at*/) {
  change(rows, PartyKind::customer, e.customer.uuid,
         [&](PartyRow& row) { row.entry.lifecycle_stage = e.stage; });
}

void tag_applied(ViewBatch& rows, const crm::TagApplied& e, const DecodedEvent& /*at*/) {
  change(rows, PartyKind::customer, e.customer.uuid, [&](PartyRow& row) {
    auto& tags = row.entry.tags;
    const auto place = std::lower_bound(tags.begin(), tags.end(), e.tag);
    if ((place == tags.end() || *place != e.tag) && tags.size() < kTagsMax)
      tags.insert(place, e.tag);
  });
}

void tag_removed(ViewBatch& rows, const crm::TagRemoved& e, const DecodedEvent& /*at*/) {
  change(rows, PartyKind::customer, e.customer.uuid,
         [&](PartyRow& row) { std::erase(row.entry.tags, e.tag); });
}

template <class E>
void set_customer_archived(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  change(rows, PartyKind::customer, e.customer.uuid,
         [](PartyRow& row) { row.entry.archived = std::is_same_v<E, crm::CustomerArchived>; });
}

// ---- contacts -----------------------------------------------------------------------------------

void contact_created(ViewBatch& rows, const crm::ContactCreated& e, const DecodedEvent& at) {
  change(rows, PartyKind::contact, e.contact.uuid, [&](PartyRow& row) {
    set_created(row, at);
    set_name(rows, row, e.name, at);
  });
}

void contact_changed(ViewBatch& rows, const crm::ContactDetailsChanged& e, const DecodedEvent& at) {
  change(rows, PartyKind::contact, e.contact.uuid,
         [&](PartyRow& row) { set_name(rows, row, e.name, at); });
}

void contact_point_added(ViewBatch& rows, const crm::ContactPointAdded& e,
                         const DecodedEvent& /*at*/) {
  set_contact_point(rows, party_bytes(PartyKind::contact, e.contact.uuid), "point:" + e.point,
                    e.kind, e.value);
}

void contact_point_removed(ViewBatch& rows, const crm::ContactPointRemoved& e,
                           const DecodedEvent& /*at*/) {
  forget_point(rows, party_bytes(PartyKind::contact, e.contact.uuid), "point:" + e.point);
}

template <class E>
void set_contact_archived(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  change(rows, PartyKind::contact, e.contact.uuid,
         [](PartyRow& row) { row.entry.archived = std::is_same_v<E, crm::ContactArchived>; });
}

}  // namespace

Projection directory_projection() {
  Projection projection("directory", 2, "Customers and contacts: lists, look-up, name search");
  projection.open_slots();
  projection.on<crm::CustomerRegistered>(&customer_registered);
  projection.on<crm::CustomerDetailsChanged>(&customer_changed);
  projection.on<crm::CustomerExternalIdLinked>(&external_id_linked);
  projection.on<crm::CustomerContactPointAdded>(&customer_point_added);
  projection.on<crm::CustomerContactPointRemoved>(&customer_point_removed);
  projection.on<crm::CustomerOwnerAssigned>(&owner_assigned);
  projection.on<crm::LifecycleStageChanged>(&stage_changed);
  projection.on<crm::TagApplied>(&tag_applied);
  projection.on<crm::TagRemoved>(&tag_removed);
  projection.on<crm::CustomerArchived>(&set_customer_archived<crm::CustomerArchived>);
  projection.on<crm::CustomerRestored>(&set_customer_archived<crm::CustomerRestored>);
  projection.on<crm::ContactCreated>(&contact_created);
  projection.on<crm::ContactDetailsChanged>(&contact_changed);
  projection.on<crm::ContactPointAdded>(&contact_point_added);
  projection.on<crm::ContactPointRemoved>(&contact_point_removed);
  projection.on<crm::ContactArchived>(&set_contact_archived<crm::ContactArchived>);
  projection.on<crm::ContactRestored>(&set_contact_archived<crm::ContactRestored>);
  return projection;
}

}  // namespace factum::projections
