// Deals: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/deal_events.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/references.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// When a deal came into a stage.
struct StageVisit {
  std::string stage;
  std::optional<Timestamp> entered_at;

  static void describe(FieldVisitor& v, StageVisit& s);
};

/// A deal as its events leave it. Notes do not change it.
struct Deal {
  using Id = DealId;
  using Events = TypeList<DealOpened, DealStageChanged, DealAmountChanged, DealCloseDateChanged,
                          DealOwnerAssigned, DealLinesChanged, DealCustomerAssigned, DealWon,
                          DealLost, DealReopened, DealArchived, DealRestored>;
  using Moves = TypeList<DealStageChanged, DealWon, DealLost, DealReopened>;

  DealId id;
  DealStatus status = {};
  PipelineId pipeline;
  std::string stage;  ///< the last open stage when the deal is closed
  std::optional<CustomerId> customer;
  Sealed<std::string> title;
  std::optional<Money> amount;      ///< expected
  std::optional<Money> won_amount;  ///< final; of a deal that is won
  std::optional<Date> expected_close;
  std::optional<UserId> owner;
  std::vector<DealLine> lines;
  std::optional<std::string> origin;
  std::optional<Timestamp> opened_at;  ///< absent: undated, as all times here
  std::optional<Timestamp> closed_at;
  std::optional<std::string> lost_reason;
  Sealed<std::string> lost_text;
  std::vector<StageVisit> stage_history;  ///< in the order it was recorded
  bool archived = false;

  bool is_open() const { return status == DealStatus::open; }

  void evolve(const DealOpened& e, const EventInfo& info);
  void evolve(const DealStageChanged& e, const EventInfo& info);
  void evolve(const DealAmountChanged& e, const EventInfo& info);
  void evolve(const DealCloseDateChanged& e, const EventInfo& info);
  void evolve(const DealOwnerAssigned& e, const EventInfo& info);
  void evolve(const DealLinesChanged& e, const EventInfo& info);
  void evolve(const DealCustomerAssigned& e, const EventInfo& info);
  void evolve(const DealWon& e, const EventInfo& info);
  void evolve(const DealLost& e, const EventInfo& info);
  void evolve(const DealReopened& e, const EventInfo& info);
  void evolve(const DealArchived& e, const EventInfo& info);
  void evolve(const DealRestored& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Deal& d);
};

struct OpenDeal : CreationOf<Deal> {
  static constexpr std::string_view kName = "OpenDeal";
  static constexpr std::string_view kDoc = "Starts work on a chance to sell";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"customer", "amount", "expected_close", "owner", "lines"});

  struct Model {
    Folded<Deal> self;
    Folded<Pipeline> pipeline;
    Folded<KnownCustomer> customer;
    Folded<KnownUser> owner;
    std::vector<Folded<KnownProduct>> products;
  };

  PipelineId pipeline;
  std::optional<CustomerId> customer;
  std::optional<std::string> stage;
  std::optional<Money> amount;
  std::optional<Date> expected_close;
  std::optional<UserId> owner;
  std::vector<DealLine> lines;
  std::optional<std::string> title;
  std::optional<std::string> origin;

  static void describe(FieldVisitor& v, OpenDeal& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  Status check(Decision& decision, const Model& model, const DecisionContext& context) const;
  void decide_differences(Decision& decision, const Folded<Deal>& self,
                          const DecisionContext& context) const;
};

/// What commands look at that move a deal through its pipeline.
struct DealInPipeline {
  Folded<Deal> self;
  Folded<Pipeline> pipeline;
};

struct MoveDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "MoveDeal";
  static constexpr std::string_view kDoc = "Moves the deal to another open stage of its pipeline";
  using Model = DealInPipeline;

  std::string stage;

  static void describe(FieldVisitor& v, MoveDeal& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeDealAmount : CommandOn<Deal> {
  static constexpr std::string_view kName = "ChangeDealAmount";
  static constexpr std::string_view kDoc = "Sets the expected value";

  std::optional<Money> amount;

  static void describe(FieldVisitor& v, ChangeDealAmount& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeDealCloseDate : CommandOn<Deal> {
  static constexpr std::string_view kName = "ChangeDealCloseDate";
  static constexpr std::string_view kDoc = "Sets the expected day of closing";

  std::optional<Date> expected_close;

  static void describe(FieldVisitor& v, ChangeDealCloseDate& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AssignDealOwner : CommandOn<Deal> {
  static constexpr std::string_view kName = "AssignDealOwner";
  static constexpr std::string_view kDoc = "Names the user who works on the deal";

  struct Model {
    Folded<Deal> self;
    Folded<KnownUser> owner;
  };

  std::optional<UserId> owner;

  static void describe(FieldVisitor& v, AssignDealOwner& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangeDealLines : CommandOn<Deal> {
  static constexpr std::string_view kName = "ChangeDealLines";
  static constexpr std::string_view kDoc = "Replaces the products of the deal";

  struct Model {
    Folded<Deal> self;
    std::vector<Folded<KnownProduct>> products;
  };

  std::vector<DealLine> lines;

  static void describe(FieldVisitor& v, ChangeDealLines& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AssignDealCustomer : CommandOn<Deal> {
  static constexpr std::string_view kName = "AssignDealCustomer";
  static constexpr std::string_view kDoc =
      "Says whose deal it is, when the customer was unknown or wrong";

  struct Model {
    Folded<Deal> self;
    Folded<KnownCustomer> customer;
  };

  CustomerId customer;

  static void describe(FieldVisitor& v, AssignDealCustomer& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct AddDealNote : CommandOn<Deal> {
  static constexpr std::string_view kName = "AddDealNote";
  static constexpr std::string_view kDoc = "Adds a note, to closed deals too";
  static constexpr bool kAddsUp = true;

  std::string text;

  static void describe(FieldVisitor& v, AddDealNote& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct WinDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "WinDeal";
  static constexpr std::string_view kDoc =
      "Closes the deal as won. An import may say it again with another amount or time: the later "
      "one counts";
  static constexpr auto kCorrects = std::to_array<std::string_view>({"amount", "occurred_at"});
  using Model = DealInPipeline;

  std::optional<Money> amount;

  static void describe(FieldVisitor& v, WinDeal& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct LoseDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "LoseDeal";
  static constexpr std::string_view kDoc =
      "Closes the deal as lost. An import may say it again with another reason or time: the later "
      "one counts";
  using Model = DealInPipeline;

  std::optional<std::string> reason;
  std::optional<std::string> text;

  static void describe(FieldVisitor& v, LoseDeal& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReopenDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "ReopenDeal";
  static constexpr std::string_view kDoc = "Works on a closed deal again";
  using Model = DealInPipeline;

  std::optional<std::string> stage;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ReopenDeal& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ArchiveDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "ArchiveDeal";
  static constexpr std::string_view kDoc = "Puts the deal out of sight; everything is kept";

  static void describe(FieldVisitor& v, ArchiveDeal& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RestoreDeal : CommandOn<Deal> {
  static constexpr std::string_view kName = "RestoreDeal";
  static constexpr std::string_view kDoc = "Brings an archived deal back";

  static void describe(FieldVisitor& v, RestoreDeal& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kDealClosed{"deal.closed", "the deal is won or lost; reopen it first"};
inline constexpr Rule kDealNotClosed{"deal.not_closed", "only a won or lost deal can be reopened"};
inline constexpr Rule kDealArchived{"deal.archived", "the deal is archived; restore it first"};
inline constexpr Rule kDealUnknownPipeline{"deal.unknown_pipeline", "the pipeline does not exist"};
inline constexpr Rule kDealRetiredPipeline{"deal.retired_pipeline",
                                           "the pipeline is retired; choose another"};
inline constexpr Rule kDealUnknownStage{"deal.unknown_stage",
                                        "the pipeline of the deal has no such stage"};
inline constexpr Rule kDealStageNotOpen{
    "deal.stage_not_open", "this stage closes a deal; win or lose the deal instead of moving it"};
inline constexpr Rule kDealMoveNotAllowed{"deal.move_not_allowed",
                                          "the pipeline allows no such move from this stage"};
inline constexpr Rule kDealFieldMissing{
    "deal.field_missing", "the pipeline asks for more about the deal before it can move there"};
inline constexpr Rule kDealAmountNegative{"deal.amount_negative", "amounts are zero or more"};
inline constexpr Rule kDealUnknownCustomer{"deal.unknown_customer", "the customer does not exist"};
inline constexpr Rule kDealArchivedCustomer{"deal.archived_customer",
                                            "the customer is archived; restore it first"};
inline constexpr Rule kDealUnknownOwner{"deal.unknown_owner", "the owner is not a known user"};
inline constexpr Rule kDealInactiveOwner{"deal.inactive_owner",
                                         "the owner has left; choose an active user"};
inline constexpr Rule kDealUnknownProduct{"deal.unknown_product", "a product does not exist"};
inline constexpr Rule kDealDiscontinuedProduct{"deal.discontinued_product",
                                               "a product is withdrawn from sale"};
inline constexpr Rule kDealWonWithoutCustomer{"deal.won_without_customer",
                                              "say whose deal it is before it is won"};
inline constexpr Rule kDealLostWithoutReason{"deal.lost_without_reason",
                                             "a lost deal needs a reason"};
inline constexpr Rule kDealClosedBeforeOpened{"deal.closed_before_opened",
                                              "a deal cannot be closed before it was opened"};
/// In an import the fact is recorded without the text: nobody's key could seal it.
inline constexpr Rule kDealTextWithoutCustomer{
    "deal.text_without_customer", "texts belong to the customer; say whose deal it is first"};
}  // namespace rules

using DealCommands = TypeList<OpenDeal, MoveDeal, ChangeDealAmount, ChangeDealCloseDate,
                              AssignDealOwner, ChangeDealLines, AssignDealCustomer, AddDealNote,
                              WinDeal, LoseDeal, ReopenDeal, ArchiveDeal, RestoreDeal>;
using DealEntities = TypeList<Deal>;

}  // namespace factum::crm
