// Rules of survey answers: given events, when a command, then events or a refusal.
#include "core/crm/survey.hpp"

#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kAnswer = id_of<ResponseId>(60);
const auto kFirm = id_of<CustomerId>(2);
const auto kBea = id_of<ContactId>(20);
const auto kTicket = id_of<TicketId>(41);

struct Fixture : Spec {
  Fixture() {
    CustomerRegistered customer;
    customer.customer = kFirm;
    TicketOpened ticket;
    ticket.ticket = kTicket;
    given(customer, ContactCreated{kBea, {}, {}, {}, {}}, ticket);
  }
};

AnswerSurvey answer(SurveyKind kind, std::optional<std::int64_t> score) {
  AnswerSurvey command;
  command.id = kAnswer;
  command.survey = "after-sales";
  command.kind = kind;
  command.score = score;
  command.customer = kFirm;
  return command;
}

SurveyAnswered answered(SurveyKind kind, std::optional<std::int64_t> score) {
  SurveyAnswered event;
  event.response = kAnswer;
  event.survey = "after-sales";
  event.kind = kind;
  event.score = score;
  event.customer = kFirm;
  return event;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an answer is recorded with everything it is about") {
  AnswerSurvey command = answer(SurveyKind::csat, 5);
  command.contact = kBea;
  command.ticket = kTicket;
  command.dimensions = {{"speed", 4}};
  command.comment = "Fine";
  SurveyAnswered event = answered(SurveyKind::csat, 5);
  event.contact = kBea;
  event.ticket = kTicket;
  event.dimensions = {{"speed", 4}};
  event.comment = sealed("Fine");
  done(command).then(event);
  when(command).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "a score lies in the range of its kind") {
  const auto in_range = [](SurveyKind kind, std::int64_t score) {
    switch (kind) {
      case SurveyKind::nps: return score >= 0 && score <= 10;
      case SurveyKind::csat: return score >= 1 && score <= 5;
      case SurveyKind::ces: return score >= 1 && score <= 7;
    }
    return false;
  };
  for (SurveyKind kind : {SurveyKind::nps, SurveyKind::csat, SurveyKind::ces}) {
    for (std::int64_t score = -1; score <= 11; ++score) {
      CAPTURE(score);
      const auto outcome = when(answer(kind, score));
      if (in_range(kind, score))
        outcome.then(answered(kind, score));
      else
        outcome.then_refused(rules::kSurveyScoreRange);
    }
  }
  importing()
      .when(answer(SurveyKind::csat, 9))
      .then(answered(SurveyKind::csat, 9))
      .breaking({rules::kSurveyScoreRange});
}

TEST_CASE_FIXTURE(Fixture, "an answer says something") {
  AnswerSurvey command = answer(SurveyKind::nps, {});
  when(command).then_refused(rules::kSurveyEmpty);
  importing().when(command).breaking({rules::kSurveyEmpty});
  command.comment = "Fine";
  when(command).breaking({});
}

TEST_CASE_FIXTURE(Fixture, "what an answer refers to exists") {
  AnswerSurvey command = answer(SurveyKind::nps, 9);
  SUBCASE("customer") {
    command.customer = id_of<CustomerId>(99);
    when(command).then_refused(rules::kSurveyUnknownCustomer);
    importing().when(command).breaking({rules::kSurveyUnknownCustomer});
  }
  SUBCASE("contact") {
    command.contact = id_of<ContactId>(99);
    when(command).then_refused(rules::kSurveyUnknownContact);
    importing().when(command).breaking({rules::kSurveyUnknownContact});
  }
  SUBCASE("ticket") {
    command.ticket = id_of<TicketId>(99);
    when(command).then_refused(rules::kSurveyUnknownTicket);
    importing().when(command).breaking({rules::kSurveyUnknownTicket});
  }
}

TEST_CASE_FIXTURE(Fixture, "a comment needs somebody it is from; an import goes on without it") {
  AnswerSurvey command = answer(SurveyKind::nps, 9);
  command.customer.reset();
  command.comment = "Fine";
  when(command).then_refused(rules::kSurveyCommentWithoutPerson);
  SurveyAnswered event = answered(SurveyKind::nps, 9);
  event.customer.reset();
  importing().when(command).then(event).breaking({rules::kSurveyCommentWithoutPerson});
}

TEST_CASE_FIXTURE(Fixture, "a correction replaces all scores") {
  AnswerSurvey command = answer(SurveyKind::nps, 9);
  command.dimensions = {{"speed", 4}};
  done(command);
  when(CorrectSurveyAnswer{{kAnswer}, 9, {{"speed", 4}}}).then();
  when(CorrectSurveyAnswer{{kAnswer}, 11, {}}).then_refused(rules::kSurveyScoreRange);
  done(CorrectSurveyAnswer{{kAnswer}, {}, {}})
      .then(SurveyAnswerCorrected{kAnswer, kFirm, {}, {}, {}});
  when(CorrectSurveyAnswer{{id_of<ResponseId>(99)}, 9, {}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "an answer imported again is corrected only if it differs") {
  importing();
  done(answer(SurveyKind::nps, 9));
  when(answer(SurveyKind::nps, 9)).then();
  when(answer(SurveyKind::nps, 8)).then(SurveyAnswerCorrected{kAnswer, kFirm, {}, 8, {}});
}

TEST_CASE_FIXTURE(Fixture, "an answer is shown with its scores") {
  done(answer(SurveyKind::nps, 9));
  done(CorrectSurveyAnswer{{kAnswer}, 8, {{"speed", 4}}});
  CHECK(shown<Response>(kAnswer) ==
        R"({"id":")" + kAnswer.uuid.to_string() +
            R"(","survey":"after-sales","kind":"nps","score":8,"dimensions":{"speed":4},)"
            R"("customer":")" +
            kFirm.uuid.to_string() + R"(","answered_at":"2023-11-14T22:13:20.000000Z"})");
}

}  // namespace factum::crm
