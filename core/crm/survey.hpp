// Survey answers: the state folded from their events, the commands, and the rules.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/known.hpp"
#include "core/crm/survey_events.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace factum::crm {

/// One response as its own events leave it.
struct Response {
  using Id = ResponseId;
  using Events = SurveyEvents;

  ResponseId id;
  std::string survey;
  SurveyKind kind = {};
  std::optional<std::int64_t> score;
  ScoreMap dimensions;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<TicketId> ticket;
  std::optional<std::string> touchpoint;
  std::optional<std::string> language;
  Sealed<std::string> comment;
  Timestamp answered_at;

  void evolve(const SurveyAnswered& e, const EventInfo& info);
  void evolve(const SurveyAnswerCorrected& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Response& r);
};

struct AnswerSurvey : CreationOf<Response> {
  static constexpr std::string_view kName = "AnswerSurvey";
  static constexpr std::string_view kDoc = "Records what somebody answered";
  static constexpr auto kCorrects = std::to_array<std::string_view>({"score", "dimensions"});

  struct Model {
    Folded<Response> self;
    Folded<KnownCustomer> customer;
    Folded<KnownContact> contact;
    Folded<KnownTicket> ticket;
  };

  std::string survey;
  SurveyKind kind = {};
  std::optional<std::int64_t> score;
  ScoreMap dimensions;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<TicketId> ticket;
  std::optional<std::string> touchpoint;
  std::optional<std::string> language;
  std::optional<std::string> comment;

  static void describe(FieldVisitor& v, AnswerSurvey& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CorrectSurveyAnswer : CommandOn<Response> {
  static constexpr std::string_view kName = "CorrectSurveyAnswer";
  static constexpr std::string_view kDoc = "Replaces all scores of a response";

  std::optional<std::int64_t> score;
  ScoreMap dimensions;

  static void describe(FieldVisitor& v, CorrectSurveyAnswer& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kSurveyEmpty{"survey.empty", "an answer needs a score or a comment"};
inline constexpr Rule kSurveyScoreRange{
    "survey.score_range", "scores are 0 to 10 for NPS, 1 to 5 for CSAT and 1 to 7 for CES"};
inline constexpr Rule kSurveyUnknownCustomer{"survey.unknown_customer",
                                             "the customer does not exist"};
inline constexpr Rule kSurveyUnknownContact{"survey.unknown_contact", "the contact does not exist"};
inline constexpr Rule kSurveyUnknownTicket{"survey.unknown_ticket", "the ticket does not exist"};
/// In an import the answer is recorded without the comment: nobody's key could seal it.
inline constexpr Rule kSurveyCommentWithoutPerson{"survey.comment_without_person",
                                                  "a comment needs a customer or a contact"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using SurveyCommands = TypeList<AnswerSurvey, CorrectSurveyAnswer>;
using SurveyEntities = TypeList<Response>;

}  // namespace factum::crm
