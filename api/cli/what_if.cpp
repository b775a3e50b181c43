#include "api/cli/what_if.hpp"

#include "api/app_files.hpp"
#include "core/crm/deal_events.hpp"
#include "core/es/json_reader.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace factum::cli {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kDefinitionsPerRead = 1000;

using Stages = std::map<Uuid, std::set<std::string>>;

template <class E>
EventBox with_chances(const E& event, const std::vector<WhatIfPipeline>& pipelines,
                      const EventBox& box) {
  const auto wanted =
      std::find_if(pipelines.begin(), pipelines.end(),
                   [&](const WhatIfPipeline& known) { return known.pipeline == event.pipeline; });
  if (wanted == pipelines.end()) return box;
  E changed = event;
  for (crm::Stage& stage : changed.stages) {
    const auto chance =
        std::find_if(wanted->stages.begin(), wanted->stages.end(),
                     [&](const WhatIfStage& known) { return known.key == stage.key; });
    if (chance != wanted->stages.end()) stage.probability = chance->probability;
  }
  return EventBox::of(std::move(changed));
}

template <class E>
void note_stages(const DecodedEvent& event, Stages& known) {
  const E* defined = event.get<E>();
  if (defined == nullptr) return;
  for (const crm::Stage& stage : defined->stages) known[defined->pipeline.uuid].insert(stage.key);
}

// Every stage that any pipeline ever had.
Result<Stages> known_stages(const EventStore& store, const EventCodec& codec) {
  Stages known;
  const Query definitions{
      {{{std::string(crm::PipelineDefined::kName), std::string(crm::PipelineChanged::kName)}, {}}}};
  ReadOptions options{.limit = kDefinitionsPerRead, .with_slots = false};
  while (true) {
    FACTUM_TRY(const auto events, store.read(definitions, options));
    for (const RecordedEvent& recorded : events) {
      FACTUM_TRY(const DecodedEvent event, codec.decode(recorded, false));
      note_stages<crm::PipelineDefined>(event, known);
      note_stages<crm::PipelineChanged>(event, known);
    }
    if (events.size() < kDefinitionsPerRead) return known;
    options.from = Position(events.back().position.value() + 1);
  }
}

Error named(const std::string& path, Error error) {
  std::string where;
  for (const FieldError& field : error.fields) where += " " + field.pointer + ": " + field.detail;
  error.message = path + ": " + error.message + where;
  return error;
}

}  // namespace

Result<WhatIf> read_what_if(const std::string& path, const EventStore& store,
                            const EventCodec& codec) {
  FACTUM_TRY(const std::string text, api::read_named_file(path, kFileBytesMax));
  auto wanted = from_json<WhatIf>(text);
  if (!wanted) return fail(named(path, std::move(wanted).error()));
  FACTUM_TRY(const Stages known, known_stages(store, codec));
  for (const WhatIfPipeline& pipeline : wanted->pipelines) {
    const auto stages = known.find(pipeline.pipeline.uuid);
    if (stages == known.end()) {
      return fail(ErrorCode::invalid_argument,
                  path + ": there is no pipeline " + pipeline.pipeline.uuid.to_string());
    }
    std::set<std::string> named;
    for (const WhatIfStage& stage : pipeline.stages) {
      if (!named.insert(stage.key).second) {
        return fail(ErrorCode::invalid_argument,
                    path + ": the stage " + stage.key + " stands twice");
      }
      if (stages->second.contains(stage.key)) continue;
      return fail(ErrorCode::invalid_argument,
                  path + ": the pipeline never had a stage " + stage.key);
    }
  }
  return std::move(*wanted);
}

EventBox WhatIf::redefine(const EventBox& event) const {
  if (const auto* defined = event.get<crm::PipelineDefined>())
    return with_chances(*defined, pipelines, event);
  if (const auto* changed = event.get<crm::PipelineChanged>())
    return with_chances(*changed, pipelines, event);
  return event;
}

void WhatIfStage::describe(FieldVisitor& v, WhatIfStage& s) {
  v.shown("key", s.key, "Key of the stage", non_empty(64));
  v.shown("probability", s.probability, "Chance of winning in percent", between(0, 100));
}

void WhatIfPipeline::describe(FieldVisitor& v, WhatIfPipeline& p) {
  v.shown("pipeline", p.pipeline, "The pipeline");
  v.shown("stages", p.stages, "Stages with another chance", at_most(100));
}

void WhatIf::describe(FieldVisitor& v, WhatIf& w) {
  v.shown("pipelines", w.pipelines, "Pipelines with another definition", at_most(100));
}

}  // namespace factum::cli
