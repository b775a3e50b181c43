// Rules of deals, one by one: given events, when a command, then events or a refusal.
#include "core/crm/deal.hpp"

#include "tests/core/deal_support.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::sealed;
using test::Spec;

constexpr Date kChristmas{20'000};

struct Fixture : Spec {
  Fixture() { given_deal(*this); }
};

OpenDeal opening() {
  OpenDeal command;
  command.id = kNewDeal;
  command.pipeline = kPipeline;
  return command;
}

PipelineChanged pipeline_with(std::vector<StageMove> moves) {
  return {kPipeline, "Sales", sales_stages(), std::move(moves)};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a deal is opened with all that is known") {
  OpenDeal command = opening();
  command.customer = kFirm;
  command.stage = "talk";
  command.amount = euros(50);
  command.expected_close = kChristmas;
  command.owner = kSeller;
  command.lines = {{kAxe, 2, euros(25)}};
  command.title = "Axes for the forest";
  command.origin = "fair";
  when(command).then(DealOpened{kNewDeal, kPipeline, kFirm, "talk", euros(50), kChristmas, kSeller,
                                std::vector<DealLine>{{kAxe, 2, euros(25)}}, "fair",
                                sealed("Axes for the forest")});
}

TEST_CASE_FIXTURE(Fixture, "a deal starts in the first open stage unless told otherwise") {
  when(opening()).then(DealOpened{kNewDeal, kPipeline, {}, "lead", {}, {}, {}, {}, {}, {}});
  OpenDeal command = opening();
  command.stage = "none";
  when(command).then_refused(rules::kDealUnknownStage);
  command.stage = "won";
  when(command).then_refused(rules::kDealStageNotOpen);
}

TEST_CASE_FIXTURE(Fixture, "a deal is opened once") {
  OpenDeal command = opening();
  command.id = kDeal;
  when(command).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "a deal needs a pipeline that is in use") {
  OpenDeal command = opening();
  command.pipeline = test::id_of<PipelineId>(99);
  when(command).then_refused(rules::kDealUnknownPipeline);
  given(PipelineRetired{kPipeline});
  when(opening()).then_refused(rules::kDealRetiredPipeline);
}

TEST_CASE_FIXTURE(Fixture, "a deal refers to customers, users and products that are in use") {
  OpenDeal command = opening();
  command.customer = kNobody;
  when(command).then_refused(rules::kDealUnknownCustomer);
  command.customer = kOldFirm;
  when(command).then_refused(rules::kDealArchivedCustomer);
  command = opening();
  command.owner = kStranger;
  when(command).then_refused(rules::kDealUnknownOwner);
  command.owner = kLeaver;
  when(command).then_refused(rules::kDealInactiveOwner);
  command = opening();
  command.lines = {{kNoProduct, 1, {}}};
  when(command).then_refused(rules::kDealUnknownProduct);
  command.lines = {{kOldAxe, 1, {}}};
  when(command).then_refused(rules::kDealDiscontinuedProduct);
}

TEST_CASE_FIXTURE(Fixture, "changes of a deal refer to what is in use") {
  when(AssignDealCustomer{{kDeal}, kNobody}).then_refused(rules::kDealUnknownCustomer);
  when(AssignDealCustomer{{kDeal}, kOldFirm}).then_refused(rules::kDealArchivedCustomer);
  when(AssignDealOwner{{kDeal}, kStranger}).then_refused(rules::kDealUnknownOwner);
  when(AssignDealOwner{{kDeal}, kLeaver}).then_refused(rules::kDealInactiveOwner);
  when(ChangeDealLines{{kDeal}, {{kNoProduct, 1, {}}}}).then_refused(rules::kDealUnknownProduct);
  when(ChangeDealLines{{kDeal}, {{kOldAxe, 1, {}}}}).then_refused(rules::kDealDiscontinuedProduct);
}

TEST_CASE_FIXTURE(Fixture, "a product that is withdrawn later stays on the deal") {
  given(DealLinesChanged{kDeal, kFirm, {{kAxe, 1, {}}}}, ProductDiscontinued{kAxe});
  when(ChangeDealLines{{kDeal}, {{kAxe, 2, {}}}})
      .then(DealLinesChanged{kDeal, kFirm, {{kAxe, 2, {}}}});
}

TEST_CASE_FIXTURE(Fixture, "amounts are zero or more") {
  OpenDeal command = opening();
  command.amount = euros(-1);
  when(command).then_refused(rules::kDealAmountNegative);
  when(ChangeDealAmount{{kDeal}, euros(-1)}).then_refused(rules::kDealAmountNegative);
  when(WinDeal{{kDeal}, euros(-1)}).then_refused(rules::kDealAmountNegative);
}

TEST_CASE_FIXTURE(Fixture, "texts need a customer to belong to") {
  given(DealOpened{kNewDeal, kPipeline, {}, "lead", {}, {}, {}, {}, {}, {}});
  const Rule& rule = rules::kDealTextWithoutCustomer;
  OpenDeal command = opening();
  command.id = test::id_of<DealId>(99);
  command.title = "Axes";
  when(command).then_refused(rule);
  when(AddDealNote{{kNewDeal}, "Call back"}).then_refused(rule);
  when(LoseDeal{{kNewDeal}, "price", "Too dear"}).then_refused(rule);
  importing();
  when(command)
      .then(DealOpened{command.id, kPipeline, {}, "lead", {}, {}, {}, {}, {}, {}})
      .breaking({rule});
  when(AddDealNote{{kNewDeal}, "Call back"}).then(DealNoteAdded{kNewDeal, {}, {}}).breaking({rule});
  when(LoseDeal{{kNewDeal}, "price", "Too dear"})
      .then(DealLost{kNewDeal, {}, kPipeline, "lead", "price", {}})
      .breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "every change says what was before and whose deal it is") {
  when(ChangeDealAmount{{kDeal}, euros(120)})
      .then(DealAmountChanged{kDeal, kFirm, euros(120), euros(100)});
  when(ChangeDealAmount{{kDeal}, {}}).then(DealAmountChanged{kDeal, kFirm, {}, euros(100)});
  when(ChangeDealCloseDate{{kDeal}, kChristmas})
      .then(DealCloseDateChanged{kDeal, kFirm, kChristmas});
  when(AssignDealOwner{{kDeal}, {}}).then(DealOwnerAssigned{kDeal, kFirm, {}, kSeller});
  when(ChangeDealLines{{kDeal}, {{kAxe, 1, {}}}})
      .then(DealLinesChanged{kDeal, kFirm, {{kAxe, 1, {}}}});
  when(AddDealNote{{kDeal}, "Call back"}).then(DealNoteAdded{kDeal, kFirm, sealed("Call back")});
  given(DealOpened{kNewDeal, kPipeline, {}, "lead", {}, {}, {}, {}, {}, {}});
  when(AssignDealCustomer{{kNewDeal}, kFirm}).then(DealCustomerAssigned{kNewDeal, kFirm, {}});
}

TEST_CASE_FIXTURE(Fixture, "what is so already changes nothing") {
  when(ChangeDealAmount{{kDeal}, euros(100)}).then();
  when(ChangeDealCloseDate{{kDeal}, {}}).then();
  when(AssignDealOwner{{kDeal}, kSeller}).then();
  when(ChangeDealLines{{kDeal}, {}}).then();
  when(AssignDealCustomer{{kDeal}, kFirm}).then();
  when(MoveDeal{{kDeal}, "lead"}).then();
}

TEST_CASE_FIXTURE(Fixture, "without named moves a deal goes from any open stage to any other") {
  done(MoveDeal{{kDeal}, "talk"}).then(DealStageChanged{kDeal, kFirm, kPipeline, "lead", "talk"});
  when(MoveDeal{{kDeal}, "lead"}).then(DealStageChanged{kDeal, kFirm, kPipeline, "talk", "lead"});
  when(MoveDeal{{kDeal}, "none"}).then_refused(rules::kDealUnknownStage);
  when(MoveDeal{{kDeal}, "won"}).then_refused(rules::kDealStageNotOpen);
  when(MoveDeal{{kDeal}, "lost"}).then_refused(rules::kDealStageNotOpen);
}

TEST_CASE_FIXTURE(Fixture, "with named moves a deal goes along them, when it has what they ask") {
  given(pipeline_with({{"lead", "talk", {"amount", "owner", "customer", "expected_close"}}}));
  when(MoveDeal{{kDeal}, "talk"}).then_refused(rules::kDealFieldMissing);
  given(DealCloseDateChanged{kDeal, kFirm, kChristmas});
  done(MoveDeal{{kDeal}, "talk"}).then(DealStageChanged{kDeal, kFirm, kPipeline, "lead", "talk"});
  when(MoveDeal{{kDeal}, "lead"}).then_refused(rules::kDealMoveNotAllowed);
  given(pipeline_with({{"talk", "lead", {"lines"}}}));
  when(MoveDeal{{kDeal}, "lead"}).then_refused(rules::kDealFieldMissing);
}

TEST_CASE_FIXTURE(Fixture, "a stage that the pipeline has no longer may be left for any other") {
  given(DealStageChanged{kDeal, kFirm, kPipeline, "lead", "gone"},
        pipeline_with({{"lead", "talk", {}}, {"talk", "won", {}}}));
  when(MoveDeal{{kDeal}, "talk"}).then(DealStageChanged{kDeal, kFirm, kPipeline, "gone", "talk"});
  when(WinDeal{{kDeal}, {}}).then(DealWon{kDeal, kFirm, kPipeline, "gone", euros(100)});
}

TEST_CASE_FIXTURE(Fixture, "named moves into a closing stage bind winning and losing") {
  given(pipeline_with({{"talk", "won", {"lines"}}, {"lead", "lost", {}}}));
  when(WinDeal{{kDeal}, {}}).then_refused(rules::kDealMoveNotAllowed);
  when(LoseDeal{{kDeal}, "price", {}}).then(deal_lost("price"));
  given(DealStageChanged{kDeal, kFirm, kPipeline, "lead", "talk"});
  when(WinDeal{{kDeal}, {}}).then_refused(rules::kDealFieldMissing);
  when(LoseDeal{{kDeal}, "price", {}}).then_refused(rules::kDealMoveNotAllowed);
}

TEST_CASE_FIXTURE(Fixture, "the final value counts as the amount a move into won asks for") {
  given(pipeline_with({{"lead", "won", {"amount"}}}), DealAmountChanged{kDeal, kFirm, {}, {}});
  when(WinDeal{{kDeal}, {}}).then_refused(rules::kDealFieldMissing);
  when(WinDeal{{kDeal}, euros(5)}).then(deal_won(euros(5)));
}

TEST_CASE_FIXTURE(Fixture, "a deal is won at its expected value unless told otherwise") {
  when(WinDeal{{kDeal}, {}}).then(deal_won(euros(100)));
  done(WinDeal{{kDeal}, euros(90)}).then(deal_won(euros(90)));
  when(WinDeal{{kDeal}, {}}).then();
  when(WinDeal{{kDeal}, euros(90)}).then();
  when(WinDeal{{kDeal}, euros(80)}).then_refused(rules::kDealClosed);
}

TEST_CASE_FIXTURE(Fixture, "a deal without customer cannot be won") {
  given(DealOpened{kNewDeal, kPipeline, {}, "lead", {}, {}, {}, {}, {}, {}});
  when(WinDeal{{kNewDeal}, {}}).then_refused(rules::kDealWonWithoutCustomer);
  importing()
      .when(WinDeal{{kNewDeal}, {}})
      .then(DealWon{kNewDeal, {}, kPipeline, "lead", {}})
      .breaking({rules::kDealWonWithoutCustomer});
}

TEST_CASE_FIXTURE(Fixture, "losing a deal needs a reason") {
  when(LoseDeal{{kDeal}, {}, {}}).then_refused(rules::kDealLostWithoutReason);
  when(LoseDeal{{kDeal}, "", {}}).then_refused(rules::kDealLostWithoutReason);
  when(LoseDeal{{kDeal}, "price", "Too dear"})
      .then(DealLost{kDeal, kFirm, kPipeline, "lead", "price", sealed("Too dear")});
  importing()
      .when(LoseDeal{{kDeal}, {}, {}})
      .then(deal_lost(""))
      .breaking({rules::kDealLostWithoutReason});
}

TEST_CASE_FIXTURE(Fixture, "a deal cannot be closed before it was opened") {
  const Timestamp earlier(context().now.value() - 1);
  context().occurred_at = earlier;
  when(WinDeal{{kDeal}, {}}).then_refused(rules::kDealClosedBeforeOpened);
  when(LoseDeal{{kDeal}, "price", {}}).then_refused(rules::kDealClosedBeforeOpened);
  importing()
      .when(WinDeal{{kDeal}, {}})
      .then(deal_won(euros(100)))
      .breaking({rules::kDealClosedBeforeOpened});
}

TEST_CASE_FIXTURE(Fixture, "a reopened deal returns to its last stage or to a named open one") {
  given(deal_lost("price"));
  when(ReopenDeal{{kDeal}, {}, "new budget"})
      .then(DealReopened{kDeal, kFirm, kPipeline, "lead", "new budget"});
  when(ReopenDeal{{kDeal}, "talk", {}}).then(DealReopened{kDeal, kFirm, kPipeline, "talk", {}});
  when(ReopenDeal{{kDeal}, "none", {}}).then_refused(rules::kDealUnknownStage);
  when(ReopenDeal{{kDeal}, "won", {}}).then_refused(rules::kDealStageNotOpen);
}

}  // namespace factum::crm
