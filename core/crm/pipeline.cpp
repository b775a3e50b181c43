#include "core/crm/pipeline.hpp"

#include <algorithm>
#include <array>

namespace factum::crm {
namespace {

constexpr std::array<std::string_view, 5> kRequirable{"amount", "expected_close", "owner",
                                                      "customer", "lines"};

bool is_open(const Stage& stage) { return stage.category == StageCategory::open; }

bool has_different_keys(const std::vector<Stage>& stages) {
  std::vector<std::string_view> keys;
  for (const Stage& stage : stages) keys.push_back(stage.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

bool leads_somewhere(const StageMove& move, const Pipeline& pipeline) {
  const Stage* from = pipeline.find(move.from);
  return from != nullptr && is_open(*from) && pipeline.find(move.to) != nullptr &&
         move.from != move.to;
}

bool requires_known_fields(const StageMove& move) {
  return std::all_of(move.required.begin(), move.required.end(), [](const std::string& field) {
    return std::find(kRequirable.begin(), kRequirable.end(), field) != kRequirable.end();
  });
}

Status check_pipeline(Decision& decision, const Pipeline& wanted, const DecisionContext& context) {
  const auto& moves = wanted.moves;
  FACTUM_CHECK(
      decision.require(wanted.first_open() != nullptr, rules::kPipelineOpenStageMissing, context));
  FACTUM_CHECK(
      decision.require(has_different_keys(wanted.stages), rules::kPipelineStageTwice, context));
  const auto is_good = [&](const StageMove& move) { return leads_somewhere(move, wanted); };
  FACTUM_CHECK(decision.require(std::all_of(moves.begin(), moves.end(), is_good),
                                rules::kPipelineUnknownStage, context));
  return decision.require(std::all_of(moves.begin(), moves.end(), requires_known_fields),
                          rules::kPipelineUnknownField, context);
}

// Emits the change from `now` to `wanted`, if there is one.
Status change_pipeline(Decision& decision, const Folded<Pipeline>& now, const Pipeline& wanted,
                       const DecisionContext& context) {
  FACTUM_CHECK(check_pipeline(decision, wanted, context));
  if (wanted.name == now.state.name && wanted.stages == now.state.stages &&
      wanted.moves == now.state.moves)
    return {};
  decision.emit(PipelineChanged{now.id, wanted.name, wanted.stages, wanted.moves}, context);
  return {};
}

}  // namespace

const Stage* Pipeline::find(std::string_view key) const {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const Stage& stage) { return stage.key == key; });
  return found == stages.end() ? nullptr : &*found;
}

const Stage* Pipeline::first_open() const {
  const auto found = std::find_if(stages.begin(), stages.end(), is_open);
  return found == stages.end() ? nullptr : &*found;
}

void Pipeline::evolve(const PipelineDefined& e, const EventInfo& /*info*/) {
  id = e.pipeline;
  name = e.name;
  stages = e.stages;
  moves = e.moves;
}

void Pipeline::evolve(const PipelineChanged& e, const EventInfo& /*info*/) {
  name = e.name;
  stages = e.stages;
  moves = e.moves;
}

void Pipeline::evolve(const PipelineRetired& /*e*/, const EventInfo& /*info*/) { retired = true; }

void Pipeline::describe(FieldVisitor& v, Pipeline& p) {
  v.shown("id", p.id, "The pipeline");
  v.shown("name", p.name, "Name");
  v.shown("stages", p.stages, "The stages in order");
  v.shown("moves", p.moves, "Allowed moves; none = every move between open stages");
  v.shown("retired", p.retired, "Takes no new deals");
}

void DefinePipeline::describe(FieldVisitor& v, DefinePipeline& c) {
  v.fact("name", c.name, "Name, not personal", non_empty(200));
  v.fact("stages", c.stages, "The stages in order; at least one is open", at_most(100));
  v.fact("moves", c.moves, "Allowed moves; none = every move between open stages", at_most(500));
}

Result<Decision> DefinePipeline::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  Pipeline wanted{id, name, stages, moves, false};
  if (model.self.exists()) {
    if (stages.empty()) wanted.stages = model.self.state.stages;
    if (moves.empty()) wanted.moves = model.self.state.moves;
    FACTUM_CHECK(change_pipeline(decision, model.self, wanted, context));
    return decision;
  }
  FACTUM_CHECK(check_pipeline(decision, wanted, context));
  decision.emit(PipelineDefined{id, name, stages, moves}, context);
  return decision;
}

void ChangePipeline::describe(FieldVisitor& v, ChangePipeline& c) {
  v.fact("name", c.name, "Name, not personal", non_empty(200));
  v.fact("stages", c.stages, "All stages in order", at_most(100));
  v.fact("moves", c.moves, "All allowed moves", at_most(500));
}

Result<Decision> ChangePipeline::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Pipeline& now = model.self.state;
  FACTUM_CHECK(decision.require(!now.retired, rules::kPipelineRetired, context));
  const Pipeline wanted{id, name.value_or(now.name), stages.value_or(now.stages),
                        moves.value_or(now.moves), false};
  FACTUM_CHECK(change_pipeline(decision, model.self, wanted, context));
  return decision;
}

void RetirePipeline::describe(FieldVisitor& /*v*/, RetirePipeline& /*c*/) {}

Result<Decision> RetirePipeline::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (!model.self.state.retired) decision.emit(PipelineRetired{id}, context);
  return decision;
}

}  // namespace factum::crm
