#include "projections/timeline_facts.hpp"

#include "core/crm/contact_events.hpp"
#include "core/crm/customer_events.hpp"
#include "core/crm/deal_events.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/survey_events.hpp"
#include "core/crm/ticket_events.hpp"

namespace factum::projections {
namespace {

using Facts = std::map<std::string, std::string>;

// ---- short facts, taken from fields that events of several types share --------------------------

void say(Facts& facts, const char* name, const std::string& value) {
  if (!value.empty()) facts[name] = value;
}
void say(Facts& facts, const char* name, const std::optional<std::string>& value) {
  if (value) say(facts, name, *value);
}
void say(Facts& facts, const char* name, const std::optional<std::int64_t>& value) {
  if (value) facts[name] = std::to_string(*value);
}
void say(Facts& facts, const char* name, const std::optional<Date>& value) {
  if (value) facts[name] = to_string(*value);
}
template <class Kind>
void say(Facts& facts, const char* name, const EntityId<Kind>& value) {
  facts[name] = value.uuid.to_string();
}
template <class Kind>
void say(Facts& facts, const char* name, const std::optional<EntityId<Kind>>& value) {
  if (value) say(facts, name, *value);
}
template <class E>
requires std::is_enum_v<E>
void say(Facts& facts, const char* name, E value) {
  facts[name] = Symbols<E>::kNames[static_cast<std::size_t>(value)];
}
template <class E>
requires std::is_enum_v<E>
void say(Facts& facts, const char* name, const std::optional<E>& value) {
  if (value) say(facts, name, *value);
}

#define FACTUM_SAY(field) \
  if constexpr (requires { event.field; }) say(facts, #field, event.field)

template <class E>
void say_all(Facts& facts, const E& event) {
  FACTUM_SAY(kind);
  FACTUM_SAY(channel);
  FACTUM_SAY(direction);
  FACTUM_SAY(outcome);
  FACTUM_SAY(duration_s);
  FACTUM_SAY(stage);
  FACTUM_SAY(lifecycle_stage);
  FACTUM_SAY(from_stage);
  FACTUM_SAY(to_stage);
  FACTUM_SAY(previous_stage);
  FACTUM_SAY(expected_close);
  FACTUM_SAY(number);
  FACTUM_SAY(reason);
  FACTUM_SAY(resolution);
  FACTUM_SAY(priority);
  FACTUM_SAY(category);
  FACTUM_SAY(tag);
  FACTUM_SAY(role);
  FACTUM_SAY(system);
  FACTUM_SAY(survey);
  FACTUM_SAY(score);
  FACTUM_SAY(method);
  FACTUM_SAY(pipeline);
  FACTUM_SAY(owner);
  FACTUM_SAY(assignee);
  FACTUM_SAY(team);
  FACTUM_SAY(user);
  FACTUM_SAY(author);
  if constexpr (!std::is_same_v<E, crm::InteractionCorrected>) FACTUM_SAY(contact);
}

#undef FACTUM_SAY

template <class E>
std::optional<Money> amount_of(const E& event) {
  if constexpr (requires { event.amount; })
    return event.amount;
  else if constexpr (requires { event.total; })
    return event.total;
  else
    return std::nullopt;
}

// ---- what an event is about ---------------------------------------------------------------------

template <class E>
std::pair<TimelineKind, std::string> about(const E& event) {
  if constexpr (requires { event.response; })
    return {TimelineKind::survey, event.response.tag()};
  else if constexpr (requires { event.interaction; })
    return {TimelineKind::interaction, event.interaction.tag()};
  else if constexpr (requires { event.return_id.tag(); })
    return {TimelineKind::order, event.return_id.tag()};
  else if constexpr (!std::is_same_v<E, crm::TicketOpened> && requires { event.order; })
    return {TimelineKind::order, event.order.tag()};
  else if constexpr (requires { event.deal; })
    return {TimelineKind::deal, event.deal.tag()};
  else if constexpr (requires { event.ticket; })
    return {TimelineKind::ticket, event.ticket.tag()};
  else if constexpr (requires { event.contact; })
    return {TimelineKind::profile, event.contact.tag()};
  else
    return {TimelineKind::profile, event.customer.tag()};
}

// The customers whose timeline shows the event: those it is tagged with.
template <class E>
std::vector<crm::CustomerId> customers_of(const E& event) {
  std::vector<crm::CustomerId> customers;
  if constexpr (requires { event.customers; }) {
    customers = event.customers;
  } else {
    const std::optional<crm::CustomerId> customer = event.customer;
    if (customer) customers.push_back(*customer);
  }
  if constexpr (requires { event.previous_customer; }) {
    if (event.previous_customer) customers.push_back(*event.previous_customer);
  }
  return customers;
}

// ---- sealed texts -------------------------------------------------------------------------------

template <class T>
SealedRef reference(const Sealed<T>& field, const DecodedEvent& at, const char* name) {
  return field.is_absent() ? SealedRef{} : at.sealed(name);
}

SealedField<std::string> bounded(SealedRef text, TimelineEntry& entry) {
  if (!text.has_value() || text.slot->ciphertext.size() <= kTimelineCiphertextBytesMax) return text;
  entry.shortened = true;
  return {};
}

template <class E>
void add_texts(TimelineEntry& entry, const E& event, const DecodedEvent& at) {
  SealedRef heading;
  if constexpr (requires { event.subject; })
    heading = reference(event.subject, at, "subject");
  else if constexpr (requires { event.title; })
    heading = reference(event.title, at, "title");
  else if constexpr (requires { event.name; })
    heading = reference(event.name, at, "name");
  SealedRef text;
  if constexpr (requires { event.text; })
    text = reference(event.text, at, "text");
  else if constexpr (requires { event.comment; })
    text = reference(event.comment, at, "comment");
  else if constexpr (requires { event.note; })
    text = reference(event.note, at, "note");
  entry.heading = bounded(std::move(heading), entry);
  entry.text = bounded(std::move(text), entry);
}

template <class E>
void add(ViewBatch& rows, const E& event, const DecodedEvent& at) {
  const auto customers = customers_of(event);
  if (customers.empty()) return;
  auto [kind, entity] = about(event);
  TimelineEntry entry = timeline_entry(at, kind, std::move(entity));
  entry.amount = amount_of(event);
  say_all(entry.facts, event);
  add_texts(entry, event, at);
  const std::string row = encode_row(entry);
  for (const crm::CustomerId& customer : customers)
    rows.put_bytes(timeline_key(customer, kind, entry.happened_at, entry.position), row);
}

template <class E>
constexpr bool has_customers() {
  return requires(E event) { event.customer; }
  || requires(E event) { event.customers; };
}

template <class... E>
void register_types(Projection& projection, TypeList<E...>) {
  const auto register_one = [&]<class Event>(std::type_identity<Event>) {
    if constexpr (has_customers<Event>()) projection.on<Event>(&add<Event>);
  };
  (register_one(std::type_identity<E>{}), ...);
}

}  // namespace

void register_timeline(Projection& projection) {
  register_types(projection, crm::CustomerEvents{});
  register_types(projection, crm::ContactEvents{});
  register_types(projection, crm::DealEvents{});
  register_types(projection, crm::OrderEvents{});
  register_types(projection, crm::TicketEvents{});
  register_types(projection, crm::InteractionEvents{});
  register_types(projection, crm::SurveyEvents{});
}

}  // namespace factum::projections
