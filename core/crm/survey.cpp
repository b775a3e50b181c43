#include "core/crm/survey.hpp"

#include "core/crm/differences.hpp"

namespace factum::crm {
namespace {

const Owner kSelf{"id", {}};

// Sources: Reichheld, HBR Dec 2003 (NPS); Dixon et al., HBR Jul 2010 (CES).
Limits range_of(SurveyKind kind) {
  switch (kind) {
    case SurveyKind::nps: return between(0, 10);
    case SurveyKind::csat: return between(1, 5);
    case SurveyKind::ces: return between(1, 7);
  }
  return {};
}

Status check_score(Decision& decision, SurveyKind kind, const std::optional<std::int64_t>& score,
                   const DecisionContext& context) {
  const Limits range = range_of(kind);
  const bool in_range = !score || (*score >= range.least && *score <= range.most);
  return decision.require(in_range, rules::kSurveyScoreRange, context);
}

// Emits the scores if they differ from those there are.
Status correct(Decision& decision, const Folded<Response>& self,
               const std::optional<std::int64_t>& score, const ScoreMap& dimensions,
               const DecisionContext& context) {
  const Response& now = self.state;
  FACTUM_CHECK(check_score(decision, now.kind, score, context));
  if (score != now.score || dimensions != now.dimensions) {
    decision.emit(SurveyAnswerCorrected{self.id, now.customer, now.contact, score, dimensions},
                  context);
  }
  return {};
}

}  // namespace

void Response::evolve(const SurveyAnswered& e, const EventInfo& info) {
  id = e.response;
  survey = e.survey;
  kind = e.kind;
  score = e.score;
  dimensions = e.dimensions;
  customer = e.customer;
  contact = e.contact;
  ticket = e.ticket;
  touchpoint = e.touchpoint;
  language = e.language;
  comment = e.comment;
  answered_at = info.happened_at();
}

void Response::evolve(const SurveyAnswerCorrected& e, const EventInfo& /*info*/) {
  score = e.score;
  dimensions = e.dimensions;
}

void Response::describe(FieldVisitor& v, Response& r) {
  v.shown("id", r.id, "The response");
  v.shown("survey", r.survey, "Key of the survey");
  v.shown("kind", r.kind, "What is measured");
  v.shown("score", r.score, "NPS 0 to 10, CSAT 1 to 5, CES 1 to 7");
  v.shown("dimensions", r.dimensions, "Scores of further questions by key");
  v.shown("customer", r.customer, "The customer, if known");
  v.shown("contact", r.contact, "The contact, if known");
  v.shown("ticket", r.ticket, "The ticket it was about");
  v.shown("touchpoint", r.touchpoint, "Where in the journey, a code");
  v.shown("language", r.language, "BCP 47 tag of the form");
  v.personal("comment", r.comment, kSelf, "In the person's own words");
  v.shown("answered_at", r.answered_at, "When it was answered, or recorded if that is unknown");
}

void AnswerSurvey::describe(FieldVisitor& v, AnswerSurvey& c) {
  v.fact("survey", c.survey, "Key of the survey", non_empty(100));
  v.fact("kind", c.kind, "What is measured");
  v.fact("score", c.score, "NPS 0 to 10, CSAT 1 to 5, CES 1 to 7", between(0, 10));
  v.fact("dimensions", c.dimensions, "Scores of further questions by key", at_most(100));
  v.fact("customer", c.customer, "The customer, if known");
  v.fact("contact", c.contact, "The contact, if known");
  v.fact("ticket", c.ticket, "The ticket it was about");
  v.fact("touchpoint", c.touchpoint, "Where in the journey, a code");
  v.fact("language", c.language, "BCP 47 tag of the form", at_most(35));
  v.fact("comment", c.comment, "In the person's own words", kLongText);
}

Result<AnswerSurvey::Model> AnswerSurvey::load(ModelReader& reader) const {
  Model model;
  FACTUM_TRY(model.self, reader.fold<Response>(id));
  FACTUM_TRY(model.customer, reader.fold<KnownCustomer>(customer));
  FACTUM_TRY(model.contact, reader.fold<KnownContact>(contact));
  FACTUM_TRY(model.ticket, reader.fold<KnownTicket>(ticket));
  return model;
}

Result<Decision> AnswerSurvey::decide(const Model& model, const DecisionContext& context) const {
  using namespace rules;
  Decision decision;
  const auto require = [&](bool holds, const Rule& rule) {
    return decision.require(holds, rule, context);
  };
  FACTUM_CHECK(require(is_known(customer, model.customer), kSurveyUnknownCustomer));
  FACTUM_CHECK(require(is_known(contact, model.contact), kSurveyUnknownContact));
  FACTUM_CHECK(require(is_known(ticket, model.ticket), kSurveyUnknownTicket));
  if (model.self.exists()) {
    const Response& now = model.self.state;
    FACTUM_CHECK(correct(decision, model.self, score ? score : now.score,
                         dimensions.empty() ? now.dimensions : dimensions, context));
    return decision;
  }
  const bool owned = customer || contact;
  FACTUM_CHECK(require(score || !dimensions.empty() || given(comment), kSurveyEmpty));
  FACTUM_CHECK(check_score(decision, kind, score, context));
  FACTUM_CHECK(require(owned || !given(comment), kSurveyCommentWithoutPerson));
  decision.emit(SurveyAnswered{id, survey, kind, score, dimensions, customer, contact, ticket,
                               given(touchpoint), given(language),
                               owned ? sealed_text(comment) : Sealed<std::string>{}},
                context);
  return decision;
}

void CorrectSurveyAnswer::describe(FieldVisitor& v, CorrectSurveyAnswer& c) {
  v.fact("score", c.score, "The score now; absent = no answer to the main question",
         between(0, 10));
  v.fact("dimensions", c.dimensions, "Scores of further questions by key", at_most(100));
}

Result<Decision> CorrectSurveyAnswer::decide(const Model& model,
                                             const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(correct(decision, model.self, score, dimensions, context));
  return decision;
}

}  // namespace factum::crm
