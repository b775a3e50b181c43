// Another definition of pipelines, for views as they would have been under it.
#pragma once

#include "core/crm/ids.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace factum::cli {

struct WhatIfStage {
  std::string key;
  std::int64_t probability = 0;

  static void describe(FieldVisitor& v, WhatIfStage& s);
};

struct WhatIfPipeline {
  crm::PipelineId pipeline;
  std::vector<WhatIfStage> stages;

  static void describe(FieldVisitor& v, WhatIfPipeline& p);
};

/// Chances of stages in place of those that were defined.
struct WhatIf {
  std::vector<WhatIfPipeline> pipelines;

  static void describe(FieldVisitor& v, WhatIf& w);
  /// The event as it would have been.
  EventBox redefine(const EventBox& event) const;
};

/// Reads `{"pipelines": [{"pipeline": "<id>", "stages": [{"key": "lead", "probability": 40}]}]}`.
/// Errors: io_error; invalid_argument, also for a pipeline or stage that the log never had.
Result<WhatIf> read_what_if(const std::string& path, const EventStore& store,
                            const EventCodec& codec);

}  // namespace factum::cli
