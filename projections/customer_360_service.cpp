// Linked people, tickets, interactions and surveys of customer_360.
//
// Tables: 'p' customer, contact, role; 't' customer, ticket; 's' customer, response.
#include "core/crm/contact_events.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/survey_events.hpp"
#include "projections/customer_360_fold.hpp"
#include "projections/ticket_state.hpp"

#include <algorithm>

namespace factum::projections::fold_360 {
namespace {

// ---- people -----------------------------------------------------------------------------------

struct Link {  // its presence says that the link counts
  bool archived = false;
  static void describe(FieldVisitor& v, Link& l) {
    v.shown("archived", l.archived, "Whether the contact was archived");
  }
};

ViewKey link_key(const crm::CustomerId& customer, const crm::ContactId& contact,
                 crm::ContactRole role) {
  return ViewKey('p').id(customer).id(contact).byte(static_cast<std::uint8_t>(role));
}

void linked(ViewBatch& rows, const crm::ContactLinkedToCustomer& e, const DecodedEvent& at) {
  const ViewKey key = link_key(e.customer, e.contact, e.role);
  const bool known = rows.find<Link>(key) != nullptr;
  rows.edit<Link>(key);
  Customer360& row = row_of(rows, e.customer);
  Person360 person{e.contact, e.role, {}, false};
  if (!e.name.is_absent()) person.name = at.sealed("name");
  const auto listed = std::find_if(row.people.begin(), row.people.end(), [&](const auto& other) {
    return other.contact == e.contact && other.role == e.role;
  });
  if (listed != row.people.end())
    *listed = std::move(person);
  else if (row.people.size() < kListed360Max)
    row.people.push_back(std::move(person));
  if (!known) ++row.people_total;
}

void unlinked(ViewBatch& rows, const crm::ContactUnlinkedFromCustomer& e,
              const DecodedEvent& /*at*/) {
  const ViewKey key = link_key(e.customer, e.contact, e.role);
  if (rows.find<Link>(key) == nullptr) return;
  rows.erase(key);
  Customer360& row = row_of(rows, e.customer);
  --row.people_total;
  std::erase_if(row.people, [&](const auto& other) {
    return other.contact == e.contact && other.role == e.role;
  });
}

template <class E, class Change>
void change_person(ViewBatch& rows, const E& e, Change change) {
  for (const crm::CustomerId& customer : e.customers) {
    for (Person360& person : row_of(rows, customer).people) {
      if (person.contact == e.contact) change(person);
    }
  }
}

void contact_changed(ViewBatch& rows, const crm::ContactDetailsChanged& e, const DecodedEvent& at) {
  if (e.name.is_absent()) return;
  const SealedField<std::string> name = at.sealed("name");
  change_person(rows, e, [&](Person360& person) { person.name = name; });
}

void contact_archived(ViewBatch& rows, const crm::ContactArchived& e, const DecodedEvent& /*at*/) {
  change_person(rows, e, [](Person360& person) { person.archived = true; });
}

void contact_restored(ViewBatch& rows, const crm::ContactRestored& e, const DecodedEvent& /*at*/) {
  change_person(rows, e, [](Person360& person) { person.archived = false; });
}

// ---- tickets ----------------------------------------------------------------------------------

struct TicketShare {
  bool known = false;
  QueueState state{};
  bool complaint = false;

  static void describe(FieldVisitor& v, TicketShare& t) {
    v.shown("known", t.known, "Whether it counts");
    v.shown("state", t.state, "State");
    v.shown("complaint", t.complaint, "Whether it is a complaint");
  }
};

void count_ticket(Tickets360& tickets, const TicketShare& ticket, std::int64_t times) {
  if (!ticket.known) return;
  tickets.total += times;
  if (is_open(ticket.state)) tickets.open += times;
  if (ticket.complaint) tickets.complaints += times;
}

template <class Change>
void change_ticket(ViewBatch& rows, const crm::CustomerId& customer, const crm::TicketId& ticket,
                   Change change) {
  TicketShare& share = rows.edit<TicketShare>(ViewKey('t').id(customer).id(ticket));
  Tickets360& tickets = row_of(rows, customer).tickets;
  count_ticket(tickets, share, -1);
  share.known = true;
  change(share);
  count_ticket(tickets, share, 1);
}

void ticket_opened(ViewBatch& rows, const crm::TicketOpened& e, const DecodedEvent& at) {
  if (!e.customer) return;
  change_ticket(rows, *e.customer, e.ticket, [&](TicketShare& share) {
    share.complaint = share.complaint || e.kind == crm::TicketKind::complaint;
  });
  take_later(row_of(rows, *e.customer).tickets.last_opened_at, at.record().occurred_at);
}

void ticket_complained(ViewBatch& rows, const crm::TicketMarkedAsComplaint& e,
                       const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  change_ticket(rows, *e.customer, e.ticket, [](TicketShare& share) { share.complaint = true; });
}

template <class E>
void ticket_moved(ViewBatch& rows, const E& e, const DecodedEvent& /*at*/) {
  constexpr auto kState = state_after<E>();
  static_assert(kState.has_value());
  if (!e.customer) return;
  change_ticket(rows, *e.customer, e.ticket, [&](TicketShare& share) { share.state = *kState; });
}

template <class... E>
void register_moves(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&ticket_moved<E>), ...);
}

// ---- interactions and surveys -----------------------------------------------------------------

void interaction_logged(ViewBatch& rows, const crm::InteractionLogged& e, const DecodedEvent& at) {
  if (!e.customer) return;
  Interactions360& interactions = row_of(rows, *e.customer).interactions;
  ++interactions.total;
  ++interactions.by_channel[std::string(
      Symbols<crm::Channel>::kNames[static_cast<std::size_t>(e.channel)])];
  take_later(interactions.last_at, at.record().occurred_at);
}

void survey_answered(ViewBatch& rows, const crm::SurveyAnswered& e, const DecodedEvent& at) {
  if (!e.customer) return;
  auto& surveys = row_of(rows, *e.customer).surveys;
  Survey360 answer{e.kind, e.survey, e.response, e.score, at.record().occurred_at};
  const auto place = std::lower_bound(
      surveys.begin(), surveys.end(), e.kind,
      [](const Survey360& known, crm::SurveyKind kind) { return known.kind < kind; });
  if (place == surveys.end() || place->kind != e.kind) {
    surveys.insert(place, std::move(answer));
  } else if (!place->answered_at ||
             (answer.answered_at && *answer.answered_at >= *place->answered_at)) {
    *place = std::move(answer);
  }
}

void survey_corrected(ViewBatch& rows, const crm::SurveyAnswerCorrected& e,
                      const DecodedEvent& /*at*/) {
  if (!e.customer) return;
  for (Survey360& survey : row_of(rows, *e.customer).surveys) {
    if (survey.response == e.response) survey.score = e.score;
  }
}

}  // namespace

void register_contacts(Projection& projection) {
  projection.on<crm::ContactLinkedToCustomer>(&linked);
  projection.on<crm::ContactUnlinkedFromCustomer>(&unlinked);
  projection.on<crm::ContactDetailsChanged>(&contact_changed);
  projection.on<crm::ContactArchived>(&contact_archived);
  projection.on<crm::ContactRestored>(&contact_restored);
}

void register_service(Projection& projection) {
  projection.on<crm::TicketOpened>(&ticket_opened);
  projection.on<crm::TicketMarkedAsComplaint>(&ticket_complained);
  register_moves(projection,
                 TypeList<crm::TicketWorkStarted, crm::TicketPending, crm::TicketPutOnHold,
                          crm::TicketResumed, crm::TicketResolved, crm::TicketReopened,
                          crm::TicketClosed, crm::TicketCancelled>{});
  projection.on<crm::InteractionLogged>(&interaction_logged);
  projection.on<crm::SurveyAnswered>(&survey_answered);
  projection.on<crm::SurveyAnswerCorrected>(&survey_corrected);
}

}  // namespace factum::projections::fold_360
