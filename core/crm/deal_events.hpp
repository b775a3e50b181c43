// Events of pipelines and deals.
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

struct PipelineDefined {
  static constexpr std::string_view kName = "PipelineDefined";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A pipeline with its stages and rules exists";

  PipelineId pipeline;
  std::string name;
  std::vector<Stage> stages;
  std::vector<StageMove> moves;

  static void describe(FieldVisitor& v, PipelineDefined& e) {
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("name", e.name, "Name, not personal", non_empty(200));
    v.fact("stages", e.stages, "The stages in order");
    v.fact("moves", e.moves, "Allowed moves; none = every move between open stages");
  }
};

struct PipelineChanged {
  static constexpr std::string_view kName = "PipelineChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Stages, probabilities or rules of a pipeline changed";

  PipelineId pipeline;
  std::string name;
  std::vector<Stage> stages;
  std::vector<StageMove> moves;

  static void describe(FieldVisitor& v, PipelineChanged& e) {
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("name", e.name, "Name, not personal", non_empty(200));
    v.fact("stages", e.stages, "The stages in order");
    v.fact("moves", e.moves, "Allowed moves; none = every move between open stages");
  }
};

struct PipelineRetired {
  static constexpr std::string_view kName = "PipelineRetired";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "No new deals enter this pipeline";

  PipelineId pipeline;

  static void describe(FieldVisitor& v, PipelineRetired& e) {
    v.id("pipeline", e.pipeline, "The pipeline");
  }
};

struct DealOpened {
  static constexpr std::string_view kName = "DealOpened";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A chance to sell is worked on";

  DealId deal;
  PipelineId pipeline;
  std::optional<CustomerId> customer;
  std::string stage;
  std::optional<Money> amount;
  std::optional<Date> expected_close;
  std::optional<UserId> owner;
  std::vector<DealLine> lines;
  std::optional<std::string> origin;
  Sealed<std::string> title;

  static void describe(FieldVisitor& v, DealOpened& e) {
    v.id("deal", e.deal, "The deal");
    v.id("pipeline", e.pipeline, "The pipeline");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("stage", e.stage, "Key of the first stage", non_empty(64));
    v.fact("amount", e.amount, "Expected value");
    v.fact("expected_close", e.expected_close, "Expected day of closing");
    v.fact("owner", e.owner, "The user who works on it");
    v.fact("lines", e.lines, "Products");
    v.fact("origin", e.origin, "Where it came from, a code");
    v.personal("title", e.title, by("customer", e.customer), "Heading", at_most(500));
  }
};

struct DealStageChanged {
  static constexpr std::string_view kName = "DealStageChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The deal moved to another open stage";

  DealId deal;
  std::optional<CustomerId> customer;
  PipelineId pipeline;
  std::string from_stage;
  std::string to_stage;

  static void describe(FieldVisitor& v, DealStageChanged& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("from_stage", e.from_stage, "The stage before", non_empty(64));
    v.fact("to_stage", e.to_stage, "The stage after", non_empty(64));
  }
};

struct DealAmountChanged {
  static constexpr std::string_view kName = "DealAmountChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The expected value changed";

  DealId deal;
  std::optional<CustomerId> customer;
  std::optional<Money> amount;
  std::optional<Money> previous_amount;

  static void describe(FieldVisitor& v, DealAmountChanged& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("amount", e.amount, "The new value; absent = unknown");
    v.fact("previous_amount", e.previous_amount, "The value before");
  }
};

struct DealCloseDateChanged {
  static constexpr std::string_view kName = "DealCloseDateChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The expected day of closing changed";

  DealId deal;
  std::optional<CustomerId> customer;
  std::optional<Date> expected_close;

  static void describe(FieldVisitor& v, DealCloseDateChanged& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("expected_close", e.expected_close, "The new day; absent = unknown");
  }
};

struct DealOwnerAssigned {
  static constexpr std::string_view kName = "DealOwnerAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Another user works on the deal";

  DealId deal;
  std::optional<CustomerId> customer;
  std::optional<UserId> owner;
  std::optional<UserId> previous_owner;

  static void describe(FieldVisitor& v, DealOwnerAssigned& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("owner", e.owner, "The new owner");
    v.fact("previous_owner", e.previous_owner, "The owner before");
  }
};

struct DealLinesChanged {
  static constexpr std::string_view kName = "DealLinesChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The products of the deal changed";

  DealId deal;
  std::optional<CustomerId> customer;
  std::vector<DealLine> lines;

  static void describe(FieldVisitor& v, DealLinesChanged& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("lines", e.lines, "All products now");
  }
};

struct DealCustomerAssigned {
  static constexpr std::string_view kName = "DealCustomerAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The deal belongs to a customer that was unknown or wrong before";

  DealId deal;
  CustomerId customer;
  std::optional<CustomerId> previous_customer;

  static void describe(FieldVisitor& v, DealCustomerAssigned& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer");
    v.id("previous_customer", e.previous_customer, "The customer before");
  }
};

struct DealNoteAdded {
  static constexpr std::string_view kName = "DealNoteAdded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A note on the deal";

  DealId deal;
  std::optional<CustomerId> customer;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, DealNoteAdded& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.personal("text", e.text, by("customer", e.customer), "The note", kLongText);
  }
};

struct DealWon {
  static constexpr std::string_view kName = "DealWon";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The customer bought; a later one without reopening corrects and replaces it";

  DealId deal;
  std::optional<CustomerId> customer;
  PipelineId pipeline;
  std::string from_stage;
  std::optional<Money> amount;

  static void describe(FieldVisitor& v, DealWon& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("from_stage", e.from_stage, "The stage before", non_empty(64));
    v.fact("amount", e.amount, "Final value");
  }
};

struct DealLost {
  static constexpr std::string_view kName = "DealLost";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The customer did not buy; a later one without reopening corrects and replaces it";

  DealId deal;
  std::optional<CustomerId> customer;
  PipelineId pipeline;
  std::string from_stage;
  std::string reason;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, DealLost& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("from_stage", e.from_stage, "The stage before", non_empty(64));
    v.fact("reason", e.reason, "Why, a code; empty = an import did not say", at_most(200));
    v.personal("text", e.text, by("customer", e.customer), "Explanation", kLongText);
  }
};

struct DealReopened {
  static constexpr std::string_view kName = "DealReopened";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A closed deal is worked on again";

  DealId deal;
  std::optional<CustomerId> customer;
  PipelineId pipeline;
  std::string stage;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, DealReopened& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
    v.id("pipeline", e.pipeline, "The pipeline");
    v.fact("stage", e.stage, "The stage it returns to", non_empty(64));
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct DealArchived {
  static constexpr std::string_view kName = "DealArchived";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The deal is out of sight";

  DealId deal;
  std::optional<CustomerId> customer;

  static void describe(FieldVisitor& v, DealArchived& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
  }
};

struct DealRestored {
  static constexpr std::string_view kName = "DealRestored";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The deal is in sight again";

  DealId deal;
  std::optional<CustomerId> customer;

  static void describe(FieldVisitor& v, DealRestored& e) {
    v.id("deal", e.deal, "The deal");
    v.id("customer", e.customer, "The customer, if known");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using DealEvents =
    TypeList<PipelineDefined, PipelineChanged, PipelineRetired, DealOpened, DealStageChanged,
             DealAmountChanged, DealCloseDateChanged, DealOwnerAssigned, DealLinesChanged,
             DealCustomerAssigned, DealNoteAdded, DealWon, DealLost, DealReopened, DealArchived,
             DealRestored>;

}  // namespace factum::crm
