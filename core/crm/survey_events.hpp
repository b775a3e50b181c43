// Events of surveys.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct SurveyAnswered {
  static constexpr std::string_view kName = "SurveyAnswered";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Somebody gave us a score";

  ResponseId response;
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

  static void describe(FieldVisitor& v, SurveyAnswered& e) {
    v.id("response", e.response, "The response");
    v.fact("survey", e.survey, "Key of the survey", non_empty(100));
    v.fact("kind", e.kind, "What is measured");
    v.fact("score", e.score,
           "NPS 0 to 10, CSAT 1 to 5, CES 1 to 7; absent = no answer to the main question",
           between(0, 10));
    v.fact("dimensions", e.dimensions, "Scores of further questions by key");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.id("ticket", e.ticket, "The ticket it was about");
    v.fact("touchpoint", e.touchpoint, "Where in the journey, a code");
    v.fact("language", e.language, "BCP 47 tag of the form");
    v.personal("comment", e.comment, by("contact", e.contact, by("customer", e.customer)),
               "In the person's own words", kLongText);
  }
};

struct SurveyAnswerCorrected {
  static constexpr std::string_view kName = "SurveyAnswerCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of a response was corrected: these scores replace the former";

  ResponseId response;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::int64_t> score;
  ScoreMap dimensions;

  static void describe(FieldVisitor& v, SurveyAnswerCorrected& e) {
    v.id("response", e.response, "The response");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("score", e.score, "The score now", between(0, 10));
    v.fact("dimensions", e.dimensions, "Scores of further questions by key");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using SurveyEvents = TypeList<SurveyAnswered, SurveyAnswerCorrected>;

}  // namespace factum::crm
