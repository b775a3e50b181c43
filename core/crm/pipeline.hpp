// Pipelines: the stages deals go through, the moves allowed between them, and the rules.
#pragma once

#include "core/crm/deal_events.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// A pipeline as its events leave it.
struct Pipeline {
  using Id = PipelineId;
  using Events = TypeList<PipelineDefined, PipelineChanged, PipelineRetired>;

  PipelineId id;
  std::string name;
  std::vector<Stage> stages;
  std::vector<StageMove> moves;
  bool retired = false;

  /// The stage with this key, or null.
  const Stage* find(std::string_view key) const;
  /// The first open stage, or null.
  const Stage* first_open() const;

  void evolve(const PipelineDefined& e, const EventInfo& info);
  void evolve(const PipelineChanged& e, const EventInfo& info);
  void evolve(const PipelineRetired& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Pipeline& p);
};

struct DefinePipeline : CreationOf<Pipeline> {
  static constexpr std::string_view kName = "DefinePipeline";
  static constexpr std::string_view kDoc = "Makes a pipeline with its stages and allowed moves";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"name", "stages", "moves", "occurred_at"});

  std::string name;
  std::vector<Stage> stages;
  std::vector<StageMove> moves;

  static void describe(FieldVisitor& v, DefinePipeline& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ChangePipeline : CommandOn<Pipeline> {
  static constexpr std::string_view kName = "ChangePipeline";
  static constexpr std::string_view kDoc =
      "Replaces name, stages or moves; what is absent stays. Deals in a stage that is taken away "
      "stay there until they are moved";

  std::optional<std::string> name;
  std::optional<std::vector<Stage>> stages;
  std::optional<std::vector<StageMove>> moves;

  static void describe(FieldVisitor& v, ChangePipeline& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RetirePipeline : CommandOn<Pipeline> {
  static constexpr std::string_view kName = "RetirePipeline";
  static constexpr std::string_view kDoc = "Takes no new deals into the pipeline any more";

  static void describe(FieldVisitor& v, RetirePipeline& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kPipelineRetired{"pipeline.retired",
                                       "the pipeline is retired; use or define another"};
inline constexpr Rule kPipelineOpenStageMissing{"pipeline.open_stage_missing",
                                                "a pipeline needs at least one open stage"};
inline constexpr Rule kPipelineStageTwice{"pipeline.stage_twice",
                                          "stages of a pipeline need different keys"};
inline constexpr Rule kPipelineUnknownStage{"pipeline.unknown_stage",
                                            "moves lead from an open stage to another stage"};
inline constexpr Rule kPipelineUnknownField{
    "pipeline.unknown_field",
    "a move can require amount, expected_close, owner, customer and lines"};
}  // namespace rules

using PipelineCommands = TypeList<DefinePipeline, ChangePipeline, RetirePipeline>;
using PipelineEntities = TypeList<Pipeline>;

}  // namespace factum::crm
