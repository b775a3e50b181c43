// Deals as a state machine: every state against every command; imports; and how deals are shown.
#include "core/crm/deal.hpp"
#include "tests/core/deal_support.hpp"
#include "tests/support/move_table.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::sealed;
using test::Spec;
using test::TableCommand;
using test::TableState;

struct Fixture : Spec {
  Fixture() { given_deal(*this); }

  Spec& importing_at(std::optional<Timestamp> occurred_at) {
    context().occurred_at = occurred_at;
    return importing();
  }
};

std::vector<TableState> deal_states() {
  return {{"absent", given_references},
          {"open", given_deal},
          {"won", [](Spec& spec) { given_deal(spec), spec.given(deal_won(euros(100))); }},
          {"lost", [](Spec& spec) { given_deal(spec), spec.given(deal_lost("price")); }},
          {"reopened",
           [](Spec& spec) {
             given_deal(spec);
             spec.given(deal_won(euros(9)), DealReopened{kDeal, kFirm, kPipeline, "talk", {}});
           }},
          {"archived",
           [](Spec& spec) {
             given_deal(spec), spec.given(DealArchived{kDeal, kFirm});
           }},
          {"restored", [](Spec& spec) {
             given_deal(spec);
             spec.given(DealArchived{kDeal, kFirm}, DealRestored{kDeal, kFirm});
           }}};
}

template <class C>
TableCommand attempt(C command) {
  return {std::string(C::kName), [command](Spec& spec) { return spec.when(command); }};
}

std::vector<TableCommand> deal_commands() {
  return {attempt(MoveDeal{{kDeal}, "talk"}),
          attempt(ChangeDealAmount{{kDeal}, euros(7)}),
          attempt(ChangeDealCloseDate{{kDeal}, Date(1)}),
          attempt(AssignDealOwner{{kDeal}, {}}),
          attempt(ChangeDealLines{{kDeal}, {{kAxe, 1, {}}}}),
          attempt(AssignDealCustomer{{kDeal}, kFirm}),
          attempt(AddDealNote{{kDeal}, "Note"}),
          attempt(WinDeal{{kDeal}, euros(7)}),
          attempt(LoseDeal{{kDeal}, "time", {}}),
          attempt(ReopenDeal{{kDeal}, {}, {}}),
          attempt(ArchiveDeal{{kDeal}}),
          attempt(RestoreDeal{{kDeal}})};
}

constexpr std::string_view kMoves = R"(
MoveDeal absent=not_found open=DealStageChanged won=deal.closed lost=deal.closed reopened=nothing archived=deal.archived restored=DealStageChanged
ChangeDealAmount absent=not_found open=DealAmountChanged won=deal.closed lost=deal.closed reopened=DealAmountChanged archived=deal.archived restored=DealAmountChanged
ChangeDealCloseDate absent=not_found open=DealCloseDateChanged won=deal.closed lost=deal.closed reopened=DealCloseDateChanged archived=deal.archived restored=DealCloseDateChanged
AssignDealOwner absent=not_found open=DealOwnerAssigned won=deal.closed lost=deal.closed reopened=DealOwnerAssigned archived=deal.archived restored=DealOwnerAssigned
ChangeDealLines absent=not_found open=DealLinesChanged won=deal.closed lost=deal.closed reopened=DealLinesChanged archived=deal.archived restored=DealLinesChanged
AssignDealCustomer absent=not_found open=nothing won=deal.closed lost=deal.closed reopened=nothing archived=deal.archived restored=nothing
AddDealNote absent=not_found open=DealNoteAdded won=DealNoteAdded lost=DealNoteAdded reopened=DealNoteAdded archived=deal.archived restored=DealNoteAdded
WinDeal absent=not_found open=DealWon won=deal.closed lost=deal.closed reopened=DealWon archived=deal.archived restored=DealWon
LoseDeal absent=not_found open=DealLost won=deal.closed lost=deal.closed reopened=DealLost archived=deal.archived restored=DealLost
ReopenDeal absent=not_found open=deal.not_closed won=DealReopened lost=DealReopened reopened=deal.not_closed archived=deal.archived restored=deal.not_closed
ArchiveDeal absent=not_found open=DealArchived won=DealArchived lost=DealArchived reopened=DealArchived archived=nothing restored=DealArchived
RestoreDeal absent=not_found open=nothing won=nothing lost=nothing reopened=nothing archived=DealRestored restored=nothing
)";

}  // namespace

TEST_CASE("every state of a deal answers every command") {
  CHECK(test::move_table(deal_states(), deal_commands()) == kMoves);
}

TEST_CASE_FIXTURE(Fixture, "an import edits closed and archived deals and says so") {
  given(deal_won(euros(100)), DealArchived{kDeal, kFirm}).importing();
  when(ChangeDealAmount{{kDeal}, euros(7)})
      .then(DealAmountChanged{kDeal, kFirm, euros(7), euros(100)})
      .breaking({rules::kDealArchived, rules::kDealClosed});
  when(LoseDeal{{kDeal}, "price", {}})
      .then(deal_lost("price"))
      .breaking({rules::kDealArchived, rules::kDealClosed});
}

TEST_CASE_FIXTURE(Fixture, "an import moves and opens deals against the pipeline and says so") {
  importing();
  when(MoveDeal{{kDeal}, "none"})
      .then(DealStageChanged{kDeal, kFirm, kPipeline, "lead", "none"})
      .breaking({rules::kDealUnknownStage});
  OpenDeal command;
  command.id = kNewDeal;
  command.pipeline = test::id_of<PipelineId>(99);
  command.customer = kNobody;
  command.stage = "odd";
  when(command)
      .then(DealOpened{kNewDeal, command.pipeline, kNobody, "odd", {}, {}, {}, {}, {}, {}})
      .breaking(
          {rules::kDealUnknownCustomer, rules::kDealUnknownPipeline, rules::kDealUnknownStage});
  when(ReopenDeal{{kDeal}, "talk", {}})
      .then(DealReopened{kDeal, kFirm, kPipeline, "talk", {}})
      .breaking({rules::kDealNotClosed});
}

TEST_CASE_FIXTURE(Fixture, "a deal opened again by an import becomes the differences") {
  OpenDeal command;
  command.id = kDeal;
  command.pipeline = kPipeline;
  command.stage = "talk";
  command.customer = kFirm;
  command.amount = euros(100);
  command.owner = kSeller;
  importing().when(command).then();
  given(CustomerRestored{kOldFirm});
  command.customer = kOldFirm;
  command.amount = euros(70);
  command.expected_close = Date(1);
  command.owner = kLeaver;
  command.lines = {{kAxe, 1, {}}};
  done(command)
      .then(DealCustomerAssigned{kDeal, kOldFirm, kFirm},
            DealAmountChanged{kDeal, kOldFirm, euros(70), euros(100)},
            DealCloseDateChanged{kDeal, kOldFirm, Date(1)},
            DealOwnerAssigned{kDeal, kOldFirm, kLeaver, kSeller},
            DealLinesChanged{kDeal, kOldFirm, {{kAxe, 1, {}}}})
      .breaking({rules::kDealInactiveOwner});
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "an import that opens a won deal again leaves the final value alone") {
  given(deal_won(euros(90))).importing();
  OpenDeal command;
  command.id = kDeal;
  command.pipeline = kPipeline;
  command.amount = euros(100);
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "an import corrects how a deal was closed by saying it again") {
  const Timestamp day = context().now;
  const Timestamp next_day(day.value() + kMicrosPerDay);
  importing_at(day).given(deal_won(euros(90)));
  when(WinDeal{{kDeal}, euros(90)}).then();
  when(WinDeal{{kDeal}, {}}).then();
  when(WinDeal{{kDeal}, euros(80)}).then(deal_won(euros(80))).breaking({});
  importing_at(next_day).when(WinDeal{{kDeal}, euros(90)}).then(deal_won(euros(90))).breaking({});
  when(LoseDeal{{kDeal}, "price", {}}).then(deal_lost("price")).breaking({rules::kDealClosed});
  given(deal_lost("price"));
  when(LoseDeal{{kDeal}, "price", {}}).then();
  when(LoseDeal{{kDeal}, "time", {}}).then(deal_lost("time")).breaking({});
}

TEST_CASE_FIXTURE(Fixture, "undated facts of an import stay undated") {
  importing_at(std::nullopt).done(MoveDeal{{kDeal}, "talk"});
  done(WinDeal{{kDeal}, {}});
  const auto deal = fold<Deal>(kDeal);
  REQUIRE(deal);
  CHECK(deal->state.status == DealStatus::won);
  CHECK_FALSE(deal->state.closed_at);
  REQUIRE(deal->state.stage_history.size() == 2);
  CHECK(deal->state.stage_history[0].entered_at);
  CHECK_FALSE(deal->state.stage_history[1].entered_at);
}

TEST_CASE("a deal is shown with all there is, personal texts too") {
  Spec spec;
  given_references(spec);
  auto opened = deal_opened();
  opened.title = sealed("Axes");
  spec.given(opened, DealLost{kDeal, kFirm, kPipeline, "lead", "price", sealed("Too dear")});
  const std::string ids = R"({"id":")" + kDeal.uuid.to_string() + R"(","status":"lost",)";
  const std::string shown = spec.shown<Deal>(kDeal);
  CHECK(shown.starts_with(ids));
  for (const std::string_view part :
       {R"("stage":"lead")", R"("amount":{"currency":"EUR","minor":10000})",
        R"("opened_at":"2023-11-14T22:13:20.000000Z")", R"("lost_reason":"price")",
        R"("closed_at":"2023-11-14T22:13:20.000000Z")", R"("archived":false)"})
    CHECK(shown.find(part) != std::string::npos);
  CHECK(shown.find("won_amount") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the version of a deal is that of its last change, not of a note") {
  const auto before = fold<Deal>(kDeal);
  done(AddDealNote{{kDeal}, "Note"});
  const auto after = fold<Deal>(kDeal);
  REQUIRE(before);
  REQUIRE(after);
  CHECK(before->version == after->version);
}

}  // namespace factum::crm
