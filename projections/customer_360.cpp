#include "projections/customer_360.hpp"

#include "core/crm/customer_events.hpp"
#include "core/crm/differences.hpp"
#include "projections/customer_360_fold.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

constexpr std::size_t kAttributeSetsMax = 20;
constexpr std::size_t kTagsMax = 200;

// Tables: 'c' the rows that are read; 'q' contact points and 'e' systems with an id, to count those
// beyond the list.
struct Marker {
  bool present = false;
  static void describe(FieldVisitor& v, Marker& m) {
    v.shown("present", m.present, "Whether it counts");
  }
};

void add_attributes(Customer360& row, const DecodedEvent& at) {
  SealedRef attributes = at.sealed("attributes");
  if (!attributes.has_value()) return;
  row.attributes.emplace_back(std::move(attributes));
  if (row.attributes.size() > kAttributeSetsMax) row.attributes.erase(row.attributes.begin());
}

void registered(ViewBatch& rows, const crm::CustomerRegistered& e, const DecodedEvent& at) {
  Customer360& row = fold_360::row_of(rows, e.customer);
  row.registered = true;
  row.kind = e.kind;
  row.name = at.sealed("name");
  row.lifecycle_stage = e.lifecycle_stage;
  row.sector = e.sector;
  row.segment = e.segment;
  row.country = e.country;
  row.region = e.region;
  row.language = e.language;
  row.origin = e.origin;
  row.parent = e.parent;
  row.owner = e.owner;
  row.registered_at = at.record().occurred_at;
  if (!e.attributes.is_absent()) add_attributes(row, at);
}

void details_changed(ViewBatch& rows, const crm::CustomerDetailsChanged& e,
                     const DecodedEvent& at) {
  Customer360& row = fold_360::row_of(rows, e.customer);
  if (!e.name.is_absent()) row.name = at.sealed("name");
  crm::take_over(row.sector, e.sector);
  crm::take_over(row.segment, e.segment);
  crm::take_over(row.country, e.country);
  crm::take_over(row.region, e.region);
  crm::take_over(row.language, e.language);
  crm::take_over(row.origin, e.origin);
  if (!e.attributes.is_absent()) add_attributes(row, at);
}

// A customer has one id of each system: the last one.
void external_id_linked(ViewBatch& rows, const crm::CustomerExternalIdLinked& e,
                        const DecodedEvent& at) {
  Marker& marker = rows.edit<Marker>(ViewKey('e').id(e.customer).text(e.system));
  Customer360& row = fold_360::row_of(rows, e.customer);
  const auto listed = std::find_if(row.external_ids.begin(), row.external_ids.end(),
                                   [&](const auto& known) { return known.system == e.system; });
  if (listed != row.external_ids.end())
    listed->external_id = at.sealed("external_id");
  else if (row.external_ids.size() < kListed360Max)
    row.external_ids.push_back({e.system, at.sealed("external_id")});
  if (!marker.present) ++row.external_ids_total;
  marker.present = true;
}

void point_added(ViewBatch& rows, const crm::CustomerContactPointAdded& e, const DecodedEvent& at) {
  Marker& marker = rows.edit<Marker>(ViewKey('q').id(e.customer).text(e.point));
  Customer360& row = fold_360::row_of(rows, e.customer);
  ContactPoint360 point{e.point, e.kind, e.label, {}, {}};
  if (!e.value.is_absent()) point.value = at.sealed("value");
  if (!e.address.is_absent()) point.address = at.sealed("address");
  const auto listed = std::find_if(row.contact_points.begin(), row.contact_points.end(),
                                   [&](const auto& known) { return known.point == e.point; });
  if (listed != row.contact_points.end())
    *listed = std::move(point);
  else if (row.contact_points.size() < kListed360Max)
    row.contact_points.push_back(std::move(point));
  if (!marker.present) ++row.contact_points_total;
  marker.present = true;
}

void point_removed(ViewBatch& rows, const crm::CustomerContactPointRemoved& e,
                   const DecodedEvent& /*at*/) {
  const ViewKey key = ViewKey('q').id(e.customer).text(e.point);
  const Marker* marker = rows.find<Marker>(key);
  if (marker == nullptr) return;
  rows.erase(key);
  Customer360& row = fold_360::row_of(rows, e.customer);
  --row.contact_points_total;
  std::erase_if(row.contact_points, [&](const auto& known) { return known.point == e.point; });
}

void owner_assigned(ViewBatch& rows, const crm::CustomerOwnerAssigned& e,
                    const DecodedEvent& /*at*/) {
  fold_360::row_of(rows, e.customer).owner = e.owner;
}

// The event is tagged with the parent too, whose own row it does not change.
void parent_changed(ViewBatch& rows, const crm::CustomerParentChanged& e,
                    const DecodedEvent& /*at*/) {
  fold_360::row_of(rows, e.customer).parent = e.parent;
}

void stage_changed(ViewBatch& rows, const crm::LifecycleStageChanged& e,
                   const DecodedEvent& /*at*/) {
  fold_360::row_of(rows, e.customer).lifecycle_stage = e.stage;
}

void tag_applied(ViewBatch& rows, const crm::TagApplied& e, const DecodedEvent& /*at*/) {
  auto& tags = fold_360::row_of(rows, e.customer).tags;
  const auto place = std::lower_bound(tags.begin(), tags.end(), e.tag);
  if ((place == tags.end() || *place != e.tag) && tags.size() < kTagsMax) tags.insert(place, e.tag);
}

void tag_removed(ViewBatch& rows, const crm::TagRemoved& e, const DecodedEvent& /*at*/) {
  std::erase(fold_360::row_of(rows, e.customer).tags, e.tag);
}

void archived(ViewBatch& rows, const crm::CustomerArchived& e, const DecodedEvent& /*at*/) {
  fold_360::row_of(rows, e.customer).archived = true;
}

void restored(ViewBatch& rows, const crm::CustomerRestored& e, const DecodedEvent& /*at*/) {
  fold_360::row_of(rows, e.customer).archived = false;
}

}  // namespace

namespace fold_360 {

Customer360& row_of(ViewBatch& rows, const crm::CustomerId& customer) {
  Customer360& row = rows.edit<Customer360>(ViewKey('c').id(customer));
  row.customer = customer;
  return row;
}

bool take_later(std::optional<Timestamp>& latest, const std::optional<Timestamp>& at) {
  if (!at || (latest && *latest > *at)) return false;
  latest = at;
  return true;
}

void register_profile(Projection& projection) {
  projection.on<crm::CustomerRegistered>(&registered);
  projection.on<crm::CustomerDetailsChanged>(&details_changed);
  projection.on<crm::CustomerExternalIdLinked>(&external_id_linked);
  projection.on<crm::CustomerContactPointAdded>(&point_added);
  projection.on<crm::CustomerContactPointRemoved>(&point_removed);
  projection.on<crm::CustomerOwnerAssigned>(&owner_assigned);
  projection.on<crm::CustomerParentChanged>(&parent_changed);
  projection.on<crm::LifecycleStageChanged>(&stage_changed);
  projection.on<crm::TagApplied>(&tag_applied);
  projection.on<crm::TagRemoved>(&tag_removed);
  projection.on<crm::CustomerArchived>(&archived);
  projection.on<crm::CustomerRestored>(&restored);
}

}  // namespace fold_360

Projection customer_360_projection() {
  Projection projection("customer_360", 3, "Everything that matters about one customer");
  projection.keep_past_of({});
  fold_360::register_profile(projection);
  fold_360::register_deals(projection);
  fold_360::register_orders(projection);
  fold_360::register_contacts(projection);
  fold_360::register_service(projection);
  return projection;
}

Result<Customer360> customer_360(const ViewReader& rows, const crm::CustomerId& customer) {
  FACTUM_TRY(const auto bytes, rows.get(ViewKey('c').id(customer).str()));
  if (!bytes) return fail(ErrorCode::not_found, "there is no such customer");
  return decode_row<Customer360>(*bytes);
}

void Customer360::describe(FieldVisitor& v, Customer360& c) {
  v.shown("customer", c.customer, "The customer");
  v.shown("registered", c.registered,
          "False: only events about it are known, as imports may bring them");
  v.shown("kind", c.kind, "Organisation or person");
  v.shown("name", c.name, "Name");
  v.shown("lifecycle_stage", c.lifecycle_stage, "Where the relation stands");
  v.shown("archived", c.archived, "Kept but not worked with");
  v.shown("sector", c.sector, "Line of business, a code");
  v.shown("segment", c.segment, "Market segment, a code");
  v.shown("country", c.country, "Country");
  v.shown("region", c.region, "Coarse region");
  v.shown("language", c.language, "BCP 47 tag");
  v.shown("origin", c.origin, "Where the customer came from, a code");
  v.shown("parent", c.parent, "The organisation it belongs to");
  v.shown("owner", c.owner, "The user who looks after it");
  v.shown("registered_at", c.registered_at, "When it became known; absent = undated");
  v.shown("tags", c.tags, "Labels");
  v.shown("attributes", c.attributes,
          "Sets of further attributes, oldest first: a later one overrules, an empty text removes");
  v.shown("external_ids", c.external_ids, "Ids in other systems, the first 50");
  v.shown("external_ids_total", c.external_ids_total, "How many there are");
  v.shown("contact_points", c.contact_points, "Ways to reach the customer, the first 50");
  v.shown("contact_points_total", c.contact_points_total, "How many there are");
  v.shown("people", c.people, "Linked contacts, the first 50");
  v.shown("people_total", c.people_total, "How many there are");
  v.shown("deals", c.deals, "Deals");
  v.shown("orders", c.orders, "Orders");
  v.shown("tickets", c.tickets, "Tickets");
  v.shown("interactions", c.interactions, "Interactions");
  v.shown("surveys", c.surveys, "The latest answer of each kind");
}

}  // namespace factum::projections
