// How the events of a customer make its state.
#include "core/crm/customer.hpp"
#include "core/crm/differences.hpp"

#include <algorithm>

namespace factum::crm {
namespace {
const Owner kSelf{"id", {}};
}

void Customer::evolve(const CustomerRegistered& e, const EventInfo& /*info*/) {
  id = e.customer;
  kind = e.kind;
  name = e.name;
  lifecycle_stage = e.lifecycle_stage;
  sector = e.sector;
  segment = e.segment;
  country = e.country;
  region = e.region;
  language = e.language;
  origin = e.origin;
  parent = e.parent;
  owner = e.owner;
  attributes = e.attributes;
}

void Customer::evolve(const CustomerDetailsChanged& e, const EventInfo& /*info*/) {
  take_over(name, e.name);
  take_over(sector, e.sector);
  take_over(segment, e.segment);
  take_over(country, e.country);
  take_over(region, e.region);
  take_over(language, e.language);
  take_over(origin, e.origin);
  if (e.attributes.is_open()) {
    AttributeMap merged = attributes.open_value().value_or(AttributeMap{});
    for (const auto& [key, text] : e.attributes.get()) merged[key] = text;
    std::erase_if(merged, [](const auto& attribute) { return attribute.second.empty(); });
    attributes = std::move(merged);
  } else {
    take_over(attributes, e.attributes);
  }
}

void Customer::evolve(const CustomerExternalIdLinked& e, const EventInfo& /*info*/) {
  std::erase_if(external_ids, [&](const auto& known) { return known.system == e.system; });
  external_ids.push_back({e.system, e.external_id});
}

void Customer::evolve(const CustomerContactPointAdded& e, const EventInfo& info) {
  contact_points.add({e.point, e.kind, e.label, e.value, e.address, info.event_id});
}

void Customer::evolve(const CustomerContactPointRemoved& e, const EventInfo& /*info*/) {
  contact_points.remove(e.point);
}

void Customer::evolve(const CustomerOwnerAssigned& e, const EventInfo& /*info*/) {
  owner = e.owner;
}

void Customer::evolve(const CustomerParentChanged& e, const EventInfo& /*info*/) {
  parent = e.parent;
}

void Customer::evolve(const LifecycleStageChanged& e, const EventInfo& /*info*/) {
  lifecycle_stage = e.stage;
}

void Customer::evolve(const TagApplied& e, const EventInfo& /*info*/) {
  const auto place = std::lower_bound(tags.begin(), tags.end(), e.tag);
  if (place == tags.end() || *place != e.tag) tags.insert(place, e.tag);
}

void Customer::evolve(const TagRemoved& e, const EventInfo& /*info*/) { std::erase(tags, e.tag); }

void Customer::evolve(const CustomerArchived& /*e*/, const EventInfo& /*info*/) { archived = true; }

void Customer::evolve(const CustomerRestored& /*e*/, const EventInfo& /*info*/) {
  archived = false;
}

void Customer::describe(FieldVisitor& v, Customer& c) {
  v.shown("id", c.id, "The customer");
  v.shown("kind", c.kind, "Organisation or person");
  v.personal("name", c.name, kSelf, "Name as the customer writes it");
  v.shown("lifecycle_stage", c.lifecycle_stage, "Where the relation stands");
  v.shown("sector", c.sector, "Line of business, a code");
  v.shown("segment", c.segment, "Market segment, a code");
  v.shown("country", c.country, "ISO 3166-1 alpha-2, or a name as found in an import");
  v.shown("region", c.region, "Coarse region");
  v.shown("language", c.language, "BCP 47 tag");
  v.shown("origin", c.origin, "Where the customer came from, a code");
  v.shown("parent", c.parent, "The organisation it belongs to");
  v.shown("owner", c.owner, "The user who looks after it");
  v.personal("attributes", c.attributes, kSelf, "Further attributes by name");
  v.shown("external_ids", c.external_ids, "Ids in other systems");
  v.shown("contact_points", c.contact_points.points, "Ways to reach it");
  v.shown("tags", c.tags, "Labels, sorted");
  v.shown("archived", c.archived, "Kept but not worked with");
}

}  // namespace factum::crm
