#include "core/crm/interaction.hpp"

#include "core/crm/differences.hpp"

namespace factum::crm {
namespace {

const Owner kSelf{"id", {}};

bool has_owner(const std::optional<CustomerId>& customer, const std::optional<ContactId>& contact) {
  return customer || contact;
}

Status check_text(Decision& decision, bool owned, const InteractionContent& content,
                  const DecisionContext& context) {
  return decision.require(owned || (!given(content.subject) && !given(content.text)),
                          rules::kInteractionTextWithoutPerson, context);
}

// Emits what differs, if anything does.
Status correct(Decision& decision, const Folded<Interaction>& self,
               const InteractionContent& wanted, const DecisionContext& context) {
  const Interaction& now = self.state;
  const bool owned = has_owner(now.customer, now.contact);
  FACTUM_CHECK(check_text(decision, owned, wanted, context));
  InteractionCorrected change{self.id,
                              now.customer,
                              now.contact,
                              changed(wanted.outcome, now.outcome),
                              changed(wanted.duration_s, now.duration_s),
                              {},
                              {}};
  if (owned) change.subject = changed(wanted.subject, now.subject);
  if (owned) change.text = changed(wanted.text, now.text);
  const bool any = change.outcome || change.duration_s || !change.subject.is_absent() ||
                   !change.text.is_absent();
  if (any) decision.emit(std::move(change), context);
  return {};
}

}  // namespace

void Interaction::evolve(const InteractionLogged& e, const EventInfo& info) {
  id = e.interaction;
  customer = e.customer;
  contact = e.contact;
  deal = e.deal;
  ticket = e.ticket;
  channel = e.channel;
  direction = e.direction;
  outcome = e.outcome;
  duration_s = e.duration_s;
  user = e.user;
  subject = e.subject;
  text = e.text;
  happened_at = info.happened_at();
}

void Interaction::evolve(const InteractionCorrected& e, const EventInfo& /*info*/) {
  take_over(outcome, e.outcome);
  take_over(duration_s, e.duration_s);
  take_over(subject, e.subject);
  take_over(text, e.text);
}

void Interaction::describe(FieldVisitor& v, Interaction& i) {
  v.shown("id", i.id, "The interaction");
  v.shown("customer", i.customer, "The customer, if known");
  v.shown("contact", i.contact, "The contact, if known");
  v.shown("deal", i.deal, "The deal it was about");
  v.shown("ticket", i.ticket, "The ticket it was about");
  v.shown("channel", i.channel, "By which channel");
  v.shown("direction", i.direction, "Who approached whom");
  v.shown("outcome", i.outcome, "Result, a code");
  v.shown("duration_s", i.duration_s, "Length in seconds");
  v.shown("user", i.user, "The user who took part");
  v.personal("subject", i.subject, kSelf, "Heading");
  v.personal("text", i.text, kSelf, "What was said or written");
  v.shown("happened_at", i.happened_at, "When it happened, or was recorded if that is unknown");
}

void InteractionContent::describe(FieldVisitor& v, InteractionContent& c) {
  v.fact("outcome", c.outcome, "Result, a code");
  v.fact("duration_s", c.duration_s, "Length in seconds", between(0, 31'536'000));
  v.fact("subject", c.subject, "Heading", at_most(1000));
  v.fact("text", c.text, "What was said or written", kLongText);
}

void LogInteraction::describe(FieldVisitor& v, LogInteraction& c) {
  v.fact("customer", c.customer, "The customer, if known");
  v.fact("contact", c.contact, "The contact, if known");
  v.fact("deal", c.deal, "The deal it was about");
  v.fact("ticket", c.ticket, "The ticket it was about");
  v.fact("channel", c.channel, "By which channel");
  v.fact("direction", c.direction, "Who approached whom");
  v.fact("user", c.user, "The user who took part");
  InteractionContent::describe(v, c.content);
}

Result<LogInteraction::Model> LogInteraction::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Interaction>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  FACTUM_TRY(model.contact, reader.fold<KnownContact>(contact));
  FACTUM_TRY(model.deal, reader.fold<KnownDeal>(deal));
  FACTUM_TRY(model.ticket, reader.fold<KnownTicket>(ticket));
  FACTUM_TRY(model.user, reader.fold<KnownUser>(user));
  return model;
}

Result<Decision> LogInteraction::decide(const Model& model, const DecisionContext& context) const {
  using namespace rules;
  Decision decision;
  const auto require = [&](bool holds, const Rule& rule) {
    return decision.require(holds, rule, context);
  };
  FACTUM_CHECK(require(customer || contact || deal || ticket, kInteractionAboutNothing));
  FACTUM_CHECK(require(is_known(customer, model.customer), kInteractionUnknownCustomer));
  FACTUM_CHECK(require(is_known(contact, model.contact), kInteractionUnknownContact));
  FACTUM_CHECK(require(is_known(deal, model.deal), kInteractionUnknownDeal));
  FACTUM_CHECK(require(is_known(ticket, model.ticket), kInteractionUnknownTicket));
  FACTUM_CHECK(require(is_known(user, model.user), kInteractionUnknownUser));
  if (model.self.exists()) {
    FACTUM_CHECK(correct(decision, model.self, content, context));
    return decision;
  }
  const bool owned = has_owner(customer, contact);
  FACTUM_CHECK(check_text(decision, owned, content, context));
  InteractionLogged event{id,
                          customer,
                          contact,
                          deal,
                          ticket,
                          channel,
                          direction,
                          given(content.outcome),
                          content.duration_s,
                          user,
                          {},
                          {}};
  if (owned) event.subject = sealed_text(content.subject);
  if (owned) event.text = sealed_text(content.text);
  decision.emit(std::move(event), context);
  return decision;
}

void CorrectInteraction::describe(FieldVisitor& v, CorrectInteraction& c) {
  InteractionContent::describe(v, c.content);
}

Result<Decision> CorrectInteraction::decide(const Model& model,
                                            const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(correct(decision, model.self, content, context));
  return decision;
}

}  // namespace factum::crm
