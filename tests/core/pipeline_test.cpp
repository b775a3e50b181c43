// Rules of pipelines: given events, when a command, then events or a refusal.
#include "core/crm/pipeline.hpp"

#include "tests/core/deal_support.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::Spec;

DefinePipeline definition(std::vector<Stage> stages, std::vector<StageMove> moves = {}) {
  return {{kPipeline}, "Sales", std::move(stages), std::move(moves)};
}

}  // namespace

TEST_CASE("a pipeline is defined with its stages and moves") {
  Spec spec;
  const std::vector<StageMove> moves{{"lead", "talk", {"amount", "owner"}}, {"talk", "won", {}}};
  spec.done(definition(sales_stages(), moves))
      .then(PipelineDefined{kPipeline, "Sales", sales_stages(), moves});
  spec.when(definition(sales_stages())).then_fails(ErrorCode::already_exists);
}

TEST_CASE("a pipeline needs an open stage") {
  Spec spec;
  spec.when(definition({})).then_refused(rules::kPipelineOpenStageMissing);
  spec.when(definition({{"won", "Won", StageCategory::won, 100}}))
      .then_refused(rules::kPipelineOpenStageMissing);
}

TEST_CASE("stages of a pipeline need different keys") {
  auto stages = sales_stages();
  stages[1].key = "lead";
  Spec().when(definition(stages)).then_refused(rules::kPipelineStageTwice);
}

TEST_CASE("moves lead from an open stage to another stage of the pipeline") {
  const Rule& rule = rules::kPipelineUnknownStage;
  Spec spec;
  spec.when(definition(sales_stages(), {{"lead", "none", {}}})).then_refused(rule);
  spec.when(definition(sales_stages(), {{"none", "lead", {}}})).then_refused(rule);
  spec.when(definition(sales_stages(), {{"lead", "lead", {}}})).then_refused(rule);
  spec.when(definition(sales_stages(), {{"won", "lead", {}}})).then_refused(rule);
}

TEST_CASE("a move can only require fields that a deal has") {
  Spec()
      .when(definition(sales_stages(), {{"lead", "talk", {"mood"}}}))
      .then_refused(rules::kPipelineUnknownField);
}

TEST_CASE("changing a pipeline replaces what is given and keeps the rest") {
  Spec spec;
  spec.given(PipelineDefined{kPipeline, "Sales", sales_stages(), {}});
  spec.when(ChangePipeline{{kPipeline}, "Sales", {}, {}}).then();
  spec.done(ChangePipeline{{kPipeline}, "Europe", {}, {}})
      .then(PipelineChanged{kPipeline, "Europe", sales_stages(), {}});
  auto stages = sales_stages();
  stages[0].probability = 20;
  spec.done(ChangePipeline{{kPipeline}, {}, stages, {}})
      .then(PipelineChanged{kPipeline, "Europe", stages, {}});
  spec.when(ChangePipeline{{kPipeline}, {}, std::vector<Stage>{}, {}})
      .then_refused(rules::kPipelineOpenStageMissing);
}

TEST_CASE("a retired pipeline refuses changes") {
  Spec spec;
  spec.given(PipelineDefined{kPipeline, "Sales", sales_stages(), {}});
  spec.done(RetirePipeline{{kPipeline}}).then(PipelineRetired{kPipeline});
  spec.when(RetirePipeline{{kPipeline}}).then();
  spec.when(ChangePipeline{{kPipeline}, "Europe", {}, {}}).then_refused(rules::kPipelineRetired);
}

TEST_CASE("a pipeline that is not there refuses every change") {
  Spec spec;
  spec.when(ChangePipeline{{kPipeline}, "Europe", {}, {}}).then_fails(ErrorCode::not_found);
  spec.when(RetirePipeline{{kPipeline}}).then_fails(ErrorCode::not_found);
}

TEST_CASE("a pipeline defined again by an import becomes the differences") {
  Spec spec;
  spec.importing().done(definition(sales_stages()));
  spec.when(definition(sales_stages())).then();
  auto stages = sales_stages();
  stages[1].name = "Engaging";
  spec.when(definition(stages)).then(PipelineChanged{kPipeline, "Sales", stages, {}});
}

TEST_CASE("a pipeline is shown with all there is") {
  Spec spec;
  spec.given(PipelineDefined{kPipeline, "Sales", {sales_stages()[0]}, {}});
  CHECK(spec.shown<Pipeline>(kPipeline) ==
        R"({"id":")" + kPipeline.uuid.to_string() +
            R"(","name":"Sales","stages":[{"key":"lead","name":"Lead","category":"open",)"
            R"("probability":10}],"moves":[],"retired":false})");
}

}  // namespace factum::crm
