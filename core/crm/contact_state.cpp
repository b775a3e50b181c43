// How the events of a contact make its state.
#include "core/crm/contact.hpp"
#include "core/crm/differences.hpp"

#include <algorithm>

namespace factum::crm {
namespace {
const Owner kSelf{"id", {}};
}

std::vector<CustomerId> Contact::customers() const {
  std::vector<CustomerId> all;
  for (const ContactLink& link : links) {
    if (std::find(all.begin(), all.end(), link.customer) == all.end()) all.push_back(link.customer);
  }
  return all;
}

void Contact::evolve(const ContactCreated& e, const EventInfo& /*info*/) {
  id = e.contact;
  name = e.name;
  job_title = e.job_title;
  language = e.language;
  birthday = e.birthday;
}

void Contact::evolve(const ContactDetailsChanged& e, const EventInfo& /*info*/) {
  take_over(name, e.name);
  take_over(job_title, e.job_title);
  take_over(language, e.language);
  take_over(birthday, e.birthday);
}

void Contact::evolve(const ContactPointAdded& e, const EventInfo& info) {
  contact_points.add({e.point, e.kind, e.label, e.value, e.address, info.event_id});
}

void Contact::evolve(const ContactPointRemoved& e, const EventInfo& /*info*/) {
  contact_points.remove(e.point);
}

void Contact::evolve(const ContactLinkedToCustomer& e, const EventInfo& /*info*/) {
  const ContactLink link{e.customer, e.role};
  if (std::find(links.begin(), links.end(), link) == links.end()) links.push_back(link);
}

void Contact::evolve(const ContactUnlinkedFromCustomer& e, const EventInfo& /*info*/) {
  std::erase(links, ContactLink{e.customer, e.role});
}

void Contact::evolve(const ContactArchived& /*e*/, const EventInfo& /*info*/) { archived = true; }

void Contact::evolve(const ContactRestored& /*e*/, const EventInfo& /*info*/) { archived = false; }

void Contact::describe(FieldVisitor& v, Contact& c) {
  v.shown("id", c.id, "The contact");
  v.personal("name", c.name, kSelf, "Full name as the person writes it");
  v.personal("job_title", c.job_title, kSelf, "Position");
  v.shown("language", c.language, "BCP 47 tag");
  v.sensitive("birthday", c.birthday, kSelf, "Date of birth, YYYY-MM-DD");
  v.shown("links", c.links, "Roles at customers");
  v.shown("contact_points", c.contact_points.points, "Ways to reach the person");
  v.shown("archived", c.archived, "Kept but not worked with");
}

}  // namespace factum::crm
